"""Ways to earn, said rule by rule and campaign by campaign as a shopper reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from plugin.journeys.phrasing import Phrases
from plugin.journeys.phrasing_conditions import conditions_of, times_of, with_conditions
from plugin.rules import ProgrammeDocument
from plugin.rules.running import Window
from plugin.rules.schema_bonuses import NthOrderRule, SpendGoalRule, UnitRule, WeightRule
from plugin.rules.schema_campaigns import Campaign, RewardPrice, RewardValue
from plugin.rules.schema_earning import ProductTypeRule, Rule
from plugin.rules.schema_match import Match
from plugin.rules.schema_spending import SpendAmountRule, SpendBandsRule


def ways_to_earn(document: ProgrammeDocument, phrases: Phrases, now: datetime) -> list[dict[str, str]]:
    """Say, rule by rule, how points are earned, then which campaigns run; all plain spend rules together are one way."""
    ways = []
    if document.earning.points_per_unit:
        ways.append({"kind": "spend", "sentence": _spend(document.earning.points_per_unit, phrases)})
    for rule in document.earning.rules:
        if rule.is_active:
            conditions = conditions_of(rule.when, document, phrases)
            said = (with_conditions(one, conditions, phrases) for one in _rule_sentences(rule, phrases))
            ways += [{"kind": rule.kind, "sentence": sentence} for sentence in said]
    running = [one for one in document.campaigns if one.is_active and _is_on(one, phrases, now)]
    return ways + [{"kind": "campaign", "sentence": _campaign(one, document, phrases)} for one in running]


def _is_on(campaign: Campaign, phrases: Phrases, now: datetime) -> bool:
    """Whether a campaign runs these days; the hours and weekdays are said, not waited for."""
    window = Window(campaign.starts, campaign.ends, frozenset(), ())
    return window.holds(now, phrases.timezone)


def _campaign(campaign: Campaign, document: ProgrammeDocument, phrases: Phrases) -> str:
    conditions = [*conditions_of(campaign.when, document, phrases), *times_of(campaign, phrases)]
    sentence = with_conditions(_effect(campaign, document, phrases), conditions, phrases)
    if not campaign.title:
        return sentence
    return phrases.words.say("earn.campaign.titled", title=phrases.words.pick(campaign.title), sentence=sentence)


def _effect(campaign: Campaign, document: ProgrammeDocument, phrases: Phrases) -> str:
    effect, say = campaign.effect, phrases.words.say
    what = _matched(campaign.match, phrases) if campaign.match else None
    if effect.kind == "multiply":
        factor = phrases.words.number(effect.factor)
        if what:
            return say("earn.product.multiplier", factor=factor, what=what)
        return say("earn.campaign.multiply", factor=factor)
    if effect.kind == "add":
        points = phrases.points(effect.points)
        if effect.per == "order":
            return say("earn.campaign.order.of", points=points, what=what) if what else say("earn.order", points=points)
        return say("earn.product.extra", points=points, what=what) if what else say("earn.unit", points=points)
    return _of_rewards(effect, document, phrases)


def _of_rewards(effect: RewardPrice | RewardValue, document: ProgrammeDocument, phrases: Phrases) -> str:
    """Say what becomes of which rewards; those that are named are named, those that are off are not."""
    named = [one for one in document.rewards if one.is_active and one.id in effect.rewards]
    key = "earn.campaign.price" if effect.kind == "reward_price" else "earn.campaign.value"
    share = effect.percent_off if effect.kind == "reward_price" else effect.percent_more
    percent = phrases.words.percent(Decimal(share) / 100)
    if not named:
        return phrases.words.say(key, percent=percent)
    rewards = ", ".join(map(phrases.reward_title, named))
    return phrases.words.say(f"{key}.of", percent=percent, rewards=rewards)


def _spend(points_per_unit: Decimal, phrases: Phrases) -> str:
    """Say "1 point for every €1"; a fraction of a point is told the other way round, "1 point for every €10"."""
    units = 1 / points_per_unit
    if points_per_unit < 1 and units == units.to_integral_value():
        return phrases.words.say("earn.spend", points=phrases.points(1), amount=phrases.money(units))
    points = phrases.decimal_points(points_per_unit)
    return phrases.words.say("earn.spend", points=points, amount=phrases.money(Decimal(1)))


def _rule_sentences(rule: Rule, phrases: Phrases) -> Iterator[str]:
    if rule.kind == "spend":
        if rule.when is not None:  # those that ask nothing are said together
            yield _spend(rule.points_per_unit, phrases)
    elif rule.kind == "spend_amount":
        yield _amount(rule, phrases)
    elif rule.kind == "spend_bands":
        yield from _bands(rule, phrases)
    elif rule.kind == "gift_card":
        for band in (one for one in rule.bands if one.points):
            amount = phrases.money(band.spend_from)
            yield phrases.words.say("earn.gift_card", points=phrases.points(band.points), amount=amount)
    elif rule.kind == "product_type":
        yield from _products(rule, phrases)
    else:
        yield _bonus(rule, phrases)


def _amount(rule: SpendAmountRule, phrases: Phrases) -> str:
    key = "earn.spend.full" if rule.full_amounts else "earn.spend"
    return phrases.words.say(key, points=phrases.decimal_points(rule.points), amount=phrases.money(rule.amount))


def _bands(rule: SpendBandsRule, phrases: Phrases) -> Iterator[str]:
    for band in rule.bands:
        if band.points:
            amount = phrases.money(band.spend_from)
            yield phrases.words.say("earn.band", points=phrases.points(band.points), amount=amount)


def _products(rule: ProductTypeRule, phrases: Phrases) -> Iterator[str]:
    say, what = phrases.words.say, _named(rule.title, rule.match, phrases)
    if rule.exclude or (rule.multiplier == 0 and not rule.points_per_item):
        yield say("earn.product.none", what=what)
        return
    if rule.multiplier and rule.multiplier != 1:
        yield say("earn.product.multiplier", factor=phrases.words.number(rule.multiplier), what=what)
    if rule.points_per_item:
        key = "earn.product.each" if rule.multiplier == 0 else "earn.product.extra"
        yield say(key, points=phrases.decimal_points(rule.points_per_item), what=what)


def _bonus(rule: Rule, phrases: Phrases) -> str:
    if isinstance(rule, UnitRule):
        return _unit(rule, phrases)
    if isinstance(rule, WeightRule):
        return _weight(rule, phrases)
    if isinstance(rule, NthOrderRule):
        return _nth(rule, phrases)
    if isinstance(rule, SpendGoalRule):
        return _goal(rule, phrases)
    return phrases.words.say("earn.order", points=phrases.points(int(getattr(rule, "points", 0))))


def _unit(rule: UnitRule, phrases: Phrases) -> str:
    points = phrases.decimal_points(rule.points)
    if rule.match is None:
        return phrases.words.say("earn.unit", points=points)
    return phrases.words.say("earn.product.extra", points=points, what=_named(rule.title, rule.match, phrases))


def _weight(rule: WeightRule, phrases: Phrases) -> str:
    points, weight = phrases.decimal_points(rule.points), phrases.words.weight(rule.weight, rule.unit)
    full = ".full" if rule.full_weights else ""
    if rule.match is None:
        return phrases.words.say(f"earn.weight{full}", points=points, weight=weight)
    what = _named(rule.title, rule.match, phrases)
    return phrases.words.say(f"earn.weight.of{full}", points=points, weight=weight, what=what)


def _nth(rule: NthOrderRule, phrases: Phrases) -> str:
    points = phrases.points(rule.points)
    if rule.every:
        return phrases.words.say("earn.nth.every", points=points, number=phrases.words.number(rule.every))
    if rule.number == 1:
        return phrases.words.say("earn.nth.first", points=points)
    return phrases.words.say("earn.nth.number", points=points, number=phrases.words.number(rule.number or 0))


def _goal(rule: SpendGoalRule, phrases: Phrases) -> str:
    key = "earn.goal.again" if rule.repeats else "earn.goal"
    period = phrases.words.say(f"period.{rule.period}")
    return phrases.words.say(key, points=phrases.points(rule.points), amount=phrases.money(rule.goal), period=period)


def _named(title: Mapping[str, str] | None, match: Match, phrases: Phrases) -> str:
    return phrases.words.pick(title) if title else _matched(match, phrases)


def _matched(match: Match, phrases: Phrases) -> str:
    """Name products by what they are matched by, as far as people can read it."""
    if match.collections or match.products or match.skus:
        return phrases.words.say("earn.product.selected")
    return ", ".join([*match.product_types, *match.vendors, *match.tags])

"""Make calculators of a document's earning rules and campaigns, once per document: orders come by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from plugin.facts import Context, OrderLine, OrderSnapshot
from plugin.rules.calculators import ProductTypeRewardCalculator, SpendRewardCalculator
from plugin.rules.calculators_bonuses import (
    GiftCardRewardCalculator,
    NthOrderRewardCalculator,
    OrderRewardCalculator,
    SpendGoalRewardCalculator,
    UnitRewardCalculator,
    WeightRewardCalculator,
)
from plugin.rules.calculators_spending import SpendAmountRewardCalculator, SpendBandsRewardCalculator
from plugin.rules.campaigns import RunningCampaign
from plugin.rules.conditions import Conditions
from plugin.rules.exact import ONE, ZERO
from plugin.rules.multiplying import Multipliers
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_bonuses import WeightUnit
from plugin.rules.schema_earning import ProductTypeRule, Rule
from plugin.rules.schema_match import Match
from plugin.rules.selection import Selection
from plugin.rules.taking import Takers

SpendCalculator = SpendRewardCalculator | SpendAmountRewardCalculator | SpendBandsRewardCalculator
BonusCalculator = (
    OrderRewardCalculator
    | UnitRewardCalculator
    | WeightRewardCalculator
    | NthOrderRewardCalculator
    | GiftCardRewardCalculator
    | SpendGoalRewardCalculator
)
_GRAMS: dict[WeightUnit, Fraction] = {
    "g": ONE,
    "kg": Fraction(1000),
    "oz": Fraction("28.349523125"),
    "lb": Fraction("453.59237"),
}


@dataclass(frozen=True, slots=True)
class Calculators:
    """Rules in the sequence in which they are asked: product rules that exclude, other product rules, spend rules, bonuses."""

    products: tuple[ProductTypeRewardCalculator, ...]
    spend: tuple[SpendCalculator, ...]
    bonuses: tuple[BonusCalculator, ...]
    takers: Takers


@dataclass(frozen=True, slots=True)
class Plan:
    """A document, compiled: its rules, what they ask of an order as a whole, the campaigns about orders, factors of who buys.

    `conditions` are by rule id. `needs_all_products` is where some part asks the product of any line, `selections` are the other parts
    that name products.
    """

    document: ProgrammeDocument
    calculators: Calculators
    conditions: tuple[tuple[str, Conditions], ...]
    campaigns: tuple[RunningCampaign, ...]
    multipliers: Multipliers
    needs_all_products: bool
    selections: tuple[Selection, ...]

    def chosen(self, order: OrderSnapshot, spend: Fraction, context: Context) -> tuple[Calculators, dict[str, str]]:
        """Choose the rules whose conditions an order meets: (they, which others did not apply and why)."""
        if not self.conditions:
            return self.calculators, {}
        found = ((rule_id, one.unmet(order, spend, context)) for rule_id, one in self.conditions)
        unmet = {rule_id: why for rule_id, why in found if why}
        return calculators_of(self.document, frozenset(unmet)) if unmet else self.calculators, unmet

    def running(self, order: OrderSnapshot, spend: Fraction, context: Context) -> list[RunningCampaign]:
        """List the campaigns that act on an order, in the document's sequence."""
        return [one for one in self.campaigns if one.unmet(order, spend, context) is None]

    def asks_product(self, line: OrderLine) -> bool:
        """Whether only the line's product could tell what becomes of it."""
        return self.needs_all_products or any(one.asks_product(line) for one in self.selections)


@lru_cache(maxsize=256)
def plan_of(document: ProgrammeDocument) -> Plan:
    """Compile a document."""
    active = [rule for rule in document.earning.rules if rule.is_active]
    campaigns = [one for one in document.campaigns if one.is_active and not one.is_for_rewards]
    conditions = ((rule.id, Conditions.of(rule.when)) for rule in active)
    matches = [*_matches(active), *(one.match for one in campaigns)]
    selections = tuple(Selection.of(match) for match in matches if match)
    return Plan(
        document,
        calculators_of(document),
        tuple((rule_id, one) for rule_id, one in conditions if one),
        tuple(RunningCampaign.of(one) for one in campaigns),
        Multipliers.of(document),
        any(one.asks_any_product for one in selections),
        selections,
    )


@lru_cache(maxsize=1024)
def calculators_of(document: ProgrammeDocument, without: frozenset[str] = frozenset()) -> Calculators:
    """Return the calculators of the document's active rules but these."""
    active = [rule for rule in document.earning.rules if rule.is_active and rule.id not in without]
    spend = [one for rule in active if (one := _spending(rule))]
    rate = sum((one.points_per_unit for one in spend if not isinstance(one, SpendBandsRewardCalculator)), ZERO)
    products = [_product_type(rule, rate) for rule in active if rule.kind == "product_type"]
    products.sort(key=lambda calculator: not calculator.excludes)
    bonuses = tuple(bonus for rule in active if (bonus := _bonus(rule)))
    return Calculators(tuple(products), tuple(spend), bonuses, Takers.of(products))


def _matches(rules: Iterable[Rule]) -> Iterator[Match | None]:
    for rule in rules:
        if rule.kind in {"product_type", "unit", "weight"}:
            yield getattr(rule, "match", None)


def _spending(rule: Rule) -> SpendCalculator | None:
    if rule.kind == "spend":
        return SpendRewardCalculator(rule.id, Fraction(rule.points_per_unit))
    if rule.kind == "spend_amount":
        return SpendAmountRewardCalculator(rule.id, Fraction(rule.points), Fraction(rule.amount), rule.full_amounts)
    if rule.kind == "spend_bands":
        bands = tuple((Fraction(one.spend_from), one.points) for one in rule.bands)
        return SpendBandsRewardCalculator(rule.id, bands)
    return None


def _product_type(rule: ProductTypeRule, points_per_unit: Fraction) -> ProductTypeRewardCalculator:
    return ProductTypeRewardCalculator(
        rule_id=rule.id,
        selection=Selection.of(rule.match),
        points_per_unit=points_per_unit,
        multiplier=_exact(rule.multiplier, ONE),
        points_per_item=_exact(rule.points_per_item, ZERO),
        excludes=rule.exclude,
    )


def _bonus(rule: Rule) -> BonusCalculator | None:
    return _milestone(rule) or _goods(rule)


def _goods(rule: Rule) -> BonusCalculator | None:
    if rule.kind == "order":
        return OrderRewardCalculator(rule.id, rule.points, rule.is_multiplied)
    if rule.kind == "unit":
        return UnitRewardCalculator(rule.id, Fraction(rule.points), _selection(rule.match), rule.is_multiplied)
    if rule.kind == "weight":
        grams = Fraction(rule.weight) * _GRAMS[rule.unit]
        points, selection = Fraction(rule.points), _selection(rule.match)
        return WeightRewardCalculator(
            rule.id, points, grams, rule.unit, rule.full_weights, selection, rule.is_multiplied
        )
    if rule.kind == "gift_card":
        bands = tuple((Fraction(one.spend_from), one.points) for one in rule.bands)
        return GiftCardRewardCalculator(rule.id, bands, rule.is_multiplied)
    return None


def _milestone(rule: Rule) -> BonusCalculator | None:
    if rule.kind == "nth_order":
        return NthOrderRewardCalculator(rule.id, rule.points, rule.number, rule.every, rule.is_multiplied)
    if rule.kind == "spend_goal":
        goal = Fraction(rule.goal)
        return SpendGoalRewardCalculator(rule.id, rule.points, goal, rule.period, rule.repeats, rule.is_multiplied)
    return None


def _selection(match: Match | None) -> Selection | None:
    return Selection.of(match) if match else None


def _exact(number: Decimal | None, otherwise: Fraction) -> Fraction:
    return otherwise if number is None else Fraction(number)

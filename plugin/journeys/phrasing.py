"""Phrases a shopper reads: points under the merchant's own name, rewards, ways to earn, why points came and went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from plugin.messages import LANGUAGES, Words
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_earning import ProductTypeRule, Rule

_MANY = 2


@dataclass(frozen=True, slots=True)
class Phrases:
    """One reader's words for one programme. `points_name` is None where the merchant calls points just that."""

    words: Words
    currency: str
    timezone: str
    points_name: str | None = None

    def unit(self, count: int) -> str:
        """What points are called beside this number."""
        return self.points_name or self.words.say("points.unit", count)

    def points(self, count: int) -> str:
        """Say a number of points: "1,240 points"."""
        return self.words.say("points.named", count, unit=self.unit(count))

    def change(self, count: int) -> str:
        """Write a signed number of points; a loss gets a true minus sign, as wide as the plus."""
        return ("+" if count > 0 else "\N{MINUS SIGN}") + self.words.number(abs(count))

    def money(self, amount: Decimal) -> str:
        """Write an amount of the shop's currency."""
        return self.words.money(amount, self.currency)

    def date(self, instant: datetime) -> str:
        """Write the day of an instant in the programme's timezone."""
        return self.words.date(instant, self.timezone)

    def title(self, titles: Mapping[str, str] | None, amount: Decimal) -> str:
        """What a reward is called: the merchant's title, or else what it takes off."""
        return self.words.pick(titles) if titles else self.words.say("reward.fixed_amount", amount=self.money(amount))

    def stored_title(self, reward: Mapping[str, Any]) -> str:
        """What a reward is called that a redemption has stored."""
        return self.title(reward.get("title"), Decimal(reward["amount"]))


def phrases_for(locale: str, document: ProgrammeDocument, currency: str, timezone: str) -> Phrases:
    """Choose the words for a reader of a programme."""
    words = Words(locale)
    name = words.pick(document.points_name)
    return Phrases(words, currency, timezone, None if name in _plain_names() else name)


def ways_to_earn(document: ProgrammeDocument, phrases: Phrases) -> list[dict[str, str]]:
    """Say, rule by rule, how points are earned; all spend rules together are one way."""
    ways = []
    if document.earning.points_per_unit:
        ways.append({"kind": "spend", "sentence": _spend(document.earning.points_per_unit, phrases)})
    for rule in document.earning.rules:
        ways += [{"kind": rule.kind, "sentence": sentence} for sentence in _rule_sentences(rule, phrases)]
    return ways


def _spend(points_per_unit: Decimal, phrases: Phrases) -> str:
    """Say "1 point for every €1"; a fraction of a point is told the other way round, "1 point for every €10"."""
    units = 1 / points_per_unit
    if points_per_unit < 1 and units == units.to_integral_value():
        return phrases.words.say("earn.spend", points=phrases.points(1), amount=phrases.money(units))
    points = _decimal_points(points_per_unit, phrases)
    return phrases.words.say("earn.spend", points=points, amount=phrases.money(Decimal(1)))


def _decimal_points(points: Decimal, phrases: Phrases) -> str:
    if points == points.to_integral_value():
        return phrases.points(int(points))
    return phrases.words.say("points.decimal", number=phrases.words.number(points), unit=phrases.unit(_MANY))


def _rule_sentences(rule: Rule, phrases: Phrases) -> Iterator[str]:
    if not isinstance(rule, ProductTypeRule) or not rule.is_active:
        return
    say, what = phrases.words.say, _what(rule, phrases)
    if rule.exclude or (rule.multiplier == 0 and not rule.points_per_item):
        yield say("earn.product.none", what=what)
        return
    if rule.multiplier and rule.multiplier != 1:
        yield say("earn.product.multiplier", factor=phrases.words.number(rule.multiplier), what=what)
    if rule.points_per_item:
        key = "earn.product.each" if rule.multiplier == 0 else "earn.product.extra"
        yield say(key, points=_decimal_points(rule.points_per_item, phrases), what=what)


def _what(rule: ProductTypeRule, phrases: Phrases) -> str:
    """Name the products: the merchant's title for the rule, else what they are matched by, as far as people can read it."""
    if rule.title:
        return phrases.words.pick(rule.title)
    match = rule.match
    if match.collections or match.products or match.skus:
        return phrases.words.say("earn.product.selected")
    return ", ".join([*match.product_types, *match.vendors, *match.tags])


@cache
def _plain_names() -> frozenset[str]:
    return frozenset(Words(language).say("points.unit", _MANY) for language in LANGUAGES)

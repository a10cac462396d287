"""Phrases a shopper reads: points under the merchant's own name, money, dates, rewards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from plugin.messages import LANGUAGES, Words
from plugin.rules import ProgrammeDocument, Reward

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

    def decimal_points(self, points: Decimal) -> str:
        """Say a number of points that may have decimals: "1.5 points"."""
        if points == points.to_integral_value():
            return self.points(int(points))
        return self.words.say("points.decimal", number=self.words.number(points), unit=self.unit(_MANY))

    def change(self, count: int) -> str:
        """Write a signed number of points; a loss gets a true minus sign, as wide as the plus."""
        return ("+" if count > 0 else "\N{MINUS SIGN}") + self.words.number(abs(count))

    def money(self, amount: Decimal) -> str:
        """Write an amount of the shop's currency."""
        return self.words.money(amount, self.currency)

    def date(self, instant: datetime) -> str:
        """Write the day of an instant in the programme's timezone."""
        return self.words.date(instant, self.timezone)

    def title(self, titles: Mapping[str, str] | None, amount: Decimal | None) -> str:
        """What a reward is called: the merchant's title, or else what it takes off; without an amount that is the delivery."""
        if titles:
            return self.words.pick(titles)
        if amount is None:
            return self.words.say("reward.free_shipping")
        return self.words.say("reward.fixed_amount", amount=self.money(amount))

    def reward_title(self, reward: Reward) -> str:
        """What a reward of the catalogue is called."""
        return self.title(reward.title, reward.amount if reward.kind == "fixed_amount" else None)

    def stored_title(self, reward: Mapping[str, Any]) -> str:
        """What a reward is called that a redemption has stored."""
        return self.title(reward.get("title"), Decimal(reward["amount"]) if "amount" in reward else None)


def phrases_for(locale: str, document: ProgrammeDocument, currency: str, timezone: str) -> Phrases:
    """Choose the words for a reader of a programme."""
    words = Words(locale)
    name = words.pick(document.points_name)
    return Phrases(words, currency, timezone, None if name in _plain_names() else name)


@cache
def _plain_names() -> frozenset[str]:
    return frozenset(Words(language).say("points.unit", _MANY) for language in LANGUAGES)

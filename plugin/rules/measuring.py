"""What a member has done, dated, and how far that is towards a goal. Sums are exact and looked up, however many facts there are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import accumulate
from typing import Any

from plugin.rules.exact import MICROS, ONE, ZERO, exact_text
from plugin.rules.schema_tiers import Condition, Goal, Measure, Window
from plugin.rules.windows import window_start


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a member did that counts, net of what was taken back: an order, an award, a friend. `spend_micros` is in millionths."""

    at: datetime
    spend_micros: int = 0
    points: int = 0
    orders: int = 0
    referrals: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """All facts of a member, oldest first, with running sums. `joined_at` is when anniversaries are counted from."""

    facts: list[Fact]
    joined_at: datetime
    timezone: str
    _instants: list[datetime] = field(default_factory=list, repr=False)
    _sums: dict[Measure, list[int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, facts: Iterable[Fact], joined_at: datetime, timezone: str) -> Past:
        """Put facts in order; it does not matter in which they come."""
        told = sorted(facts, key=lambda one: (one.at, one.spend_micros, one.points, one.orders, one.referrals))
        sums: dict[Measure, list[int]] = {
            "spend": list(accumulate((one.spend_micros for one in told), initial=0)),
            "points": list(accumulate((one.points for one in told), initial=0)),
            "orders": list(accumulate((one.orders for one in told), initial=0)),
            "referrals": list(accumulate((one.referrals for one in told), initial=0)),
        }
        return cls(told, joined_at, timezone, [one.at for one in told], sums)

    def add(self, fact: Fact) -> None:
        """Take in one more fact, which is not earlier than any other: for who tells a past forward, fact by fact."""
        self.facts.append(fact)
        self._instants.append(fact.at)
        more: dict[Measure, int] = {
            "spend": fact.spend_micros,
            "points": fact.points,
            "orders": fact.orders,
            "referrals": fact.referrals,
        }
        for measure, sums in self._sums.items():
            sums.append(sums[-1] + more[measure])

    def total(self, measure: Measure, window: Window, at: datetime, until: datetime | None = None) -> Fraction:
        """Add up what lies in the window as it stands at an instant: through that instant, or through a later one (a grace)."""
        start = window_start(window, at, self.joined_at, self.timezone)
        first = 0 if start is None else bisect_left(self._instants, start)
        last = max(bisect_right(self._instants, until or at), first)
        sums = self._sums[measure]
        return Fraction(sums[last] - sums[first], MICROS if measure == "spend" else 1)

    def instants(self, after: datetime, through: datetime) -> list[datetime]:
        """List the instants after one and up to another at which something happened, each once."""
        found = self._instants[bisect_right(self._instants, after) : bisect_right(self._instants, through)]
        return list(dict.fromkeys(found))

    def next_after(self, at: datetime) -> datetime | None:
        """Return when something happens next that is known already, such as an order dated ahead of our clock."""
        place = bisect_right(self._instants, at)
        return self._instants[place] if place < len(self._instants) else None


@dataclass(frozen=True, slots=True)
class View:
    """From where a condition is looked at: the instant its windows stand at, and through when facts count."""

    past: Past
    window: Window
    at: datetime
    until: datetime | None = None

    def have(self, goal: Goal) -> Fraction:
        """How much there is of what the goal asks."""
        return self.past.total(goal.kind, goal.window or self.window, self.at, self.until)


def is_met(condition: Condition, view: View) -> bool:
    """Say whether a condition is met."""
    if isinstance(condition, Goal):
        return view.have(condition) >= Fraction(condition.at_least)
    return (all if condition.kind == "all" else any)(is_met(part, view) for part in condition.of)


def share_of(condition: Condition, view: View) -> Fraction:
    """Say how far it is to a condition, from 0 to 1: of several the least where all are asked, the most where one will do."""
    if isinstance(condition, Goal):
        return min(ONE, max(ZERO, view.have(condition)) / Fraction(condition.at_least))
    shares = [share_of(part, view) for part in condition.of]
    return min(shares) if condition.kind == "all" else max(shares)


def measured(condition: Condition, view: View) -> dict[str, Any]:
    """Tell a condition in numbers, JSON-ready: what is there, what it takes, what is missing."""
    if not isinstance(condition, Goal):
        return {"kind": condition.kind, "of": [measured(part, view) for part in condition.of]}
    have, need = view.have(condition), Fraction(condition.at_least)
    return {
        "kind": condition.kind,
        "window": (condition.window or view.window).kind,
        "have": exact_text(have),
        "need": exact_text(need),
        "missing": exact_text(max(need - have, ZERO)),
    }

"""Spend rules that are not one rate: points per full amount, and bands."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plugin.facts import Award
from plugin.rules.exact import ZERO, Exact, exact_text
from plugin.rules.order_facts import LineFacts, OrderFacts


@dataclass(frozen=True, slots=True)
class SpendAmountRewardCalculator:
    """Give `points` for each `amount` of eligible spend, or for each full one alone."""

    rule_id: str
    points: Fraction
    amount: Fraction
    full_amounts: bool = False
    is_multiplied: bool = True

    @property
    def points_per_unit(self) -> Fraction:
        """What one unit of currency gives, before anything is cut to full amounts."""
        return self.points / self.amount

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.worth_micros

    def award(self, order: OrderFacts) -> Award | None:
        """Award all lines of the order together."""
        spend = order.eligible_spend
        times = spend / self.amount
        if self.full_amounts:
            times = Fraction(times.numerator // times.denominator)
        if not times:
            return None
        detail = {
            "kind": "spend_amount",
            "points_each": exact_text(self.points),
            "amount": exact_text(self.amount),
            "full_amounts": self.full_amounts,
            "times": exact_text(times),
            "lines": order.line_ids,
        }
        return Award(self.rule_id, times * self.points, spend, detail)


@dataclass(frozen=True, slots=True)
class SpendBandsRewardCalculator:
    """Give the points of the highest band that the eligible spend reaches; `bands` rise: (spend, points)."""

    rule_id: str
    bands: tuple[tuple[Fraction, int], ...]
    is_multiplied: bool = True

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.worth_micros

    def award(self, order: OrderFacts) -> Award | None:
        """Award all lines of the order together."""
        spend, reached, points = order.eligible_spend, ZERO, 0
        for spend_from, given in self.bands:
            if spend >= spend_from:
                reached, points = spend_from, given
        if not points or not order.lines:
            return None
        detail = {"kind": "spend_bands", "spend_from": exact_text(reached), "lines": order.line_ids}
        return Award(self.rule_id, Fraction(points), spend, detail)

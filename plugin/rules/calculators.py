"""The earning rules as arithmetic: an order's lines in, an award or nothing out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plugin.facts import Award
from plugin.rules.exact import MICROS, ONE, ZERO, Exact, exact_text
from plugin.rules.order_facts import LineFacts, OrderFacts
from plugin.rules.selection import Selection


@dataclass(frozen=True, slots=True)
class SpendRewardCalculator:
    """Give `points_per_unit` for each unit of eligible spend; the order rounds once, after all rules."""

    rule_id: str
    points_per_unit: Fraction
    is_multiplied: bool = True

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.worth_micros

    def award(self, order: OrderFacts) -> Award | None:
        """Award all lines of the order."""
        spend = order.eligible_spend
        if not spend:
            return None
        detail = {"kind": "spend", "points_per_unit": exact_text(self.points_per_unit), "lines": order.line_ids}
        return Award(self.rule_id, spend * self.points_per_unit, spend, detail)


@dataclass(frozen=True, slots=True)
class ProductTypeRewardCalculator:
    """Give some products `multiplier` times the plain `points_per_unit` of their spend, and `points_per_item` for each unit.

    One that `excludes` gives nothing.
    """

    rule_id: str
    selection: Selection
    points_per_unit: Fraction = ZERO
    multiplier: Fraction = ONE
    points_per_item: Fraction = ZERO
    excludes: bool = False
    is_multiplied: bool = True

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.worth_micros * self.points_per_unit * self.multiplier + line.units * self.points_per_item * MICROS

    def covers(self, line: LineFacts) -> bool:
        """Whether the line is one of this rule's."""
        return self.selection.covers(line.line, line.product)

    def award(self, order: OrderFacts) -> Award | None:
        """Award this rule's lines of the order."""
        return self.award_taken(order.parted(self.covers)[0])

    def award_taken(self, taken: OrderFacts) -> Award | None:
        """Award lines that are all of this rule's."""
        if self.excludes:
            return None
        spend, units = taken.eligible_spend, taken.units
        points = spend * (self.points_per_unit * self.multiplier)
        if self.points_per_item:
            points += units * self.points_per_item
        if not points:
            return None
        detail = {
            "kind": "product_type",
            "points_per_unit": exact_text(self.points_per_unit),
            "multiplier": exact_text(self.multiplier),
            "points_per_item": exact_text(self.points_per_item),
            "units": exact_text(units),
            "lines": taken.line_ids,
        }
        return Award(self.rule_id, points, spend, detail)

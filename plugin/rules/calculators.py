"""The earning rules as arithmetic: an order's lines in, an award or nothing out.

What all awards of a rule tell alike is written once, in `_told`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from plugin.facts import Award
from plugin.rules.exact import MICROS, ONE, ZERO, Exact, exact_text
from plugin.rules.order_facts import LineFacts, OrderFacts
from plugin.rules.selection import Selection


@dataclass(frozen=True)
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
        return Award(self.rule_id, spend * self.points_per_unit, spend, {**self._told, "lines": order.line_ids})

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {"kind": "spend", "points_per_unit": exact_text(self.points_per_unit)}


@dataclass(frozen=True)
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
        of_worth, of_units = self._weights
        return line.worth_micros * of_worth + line.units * of_units

    def covers(self, line: LineFacts) -> bool:
        """Whether the line is one of this rule's."""
        return self.selection.covers(line.line, line.product)

    def award(self, order: OrderFacts) -> Award | None:
        """Award this rule's lines of the order."""
        return self.award_taken(order.those(self.covers))

    def award_taken(self, taken: OrderFacts) -> Award | None:
        """Award lines that are all of this rule's."""
        if self.excludes:
            return None
        spend, units = taken.eligible_spend, taken.units
        points = spend * self._rate
        if self.points_per_item:
            points += units * self.points_per_item
        if not points:
            return None
        return Award(self.rule_id, points, spend, {**self._told, "units": exact_text(units), "lines": taken.line_ids})

    @cached_property
    def _rate(self) -> Fraction:
        return self.points_per_unit * self.multiplier

    @cached_property
    def _weights(self) -> tuple[int, int]:
        """What a millionth of worth and a unit weigh, in whole numbers."""
        of_worth, of_units = self._rate, self.points_per_item * MICROS
        scale = math.lcm(of_worth.denominator, of_units.denominator)
        return int(of_worth * scale), int(of_units * scale)

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {
            "kind": "product_type",
            "points_per_unit": exact_text(self.points_per_unit),
            "multiplier": exact_text(self.multiplier),
            "points_per_item": exact_text(self.points_per_item),
        }

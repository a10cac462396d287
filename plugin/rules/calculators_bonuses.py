"""Rules that give for something else than spend: orders, units, weight, milestones. They come on top of all others.

A fixed bonus belongs to the order as a whole: no line has a share of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from plugin.facts import Award, Context, OrderLine, OrderSnapshot, RefundedLine
from plugin.rules.exact import ZERO, Exact, exact_text
from plugin.rules.order_facts import LineFacts, OrderFacts
from plugin.rules.selection import Selection


@dataclass(frozen=True, slots=True)
class Occasion:
    """What bonus rules look at: the lines no rule excluded, the spend of all lines that count, the frozen context, and the order itself."""

    lines: OrderFacts
    spend: Fraction
    context: Context
    order: OrderSnapshot


@dataclass(frozen=True, slots=True)
class GiftCardRewardCalculator:
    """Give the points of the highest band that the gift cards of an order reach together, after discounts and refunds."""

    rule_id: str
    bands: tuple[tuple[Fraction, int], ...]
    is_multiplied: bool = True

    def weight(self, _: LineFacts) -> Exact:
        """No line has a share."""
        return 0

    def award(self, occasion: Occasion) -> Award | None:
        """Award the order's gift cards, which are no spend."""
        worth = _gift_cards(occasion.order)
        points = max((points for begins, points in self.bands if worth >= begins), default=0)
        if not worth or not points:
            return None
        return Award(self.rule_id, Fraction(points), worth, {"kind": "gift_card"})


def _gift_cards(order: OrderSnapshot) -> Fraction:
    """What gift cards were bought for, in major units, less what came back of them; a refund without a subtotal is of so many units."""
    cards = {line.line_id: line for line in order.lines if line.is_gift_card and line.quantity > 0}
    if not cards:
        return ZERO
    left = sum((_paid(line, taxed=False) for line in cards.values()), ZERO)
    for part in _parts(order):
        if card := cards.get(part.line_id):
            share = Fraction(max(part.quantity, 0), card.quantity) * _paid(card, taxed=False)
            left -= Fraction(part.subtotal) if part.subtotal else share
    return max(left - _beyond_goods(order), ZERO)


def _beyond_goods(order: OrderSnapshot) -> Fraction:
    """Money given back beyond any line is the goods' and the shipping's; what is more than was left of these is the gift cards'."""
    given_back = sum((Fraction(one.discrepancy) for one in order.refunds), ZERO)
    if given_back <= 0:
        return ZERO
    taxed = not order.taxes_included
    goods = {line.line_id: line for line in order.lines if not line.is_gift_card}
    left = sum((_paid(line, taxed=taxed) for line in goods.values()), ZERO)
    left -= sum((Fraction(one.subtotal + taxed * one.tax) for one in _parts(order) if one.line_id in goods), ZERO)
    if order.shipping:
        left += Fraction(order.shipping.price - order.shipping.discount + taxed * order.shipping.tax)
        left -= sum((Fraction(one.shipping + taxed * one.shipping_tax) for one in order.refunds), ZERO)
    return max(given_back - max(left, ZERO), ZERO)


def _paid(line: OrderLine, *, taxed: bool) -> Fraction:
    return Fraction(line.price * line.quantity - line.discount + taxed * line.tax)


def _parts(order: OrderSnapshot) -> Iterator[RefundedLine]:
    return (part for refund in order.refunds for part in refund.lines)


@dataclass(frozen=True, slots=True)
class OrderRewardCalculator:
    """Give `points` for an order in which anything earns."""

    rule_id: str
    points: int
    is_multiplied: bool = True

    def weight(self, _: LineFacts) -> Exact:
        """No line has a share."""
        return 0

    def award(self, occasion: Occasion) -> Award | None:
        """Award the order."""
        if not occasion.lines.lines:
            return None
        return Award(self.rule_id, Fraction(self.points), Fraction(1), {"kind": "order"})


@dataclass(frozen=True, slots=True)
class UnitRewardCalculator:
    """Give `points` for each unit of some products, or of all."""

    rule_id: str
    points: Fraction
    selection: Selection | None = None
    is_multiplied: bool = True

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.units if self.covers(line) else 0

    def covers(self, line: LineFacts) -> bool:
        """Whether the line is one of these products."""
        return self.selection is None or self.selection.covers(line.line, line.product)

    def award(self, occasion: Occasion) -> Award | None:
        """Award this rule's units."""
        taken = occasion.lines.those(self.covers)
        if not (units := Fraction(taken.units)):
            return None
        detail = {"kind": "unit", "points_each": exact_text(self.points), "lines": taken.line_ids}
        return Award(self.rule_id, units * self.points, units, detail)


@dataclass(frozen=True, slots=True)
class WeightRewardCalculator:
    """Give `points` for each so many grams of some products, or of all; or for each full such weight alone."""

    rule_id: str
    points: Fraction
    grams: Fraction
    unit: str
    full_weights: bool = False
    selection: Selection | None = None
    is_multiplied: bool = True

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the award is, beside others'."""
        return line.units * line.line.grams if self.covers(line) else 0

    def covers(self, line: LineFacts) -> bool:
        """Whether the line is one of these products."""
        return self.selection is None or self.selection.covers(line.line, line.product)

    def award(self, occasion: Occasion) -> Award | None:
        """Award this rule's lines together."""
        taken = occasion.lines.those(self.covers)
        grams = Fraction(sum((self.weight(line) for line in taken.lines), ZERO))
        times = grams / self.grams
        if self.full_weights:
            times = Fraction(times.numerator // times.denominator)
        if not times:
            return None
        detail = {
            "kind": "weight",
            "points_each": exact_text(self.points),
            "grams_each": exact_text(self.grams),
            "unit": self.unit,
            "full_weights": self.full_weights,
            "times": exact_text(times),
            "lines": taken.line_ids,
        }
        return Award(self.rule_id, times * self.points, grams, detail)


@dataclass(frozen=True, slots=True)
class NthOrderRewardCalculator:
    """Give `points` for the member's order `number`, or for every so many."""

    rule_id: str
    points: int
    number: int | None = None
    every: int | None = None
    is_multiplied: bool = True

    def weight(self, _: LineFacts) -> Exact:
        """No line has a share."""
        return 0

    def award(self, occasion: Occasion) -> Award | None:
        """Award the order if it is that one."""
        place = occasion.context.order_number
        if place is None or not occasion.lines.lines:
            return None
        if place % self.every if self.every else place != self.number:
            return None
        return Award(self.rule_id, Fraction(self.points), Fraction(place), {"kind": "nth_order", "order_number": place})


@dataclass(frozen=True, slots=True)
class SpendGoalRewardCalculator:
    """Give `points` to the order that brings the member's spend of the period to the `goal`, or to each further whole goal."""

    rule_id: str
    points: int
    goal: Fraction
    period: str
    repeats: bool = False
    is_multiplied: bool = True

    def weight(self, _: LineFacts) -> Exact:
        """No line has a share."""
        return 0

    def award(self, occasion: Occasion) -> Award | None:
        """Award the order for the goals it reaches; without knowing what was spent before, for none."""
        known = (Fraction(one.amount) for one in occasion.context.spend_before if one.rule_id == self.rule_id)
        if (before := next(known, None)) is None:
            return None
        reached = self._reached(before + occasion.spend) - self._reached(before)
        if reached <= 0:
            return None
        detail = {
            "kind": "spend_goal",
            "goal": exact_text(self.goal),
            "period": self.period,
            "spent_before": exact_text(before),
            "times": reached,
        }
        return Award(self.rule_id, Fraction(self.points * reached), before + occasion.spend, detail)

    def _reached(self, spend: Fraction) -> int:
        goals = spend / self.goal
        whole = goals.numerator // goals.denominator
        return whole if self.repeats else min(whole, 1)

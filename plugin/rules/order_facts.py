"""What the earning rules see of an order: the lines that count, each with its worth and its units.

A line is worth price times quantity, less its discount allocations; less tax where prices include it; less the refunds of its
units; never below zero. Shipping and duties are no lines. Money given back beyond any line (a discrepancy) belongs to no line
in particular, so every eligible line bears its share. A line that costs nothing earns nothing, not even by the unit: else a
free item bought with points would earn points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from plugin.facts import OrderLine, OrderSnapshot, ProductFacts, RefundedLine
from plugin.rules.exact import MONEY, NOTHING, ZERO
from plugin.rules.schema_earning import Base

WhyLeftOut = Literal["gift_card", "tip", "refunded", "free"]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line that counts: exact spend above zero in major units, units not refunded, and its product where known."""

    line: OrderLine
    spend: Fraction
    units: Fraction
    product: ProductFacts | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The lines a rule may look at."""

    lines: tuple[LineFacts, ...]

    @property
    def eligible_spend(self) -> Fraction:
        """Sum of what the lines are worth, in major units."""
        return sum((line.spend for line in self.lines), ZERO)

    @property
    def units(self) -> Fraction:
        """How many units the lines hold."""
        return sum((line.units for line in self.lines), ZERO)

    @property
    def line_ids(self) -> list[int]:
        """Shopify's ids of the lines, in the order's own sequence."""
        return [line.line.line_id for line in self.lines]

    def parted(self, takes: Callable[[LineFacts], bool]) -> tuple[OrderFacts, OrderFacts]:
        """Part the order in two: the lines that `takes` takes, and the rest."""
        taken: list[LineFacts] = []
        rest: list[LineFacts] = []
        for line in self.lines:
            (taken if takes(line) else rest).append(line)
        return (OrderFacts(tuple(taken)), OrderFacts(tuple(rest))) if taken else (NO_LINES, self)


NO_LINES = OrderFacts(())


@dataclass(frozen=True, slots=True)
class Reading:
    """An order as the base switches let it count.

    `left_out` tells why lines do not count, by line id; `refunded` is what refunds took off the others, in major units.
    """

    facts: OrderFacts
    left_out: Mapping[int, WhyLeftOut]
    refunded: Fraction


def read_order(order: OrderSnapshot, base: Base, products: Sequence[ProductFacts]) -> Reading:
    """Read which lines count, and what they are worth now."""
    known = {product.product_id: product for product in products}
    refunds = _by_line(order)
    tax_sign = _tax_sign(order, base)
    lines: list[LineFacts] = []
    left_out: dict[int, WhyLeftOut] = {}
    before = ZERO
    for line in order.lines:
        worth = ZERO if (why := ineligible(line, base)) else _worth(line, tax_sign)
        if worth <= 0:
            left_out[line.line_id] = why or "free"
            continue
        before += worth
        spend, units = _after_refunds(line, worth, refunds.get(line.line_id, ()), tax_sign)
        if spend > 0:
            product = known.get(line.product_id) if line.product_id is not None else None
            lines.append(LineFacts(line, spend, Fraction(units), product))
        else:
            left_out[line.line_id] = "refunded"
    facts = _shared_out(OrderFacts(tuple(lines)), _discrepancy(order))
    left_out |= dict.fromkeys((line.line.line_id for line in lines), "refunded") if lines and not facts.lines else {}
    return Reading(facts, left_out, before - facts.eligible_spend if order.refunds else ZERO)


def ineligible(line: OrderLine, base: Base) -> WhyLeftOut | None:
    """Why a line never counts, whatever it is worth."""
    if line.is_gift_card and not base.gift_cards:
        return "gift_card"
    if line.is_tip and not base.tips:
        return "tip"
    return None


def _tax_sign(order: OrderSnapshot, base: Base) -> int:
    """-1: take tax off the price; 1: add it; 0: the price is right as it is."""
    if order.taxes_included == base.taxes:
        return 0
    return 1 if base.taxes else -1


def _worth(line: OrderLine, tax_sign: int) -> Fraction:
    worth = MONEY.subtract(MONEY.multiply(line.price, line.quantity), line.discount)
    if tax_sign and line.tax:
        worth = MONEY.add(worth, MONEY.multiply(line.tax, tax_sign))
    return Fraction(worth) if worth > 0 else ZERO


def _by_line(order: OrderSnapshot) -> Mapping[int, list[RefundedLine]]:
    """Collect refunded parts by the line they belong to; parts of lines the order does not have meet no line and do nothing."""
    parts: dict[int, list[RefundedLine]] = {}
    for refund in order.refunds:
        for part in refund.lines:
            parts.setdefault(part.line_id, []).append(part)
    return parts


def _after_refunds(
    line: OrderLine, worth: Fraction, parts: Sequence[RefundedLine], tax_sign: int
) -> tuple[Fraction, int]:
    """What is left of a line: (spend, units). With no unit left nothing is, whatever the refunds' own rounding says."""
    if not parts:
        return worth, line.quantity
    units = line.quantity - sum(max(part.quantity, 0) for part in parts)
    if units <= 0:
        return ZERO, 0
    returned = sum((_returned(part, line, worth, tax_sign) for part in parts), ZERO)
    return max(worth - returned, ZERO), units


def _returned(part: RefundedLine, line: OrderLine, worth: Fraction, tax_sign: int) -> Fraction:
    """What one refund took off a line: the refund's own subtotal, or without one the share of its units."""
    if not part.subtotal:
        return worth * max(part.quantity, 0) / line.quantity
    return max(Fraction(MONEY.add(part.subtotal, MONEY.multiply(part.tax, tax_sign))), ZERO)


def _discrepancy(order: OrderSnapshot) -> Decimal:
    given_back = NOTHING
    for refund in order.refunds:
        given_back = MONEY.add(given_back, max(refund.discrepancy, NOTHING))
    return given_back


def _shared_out(facts: OrderFacts, given_back: Decimal) -> OrderFacts:
    """Take money that belongs to no line off all lines, in proportion to their worth; units shrink with it."""
    if not given_back or not facts.lines:
        return facts
    total = facts.eligible_spend
    kept = max(total - Fraction(given_back), ZERO) / total
    if not kept:
        return NO_LINES
    return OrderFacts(tuple(replace(line, spend=line.spend * kept, units=line.units * kept) for line in facts.lines))

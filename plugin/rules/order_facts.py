"""What the earning rules see of an order: the lines that count, each with its worth and its units.

A line is worth price times quantity, less its discount allocations; less tax where prices include it; less the refunds of its
units; never below zero. Shipping is no line, but where the document lets it count it stands behind them as one, of no product and of no
unit; duties never count. Money given back beyond any line (a discrepancy) belongs to no line
in particular, so every eligible line bears its share; and so it does, before refunds, of what was paid with gift cards or store
credit where the document does not let that count. A line that costs nothing earns nothing, not even by the unit: else a
free item bought with points would earn points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, NamedTuple, Self

from plugin.facts import OrderLine, OrderSnapshot, PaidOtherwise, ProductFacts, RefundedLine, Shipping
from plugin.rules.exact import EXACT, MICROS, ZERO, Exact, micros
from plugin.rules.schema_earning import Base

WhyLeftOut = Literal["gift_card", "tip", "refunded", "free", "paid_otherwise"]


class LineFacts(NamedTuple):
    """One line that counts: its worth above zero in millionths of a major unit, units not refunded, its product where known.

    Whole numbers are as exact as fractions and add up many times faster; a fraction stands where a refund had to be shared out.
    A named tuple, since it is made for each line of each order, and a frozen dataclass takes three times as long to make.
    """

    line: OrderLine
    worth_micros: Exact
    units: Exact
    product: ProductFacts | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The lines a rule may look at, and what they are worth together in major units."""

    lines: tuple[LineFacts, ...]
    eligible_spend: Fraction

    @classmethod
    def of(cls, lines: Iterable[LineFacts]) -> Self:
        """Add up lines."""
        lines = tuple(lines)
        return cls(lines, Fraction(sum([line.worth_micros for line in lines]), MICROS))

    @property
    def units(self) -> Fraction:
        """How many units the lines hold."""
        return Fraction(sum(line.units for line in self.lines))

    @property
    def line_ids(self) -> list[int]:
        """Shopify's ids of the lines, in the order's own sequence; shipping's is 0."""
        return [line.line.line_id for line in self.lines]

    def parted(self, takes: Callable[[LineFacts], bool]) -> tuple[OrderFacts, OrderFacts]:
        """Part the order in two: the lines that `takes` takes, and the rest."""
        taken: list[LineFacts] = []
        rest: list[LineFacts] = []
        for line in self.lines:
            (taken if takes(line) else rest).append(line)
        if not taken:
            return NO_LINES, self
        return (OrderFacts.of(taken), OrderFacts.of(rest)) if rest else (self, NO_LINES)


NO_LINES = OrderFacts((), ZERO)
SHIPPING = OrderLine(line_id=0, quantity=0, price=Decimal(0))
"""Stands for an order's shipping among the lines; Shopify gives no line the id 0."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An order as the base switches let it count.

    `left_out` tells why lines do not count, by line id; `refunded` is what refunds took off the others, in major units, and
    `paid_otherwise` what was taken off for not being paid in new money.
    """

    facts: OrderFacts
    left_out: Mapping[int, WhyLeftOut]
    refunded: Fraction
    paid_otherwise: Fraction = ZERO

    @property
    def shipping(self) -> Fraction:
        """How much of what counts is shipping; it stands last."""
        last = self.facts.lines[-1] if self.facts.lines else None
        return Fraction(last.worth_micros, MICROS) if last and last.line is SHIPPING else ZERO


def read_order(
    order: OrderSnapshot, base: Base, products: Sequence[ProductFacts], paid: PaidOtherwise | None = None
) -> Reading:
    """Read which lines count, and what they are worth now."""
    left_out: dict[int, WhyLeftOut] = {}
    with localcontext(EXACT):
        ordered = _ordered(order, base, products, left_out)
        before = OrderFacts.of(ordered)
        if not order.refunds:
            return _less_paid_otherwise(Reading(before, left_out, ZERO), base, paid)
        lines = _kept(order, ordered, _tax_sign(order, base), left_out)
        facts = _shared_out(OrderFacts.of(lines), _given_back(order))
    if len(lines) < len(ordered):
        left_out = {line.line_id: left_out[line.line_id] for line in order.lines if line.line_id in left_out}
    if lines and not facts.lines:
        left_out |= dict.fromkeys((line.line.line_id for line in lines if line.line is not SHIPPING), "refunded")
    reading = Reading(facts, left_out, before.eligible_spend - facts.eligible_spend)
    return _less_paid_otherwise(reading, base, paid)


def ineligible(line: OrderLine, base: Base) -> WhyLeftOut | None:
    """Why a line never counts, whatever it is worth."""
    if line.is_gift_card and not base.gift_cards:
        return "gift_card"
    if line.is_tip and not base.tips:
        return "tip"
    return None


def _ordered(
    order: OrderSnapshot, base: Base, products: Sequence[ProductFacts], left_out: dict[int, WhyLeftOut]
) -> list[LineFacts]:
    """The lines that count, as they were ordered; why the others do not goes into `left_out`."""
    known = {product.product_id: product for product in products}
    tax_sign = _tax_sign(order, base)
    lines: list[LineFacts] = []
    for line in order.lines:
        why = ineligible(line, base) if line.is_gift_card or line.is_tip else None
        if why or not (worth := _worth(line, tax_sign)):
            left_out[line.line_id] = why or "free"
        else:
            lines.append(LineFacts(line, worth, line.quantity, known.get(line.product_id or 0) if known else None))
    if base.shipping and order.shipping and (worth := _shipping_worth(order.shipping, tax_sign)):
        lines.append(LineFacts(SHIPPING, worth, 0))
    return lines


def _shipping_worth(shipping: Shipping, tax_sign: int) -> Exact:
    return max(micros(shipping.price - shipping.discount + shipping.tax * tax_sign), 0)


def _shipping_left(order: OrderSnapshot, worth: Exact, tax_sign: int) -> Exact:
    """What refunds left of the shipping, in millionths."""
    returned = sum((max(one.shipping + one.shipping_tax * tax_sign, Decimal(0)) for one in order.refunds), Decimal(0))
    return max(worth - micros(returned), 0)


def _kept(
    order: OrderSnapshot, ordered: Sequence[LineFacts], tax_sign: int, left_out: dict[int, WhyLeftOut]
) -> list[LineFacts]:
    """What refunds left of the lines; those of which nothing is left go into `left_out`."""
    refunds = _by_line(order)
    lines: list[LineFacts] = []
    for one in ordered:
        if one.line is SHIPPING:
            if left := _shipping_left(order, one.worth_micros, tax_sign):
                lines.append(one._replace(worth_micros=left))
            continue
        left, units = _after_refunds(one.line, one.worth_micros, refunds.get(one.line.line_id, ()), tax_sign)
        if left:
            lines.append(LineFacts(one.line, left, units, one.product))
        else:
            left_out[one.line.line_id] = "refunded"
    return lines


def _tax_sign(order: OrderSnapshot, base: Base) -> int:
    """-1: take tax off the price; 1: add it; 0: the price is right as it is."""
    if order.taxes_included == base.taxes:
        return 0
    return 1 if base.taxes else -1


def _worth(line: OrderLine, tax_sign: int) -> Exact:
    """What a line was worth when ordered, in millionths, never below zero."""
    worth = line.price * line.quantity - line.discount
    if tax_sign:
        worth += line.tax * tax_sign
    return micros(worth) if worth > 0 else 0


def _by_line(order: OrderSnapshot) -> Mapping[int, list[RefundedLine]]:
    """Collect refunded parts by the line they belong to; parts of lines the order does not have meet no line and do nothing."""
    parts: dict[int, list[RefundedLine]] = {}
    for refund in order.refunds:
        for part in refund.lines:
            parts.setdefault(part.line_id, []).append(part)
    return parts


def _after_refunds(line: OrderLine, worth: Exact, parts: Sequence[RefundedLine], tax_sign: int) -> tuple[Exact, int]:
    """What is left of a line: (millionths, units). With no unit left nothing is, whatever the refunds' own rounding says."""
    if not parts:
        return worth, line.quantity
    units = line.quantity - sum(max(part.quantity, 0) for part in parts)
    if units <= 0:
        return 0, 0
    returned = sum(_returned(part, line, worth, tax_sign) for part in parts)
    return max(worth - returned, 0), units


def _returned(part: RefundedLine, line: OrderLine, worth: Exact, tax_sign: int) -> Exact:
    """What one refund took off a line: the refund's own subtotal, or without one the share of its units."""
    if not part.subtotal:
        return Fraction(worth * max(part.quantity, 0), line.quantity)
    return max(micros(part.subtotal + part.tax * tax_sign), 0)


def _given_back(order: OrderSnapshot) -> Exact:
    """Money that all refunds together gave back beyond any line, in millionths.

    What one refund kept of its lines' worth and another paid out is about those lines, and was taken off with them.
    """
    return max(micros(sum((refund.discrepancy for refund in order.refunds), Decimal(0))), 0)


def _shared_out(facts: OrderFacts, given_back: Exact) -> OrderFacts:
    """Take money that belongs to no line off all lines, in proportion to their worth; units shrink with it."""
    total = facts.eligible_spend * MICROS
    if not given_back or not total:
        return facts
    return _shrunk(facts, 1 - given_back / total)


def _shrunk(facts: OrderFacts, kept: Fraction) -> OrderFacts:
    if kept <= 0:
        return NO_LINES
    return OrderFacts.of(
        line._replace(worth_micros=line.worth_micros * kept, units=line.units * kept) for line in facts.lines
    )


def _less_paid_otherwise(reading: Reading, base: Base, paid: PaidOtherwise | None) -> Reading:
    """Take off what gift cards and store credit paid, where the document says so; each line bears its share of what they paid of all."""
    if paid is None or (base.paid_with_gift_cards and base.paid_with_store_credit) or not paid.total:
        return reading
    uncounted = (Decimal(0) if base.paid_with_gift_cards else paid.gift_cards) + (
        Decimal(0) if base.paid_with_store_credit else paid.store_credit
    )
    if uncounted <= 0:
        return reading
    facts = _shrunk(reading.facts, 1 - Fraction(uncounted) / Fraction(paid.total))
    left_out = dict(reading.left_out)
    if not facts.lines:
        gone = (line.line.line_id for line in reading.facts.lines if line.line is not SHIPPING)
        left_out |= dict.fromkeys(gone, "paid_otherwise")
    taken_off = reading.facts.eligible_spend - facts.eligible_spend
    return replace(reading, facts=facts, left_out=left_out, paid_otherwise=taken_off)

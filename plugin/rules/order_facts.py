"""What the earning rules see of an order: the lines that count, each with its worth and its units.

A line is worth price times quantity, less its discount allocations; less tax where prices include it; less the refunds of its
units; never below zero. Shipping is no line, but where the document lets it count it stands behind them as one, of no product and
of no unit; duties never count. Money given back beyond any line (a discrepancy) belongs to no line in particular, so every
eligible line bears its share of it, as it was paid for: with the tax on it, whether that counts or not. So it does, before refunds,
of what was paid with gift cards or store credit where the document does not let that count. A line that costs nothing earns
nothing, not even by the unit: else a free item bought with points would earn points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, Self

import msgspec
from msgspec.structs import replace

from plugin.facts import OrderLine, OrderSnapshot, PaidOtherwise, ProductFacts, RefundedLine, Shipping
from plugin.rules.exact import EXACT, MICROS, ZERO, Exact, micros
from plugin.rules.schema_earning import Base

_NOTHING = Decimal(0)
WhyLeftOut = Literal["gift_card", "tip", "refunded", "free", "paid_otherwise"]


class LineFacts(msgspec.Struct, frozen=True, gc=False):
    """One line that counts: its worth above zero in millionths of a major unit, units not refunded, its product where known.

    Whole numbers are as exact as fractions and add up many times faster; a fraction stands where a refund had to be shared out.
    A struct, since it is made for each line of each order, and a frozen dataclass takes ten times as long to make.
    """

    line: OrderLine
    worth_micros: Exact
    units: Exact
    product: ProductFacts | None = None


class OrderFacts(msgspec.Struct, frozen=True):
    """The lines a rule may look at, and what they are worth together in major units."""

    lines: tuple[LineFacts, ...]
    eligible_spend: Fraction

    @classmethod
    def of(cls, lines: Iterable[LineFacts]) -> Self:
        """Add up lines."""
        lines = tuple(lines)
        return cls(lines, Fraction(sum([line.worth_micros for line in lines]), MICROS))

    @property
    def units(self) -> Exact:
        """How many units the lines hold."""
        return sum([line.units for line in self.lines])

    @property
    def line_ids(self) -> list[int]:
        """Shopify's ids of the lines, in the order's own sequence; shipping's is 0."""
        return [line.line.line_id for line in self.lines]

    def those(self, takes: Callable[[LineFacts], bool]) -> OrderFacts:
        """Only the lines that `takes` takes."""
        taken = [line for line in self.lines if takes(line)]
        return self if len(taken) == len(self.lines) else OrderFacts.of(taken)


NO_LINES = OrderFacts((), ZERO)
SHIPPING_ID = 0
"""By which an order's shipping stands among the lines; Shopify gives no line this id."""


class Reading(msgspec.Struct, frozen=True):
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
        return Fraction(last.worth_micros, MICROS) if last and last.line.line_id == SHIPPING_ID else ZERO


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
        tax_sign = _tax_sign(order, base)
        lines = _kept(order, ordered, tax_sign, left_out)
        facts = _shared_out(OrderFacts.of(lines), _given_back(order), is_taxed=base.taxes, tax_sign=tax_sign)
    if len(lines) < len(ordered):
        left_out = {line.line_id: left_out[line.line_id] for line in order.lines if line.line_id in left_out}
    if lines and not facts.lines:
        left_out |= dict.fromkeys((line.line.line_id for line in lines if line.line.line_id != SHIPPING_ID), "refunded")
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
    product_of = {product.product_id: product for product in products}.get
    tax_sign = _tax_sign(order, base)
    lines: list[LineFacts] = []
    for line in order.lines:
        why = ineligible(line, base) if line.is_gift_card or line.is_tip else None
        worth = _worth(line, tax_sign)
        if why or worth <= _NOTHING:
            left_out[line.line_id] = why or "free"
        else:
            lines.append(LineFacts(line, micros(worth), line.quantity, product_of(line.product_id or 0)))
    if base.shipping and order.shipping:
        line = _as_line(order.shipping)
        if (worth := _worth(line, tax_sign)) > _NOTHING:
            lines.append(LineFacts(line, micros(worth), 0))
    return lines


def _as_line(shipping: Shipping) -> OrderLine:
    return OrderLine(SHIPPING_ID, 1, shipping.price, shipping.discount, shipping.tax)


def _shipping_left(order: OrderSnapshot, worth: Exact, tax_sign: int) -> Exact:
    """What refunds left of the shipping, in millionths."""
    returned = sum((max(one.shipping + one.shipping_tax * tax_sign, _NOTHING) for one in order.refunds), _NOTHING)
    return max(worth - micros(returned), 0)


def _worth(line: OrderLine, tax_sign: int) -> Decimal:
    """What a line is worth before refunds, in shop money."""
    worth = line.price * line.quantity - line.discount
    return worth + line.tax * tax_sign if tax_sign else worth


def _kept(
    order: OrderSnapshot, ordered: Sequence[LineFacts], tax_sign: int, left_out: dict[int, WhyLeftOut]
) -> list[LineFacts]:
    """What refunds left of the lines; those of which nothing is left go into `left_out`."""
    refunds = _by_line(order)
    lines: list[LineFacts] = []
    for one in ordered:
        if one.line.line_id == SHIPPING_ID:
            if left := _shipping_left(order, one.worth_micros, tax_sign):
                lines.append(replace(one, worth_micros=left))
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
    return max(micros(sum((refund.discrepancy for refund in order.refunds), _NOTHING)), 0)


def _shared_out(facts: OrderFacts, given_back: Exact, *, is_taxed: bool, tax_sign: int) -> OrderFacts:
    """Take money that belongs to no line off all lines, in proportion to their worth; units shrink with it."""
    if not given_back or not facts.lines:
        return facts
    paid = sum((_paid(one, is_taxed=is_taxed, tax_sign=tax_sign) for one in facts.lines), ZERO)
    return _shrunk(facts, 1 - given_back / paid)


def _paid(one: LineFacts, *, is_taxed: bool, tax_sign: int) -> Fraction:
    """What was paid for what is left of a line, in millionths: its worth, and the tax that is no part of it."""
    tax = 0 if is_taxed else micros(one.line.tax)
    return one.worth_micros * (1 + Fraction(tax) / micros(_worth(one.line, tax_sign)))


def _shrunk(facts: OrderFacts, kept: Fraction) -> OrderFacts:
    if kept <= 0:
        return NO_LINES
    return OrderFacts.of(
        replace(line, worth_micros=line.worth_micros * kept, units=line.units * kept) for line in facts.lines
    )


def _less_paid_otherwise(reading: Reading, base: Base, paid: PaidOtherwise | None) -> Reading:
    """Take off what gift cards and store credit paid, where the document says so; each line bears its share of what they paid of all."""
    if paid is None or (base.paid_with_gift_cards and base.paid_with_store_credit) or not paid.total:
        return reading
    uncounted = (_NOTHING if base.paid_with_gift_cards else paid.gift_cards) + (
        _NOTHING if base.paid_with_store_credit else paid.store_credit
    )
    if uncounted <= 0:
        return reading
    facts = _shrunk(reading.facts, 1 - Fraction(uncounted) / Fraction(paid.total))
    left_out = dict(reading.left_out)
    if not facts.lines:
        gone = (line.line.line_id for line in reading.facts.lines if line.line.line_id != SHIPPING_ID)
        left_out |= dict.fromkeys(gone, "paid_otherwise")
    taken_off = reading.facts.eligible_spend - facts.eligible_spend
    return replace(reading, facts=facts, left_out=left_out, paid_otherwise=taken_off)

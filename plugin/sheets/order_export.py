"""Shopify's order export as CSV (Orders, Export) into orders: one row a line, the order's own cells on its first row.

The file tells less than Shopify does. Discounts and taxes of an order are shared out over its lines by what they are worth; a refund
is money, of which the goods bear their share; customers are told apart by e-mail address or phone number, which is kept as a number
made of it and nowhere else. It has no product ids, no weights and no mark of gift cards or test orders.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import TextIO
from uuid import UUID

from plugin.errors import BadInput
from plugin.facts import CustomerRef, OrderLine, OrderSnapshot, Refund, RejectedRow, Shipping
from plugin.money import parse_amount, parse_currency

NEEDED = ("name", "created at", "financial status", "currency", "lineitem quantity", "lineitem price")
_DELIMITERS = ",;\t"
_COLUMNS_MAX = 300
_LINES_MAX = 5_000
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Row:
    """One row's cells by the names of their columns in small letters."""

    number: int
    cells: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.cells.get(name, "")

    def amount(self, name: str) -> Decimal | None:
        cell = self.text(name)
        return parse_amount(cell, path=name) if cell else None

    def cost(self, name: str) -> Decimal:
        amount = self.amount(name) or _ZERO
        if amount < 0:
            raise BadInput(f"{name} is below zero", path=name)
        return amount

    def count(self, name: str) -> int:
        cell = self.text(name)
        if not (cell.isascii() and cell.isdigit() and len(cell) < 10):  # noqa: PLR2004 - below 2^31
            raise BadInput(f"{name} is not a whole number", path=name)
        return int(cell)

    def instant(self, name: str) -> datetime | None:
        cell = self.text(name)
        if not cell:
            return None
        try:
            at = datetime.fromisoformat(cell.replace(" +", "+").replace(" -", "-").replace(" UTC", "+00:00"))
        except ValueError as fault:
            raise BadInput(f"{name} is not a date and time", path=name) from fault
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def read_order_export(file: TextIO, shop: tuple[UUID, UUID]) -> Iterator[OrderSnapshot | RejectedRow]:
    """Read the orders of a file, one after the other; an order that cannot be read is told by the row it begins on.

    Raises:
        BadInput: the file is no such export; the message names the columns it lacks.
    """
    for _, group in groupby(_rows(file), key=lambda row: row.text("name")):
        rows = list(group)
        try:
            yield _order(rows, shop)
        except BadInput as fault:
            yield RejectedRow(rows[0].number, str(fault))


def _rows(file: TextIO) -> Iterator[_Row]:
    head = file.readline().lstrip("\ufeff")
    delimiter = max(_DELIMITERS, key=head.count)
    names = [name.strip().casefold() for name in next(csv.reader([head], delimiter=delimiter), [])]
    if missing := [name for name in NEEDED if name not in names]:
        raise BadInput(f"this is not Shopify's order export: it has no column {', '.join(missing)}")
    if len(names) > _COLUMNS_MAX:
        raise BadInput("this is not Shopify's order export: it has too many columns")
    reader = csv.reader(file, delimiter=delimiter)
    number = 2
    try:
        for cells in reader:
            if any(cells):
                yield _Row(number, {name: cell.strip() for name, cell in zip(names, cells, strict=False)})
            number = reader.line_num + 2
    except (csv.Error, UnicodeDecodeError) as fault:
        raise BadInput(f"row {number}: {fault}", path=str(number)) from fault


def _order(rows: Sequence[_Row], shop: tuple[UUID, UUID]) -> OrderSnapshot:
    first = rows[0]
    placed_at = first.instant("created at")
    if not first.text("name") or placed_at is None:
        raise BadInput("the order has no name or no date", path="name")
    if len(rows) > _LINES_MAX:
        raise BadInput("the order has too many lines", path="name")
    customer = _customer(first)
    cancelled_at = first.instant("cancelled at")
    included = _has_tax_in_price(first)
    return OrderSnapshot(
        programme_id=shop[0],
        shop_id=shop[1],
        order_id=_order_id(first),
        updated_at=max(placed_at, cancelled_at or placed_at),
        placed_at=placed_at,
        currency=parse_currency(first.text("currency"), path="currency"),
        financial_status=first.text("financial status").casefold(),
        name=first.text("name"),
        customer=customer,
        customer_standing="present" if customer else "none",
        cancelled_at=cancelled_at,
        taxes_included=included,
        source=first.text("source"),
        lines=tuple(_lines(rows, first)),
        refunds=_refunds(first, placed_at, included=included),
        shipping=Shipping(first.cost("shipping")),
        discount_codes=_each(first.text("discount code")),
        tags=tuple(sorted(_each(first.text("tags")))),
        shipping_methods=tuple(filter(None, (first.text("shipping method"),))),
    )


def _each(text: str) -> tuple[str, ...]:
    """Read what a cell lists with commas between."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _lines(rows: Sequence[_Row], first: _Row) -> Iterator[OrderLine]:
    """Read the lines, and share out among them what the file tells of the order alone."""
    gross = [row.cost("lineitem price") * row.count("lineitem quantity") for row in rows]
    own = [min(row.cost("lineitem discount"), worth) for row, worth in zip(rows, gross, strict=True)]
    subtotal = first.amount("subtotal")
    off = first.cost("discount amount") if subtotal is None else max(sum(gross, _ZERO) - subtotal, _ZERO)
    left = [worth - less for worth, less in zip(gross, own, strict=True)]
    more = _shares(min(max(off - sum(own, _ZERO), _ZERO), sum(left, _ZERO)), left)
    net = [worth - less for worth, less in zip(left, more, strict=True)]
    taxed = [
        _ZERO if row.text("lineitem taxable").casefold() == "false" else worth
        for row, worth in zip(rows, net, strict=True)
    ]
    taxes = _shares(first.cost("taxes"), taxed)
    for place, row in enumerate(rows):
        yield OrderLine(
            line_id=place + 1,
            quantity=row.count("lineitem quantity"),
            price=row.cost("lineitem price"),
            discount=own[place] + more[place],
            tax=taxes[place],
            sku=row.text("lineitem sku"),
            vendor=row.text("vendor"),
            is_tip=_is_tip(row),
        )


def _shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Share an amount out by weight, to the cent and without losing one."""
    total, so_far, shared = sum(weights, _ZERO), _ZERO, _ZERO
    shares: list[Decimal] = []
    for weight in weights:
        so_far += weight
        reached = (amount * so_far / total).quantize(_CENT, ROUND_HALF_EVEN) if total else _ZERO
        shares.append(reached - shared)
        shared = reached
    return shares


def _has_tax_in_price(first: _Row) -> bool:
    """Tell from the sums: the total is the subtotal and the shipping, with nothing on top for the taxes."""
    total, subtotal = first.amount("total"), first.amount("subtotal")
    if total is None or subtotal is None or not first.cost("taxes"):
        return False
    return abs(subtotal + first.cost("shipping") - total) <= _CENT


def _refunds(first: _Row, placed_at: datetime, *, included: bool) -> tuple[Refund, ...]:
    """The goods' share of the money that was given back, with the tax on them, and the shipping's."""
    given_back, total = first.cost("refunded amount"), first.amount("total")
    if not given_back or not total:
        return ()
    subtotal = first.amount("subtotal")
    goods = total if subtotal is None else subtotal + (_ZERO if included else first.cost("taxes"))
    share = (given_back * min(max(goods, _ZERO), total) / total).quantize(_CENT, ROUND_HALF_EVEN)
    shipping = (given_back * min(first.cost("shipping"), total) / total).quantize(_CENT, ROUND_HALF_EVEN)
    return (Refund(refund_id=1, created_at=placed_at, discrepancy=share, shipping=shipping),)


def _customer(first: _Row) -> CustomerRef | None:
    who = first.text("email").casefold() or first.text("phone")
    return CustomerRef(_number_of(who)) if who else None


def _order_id(first: _Row) -> int:
    cell = first.text("id")
    if cell.isascii() and cell.isdigit() and 0 < int(cell) <= _ID_MAX:
        return int(cell)
    return _number_of(first.text("name"))


def _number_of(text: str) -> int:
    return (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1) or 1


def _is_tip(row: _Row) -> bool:
    is_shipped = row.text("lineitem requires shipping").casefold() == "true"
    return row.text("lineitem name").casefold() == "tip" and not row.text("lineitem sku") and not is_shipped

"""Shopify's order export as CSV, row by row into orders."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from plugin.errors import BadInput
from plugin.facts import OrderSnapshot, RejectedRow
from plugin.sheets.order_export import read_order_export
from tests.rules.making import document, points

SHOP = (UUID(int=1), UUID(int=2))
COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Discount Code", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
    "Lineitem sku", "Lineitem requires shipping", "Lineitem taxable", "Notes", "Cancelled at", "Refunded Amount",
    "Vendor", "Id", "Source", "Lineitem discount", "Phone",
)  # fmt: skip
ORDER = {
    "Name": "#1001", "Email": "ann@example.com", "Financial Status": "paid", "Currency": "EUR", "Subtotal": "90.00",
    "Shipping": "5.00", "Taxes": "0.00", "Total": "95.00", "Discount Code": "TEN", "Discount Amount": "10.00",
    "Created at": "2026-04-05 10:26:50 +0800", "Lineitem quantity": "2", "Lineitem name": "Shoe", "Lineitem price": "30.00",
    "Lineitem sku": "S-1", "Lineitem requires shipping": "true", "Lineitem taxable": "true", "Vendor": "Acme",
    "Id": "5001", "Source": "web", "Lineitem discount": "0.00",
}  # fmt: skip
MORE = {"Name": "#1001", "Lineitem quantity": "1", "Lineitem price": "40.00", "Lineitem sku": "S-2", "Vendor": "Acme"}


def read(*rows: dict[str, Any], delimiter: str = ",") -> list[OrderSnapshot | RejectedRow]:
    quoted = [[f'"{row.get(name, "")}"' for name in COLUMNS] for row in rows]
    lines = [delimiter.join(COLUMNS), *(delimiter.join(row) for row in quoted)]
    return list(read_order_export(io.StringIO("\n".join(lines) + "\n", newline=""), SHOP))


def one(*rows: dict[str, Any]) -> OrderSnapshot:
    (order,) = read(*rows)
    assert isinstance(order, OrderSnapshot), order
    return order


def test_an_order_of_two_rows_is_one_order_with_two_lines():
    order = one(ORDER, MORE)
    assert (order.order_id, order.name, order.financial_status, order.source) == (5001, "#1001", "paid", "web")
    assert order.placed_at.isoformat() == "2026-04-05T02:26:50+00:00"
    assert [(line.sku, line.quantity, line.price) for line in order.lines] == [
        ("S-1", 2, Decimal("30.00")),
        ("S-2", 1, Decimal("40.00")),
    ]
    assert order.discount_codes == ("TEN",)
    assert order.customer_standing == "present"


def test_the_orders_discount_is_shared_out_to_the_cent():
    order = one(ORDER, MORE)
    assert [line.discount for line in order.lines] == [Decimal("6.00"), Decimal("4.00")]
    thirds = one(*[ORDER | {"Lineitem quantity": "1", "Subtotal": "80.00"}, *[MORE | {"Lineitem price": "30.00"}] * 2])
    assert [line.discount for line in thirds.lines] == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]


def test_a_lines_own_discount_stays_its_own():
    order = one(ORDER | {"Lineitem discount": "10.00"}, MORE)
    assert [line.discount for line in order.lines] == [Decimal("10.00"), Decimal(0)]


def test_a_code_for_shipping_takes_nothing_off_the_goods():
    order = one(ORDER | {"Subtotal": "100.00", "Discount Amount": "5.00", "Total": "100.00"}, MORE)
    assert points(order, document()) == 100


def test_tax_in_the_price_is_told_by_the_sums_and_taken_off():
    order = one(ORDER | {"Taxes": "15.00"}, MORE)
    assert order.taxes_included
    assert points(order, document()) == 75
    on_top = one(ORDER | {"Taxes": "15.00", "Total": "110.00"}, MORE)
    assert not on_top.taxes_included
    assert points(on_top, document()) == 90


def test_of_a_refund_the_goods_bear_their_share():
    order = one(ORDER | {"Financial Status": "partially_refunded", "Refunded Amount": "19.00"}, MORE)
    assert points(order, document()) == 72
    assert points(one(ORDER | {"Financial Status": "refunded", "Refunded Amount": "95.00"}, MORE), document()) == 0


@pytest.mark.parametrize(("taxes", "total"), [("15.00", "95.00"), ("18.00", "113.00")])
def test_of_a_refund_the_goods_bear_their_share_with_the_tax_on_them(taxes, total):
    """Prices with tax in them, and with tax on top: a fifth of all that was paid is a fifth of what counted."""
    paid = ORDER | {"Taxes": taxes, "Total": total}
    before = points(one(paid, MORE), document())
    fifth = {"Financial Status": "partially_refunded", "Refunded Amount": str(Decimal(total) / 5)}
    assert points(one(paid | fifth, MORE), document()) == before * 4 // 5
    assert before in {75, 90}


def test_the_same_address_in_other_letters_is_the_same_customer_and_none_is_a_guest():
    first, second = read(ORDER, ORDER | {"Name": "#1002", "Email": "ANN@example.com", "Id": "5002"})
    assert isinstance(first, OrderSnapshot)
    assert isinstance(second, OrderSnapshot)
    assert first.customer == second.customer
    assert one(ORDER | {"Email": ""}).customer is None
    assert one(ORDER | {"Email": "", "Phone": "+359 1"}).customer is not None


def test_a_tip_is_no_goods():
    tip = {"Name": "#1001", "Lineitem quantity": "1", "Lineitem price": "7.00", "Lineitem name": "Tip"}
    order = one(ORDER | {"Subtotal": "97.00", "Total": "102.00"}, MORE, tip | {"Lineitem requires shipping": "false"})
    assert [line.is_tip for line in order.lines] == [False, False, True]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"Created at": "03/04/2026"}, "created at"),
        ({"Created at": ""}, "no date"),
        ({"Lineitem price": "1e3"}, "lineitem price"),
        ({"Lineitem quantity": "-1"}, "lineitem quantity"),
        ({"Currency": "euro"}, "currency"),
        ({"Refunded Amount": "-5"}, "below zero"),
    ],
)
def test_what_cannot_be_read_is_told_by_the_row_the_order_begins_on(change, fault):
    good = ORDER | {"Name": "#1000", "Id": "5000"}
    more = MORE | {"Name": "#1000"}
    first, rejected, last = read(good, more, ORDER | change, MORE, good | {"Name": "#1002"})
    assert isinstance(first, OrderSnapshot)
    assert isinstance(last, OrderSnapshot)
    assert isinstance(rejected, RejectedRow)
    assert rejected.row == 4
    assert fault in rejected.fault


def test_a_note_of_several_lines_moves_no_row_number():
    noted = ORDER | {"Notes": "one\ntwo\nthree"}
    rejected = read(noted, ORDER | {"Name": "#1002", "Currency": "?"})[1]
    assert isinstance(rejected, RejectedRow)
    assert rejected.row == 5


def test_semicolons_are_read_too():
    (order,) = read(ORDER, delimiter=";")
    assert isinstance(order, OrderSnapshot)


def test_another_file_is_refused_with_the_columns_it_lacks():
    with pytest.raises(BadInput, match="no column name, created at"):
        list(read_order_export(io.StringIO("Handle,Title\n"), SHOP))


def test_shipping_counts_where_the_document_says_so_less_its_share_of_refunds():
    by = document(base={"shipping": True})
    shipped = ORDER | {"Shipping": "10.00", "Total": "100.00"}
    assert points(one(shipped, MORE), by) == 100
    assert points(one(shipped | {"Refunded Amount": "50.00", "Financial Status": "partially_refunded"}, MORE), by) == 50
    assert points(one(shipped, MORE), document()) == 90

"""Shipping in an order's body, and what a refund gave back of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugin.facts import Shipping
from tests.webhooks.sending import facts_of, payload

BAG = {"shop_money": {"amount": "2.00", "currency_code": "EUR"}}
TAX = {"shop_money": {"amount": "0.40", "currency_code": "EUR"}}
ADJUSTED = {"id": 1, "kind": "shipping_refund", "amount": "-2.00", "tax_amount": "-0.40"}


def read(**changes):
    [snapshot] = facts_of("orders/paid", payload("orders_paid") | changes)
    return snapshot


def one(price="4.90", **changes):
    return {"id": 1, "price": price, "discount_allocations": [], "tax_lines": []} | changes


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], Shipping(Decimal(0))),
        ([one()], Shipping(Decimal("4.90"))),
        (
            [
                one(discount_allocations=[{"amount": "1.00"}], tax_lines=[{"price": "0.65"}]),
                one("2.00", tax_lines=[{"price": "0.10"}, {"price": "0.05"}]),
            ],
            Shipping(Decimal("6.90"), Decimal("1.00"), Decimal("0.80")),
        ),
        ([one(), one("99.00", is_removed=True)], Shipping(Decimal("4.90"))),
        ([{"id": 1}], None),
    ],
)
def test_shipping_lines_add_up_and_removed_ones_do_not_count(lines, expected):
    assert read(shipping_lines=lines).shipping == expected


def test_a_body_that_does_not_tell_of_shipping_is_whole_all_the_same():
    body = payload("orders_paid")
    del body["shipping_lines"]
    [snapshot] = facts_of("orders/paid", body)
    assert (snapshot.shipping, snapshot.is_complete) == (None, True)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, ("0", "0")),
        ({"order_adjustments": [ADJUSTED]}, ("2.00", "0.40")),
        ({"order_adjustments": [ADJUSTED | {"amount": "2.00"}]}, ("0", "0.40")),
        ({"refund_shipping_lines": [{"id": 1, "subtotal_amount_set": BAG, "tax_amount_set": TAX}]}, ("2.00", "0.40")),
        (
            {
                "order_adjustments": [ADJUSTED],
                "refund_shipping_lines": [{"id": 1, "subtotal_amount_set": BAG, "tax_amount_set": TAX}],
            },
            ("2.00", "0.40"),
        ),
    ],
)
def test_a_refund_tells_what_it_gave_back_of_the_shipping_once(parts, expected):
    back = {"id": 9, "created_at": "2026-11-09T14:40:00Z", "refund_line_items": [], "transactions": []}
    (found,) = read(refunds=[back | parts]).refunds
    assert (found.shipping, found.shipping_tax) == tuple(map(Decimal, expected))

"""Ordered lines: discounts, taxes, gift cards, tips."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from plugin.errors import BadInput
from plugin.facts import OrderLine
from tests.webhooks.sending import facts_of, payload


def read(line: dict[str, Any], **order: Any) -> OrderLine:
    """The one line of an order that has only this one."""
    [snapshot] = facts_of("orders/paid", payload("orders_paid") | {"line_items": [line]} | order)
    return snapshot.lines[0]


def towel(**changes: Any) -> dict[str, Any]:
    """Two towels at 18.50 with 5.00 off, some fields changed."""
    return payload("orders_paid")["line_items"][0] | changes


def test_a_line_is_read_whole():
    assert read(towel()) == OrderLine(
        line_id=15_000_000_101,
        quantity=2,
        price=Decimal("18.50"),
        discount=Decimal("5.00"),
        tax=Decimal("6.40"),
        product_id=7_310_000_000_101,
        variant_id=42_100_000_000_101,
        sku="LRL-101",
        vendor="Laurel Goods",
        grams=250,
    )


def test_the_discount_is_what_was_allocated_never_total_discount():
    assert read(towel(total_discount="9.99")).discount == Decimal("5.00")
    assert read(towel(total_discount="9.99", discount_allocations=[])).discount == 0


def test_the_quantity_is_as_ordered_whatever_was_removed_since():
    assert read(towel(current_quantity=0)).quantity == 2


def test_shop_money_wins_and_the_plain_amount_serves_where_it_is_all_there_is():
    assert read(towel(price="99.00")).price == Decimal("18.50")
    for absent in ({}, None, {"shop_money": None}, {"presentment_money": {"amount": "3100"}}):
        assert read(towel(price="18.20", price_set=absent)).price == Decimal("18.20")
    allocations = [{"amount": "1.10"}, {"amount": 2}]
    assert read(towel(discount_allocations=allocations)).discount == Decimal("3.10")


def test_missing_particulars_are_not_a_fault():
    sparse = read({"id": 1, "quantity": 1, "price": "5.00"})
    assert sparse == OrderLine(line_id=1, quantity=1, price=Decimal("5.00"))
    assert read(towel(sku=None, vendor=None, product_id=None, variant_id=None, grams=None)).sku == ""


def test_a_gift_card_is_known_by_its_flag():
    assert read(towel(gift_card=True)).is_gift_card
    assert [line.is_gift_card for line in facts_of("orders/paid", payload("orders_paid"))[0].lines] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "mark",
    [
        {"tip_payment_gateway": "shopify_payments"},
        {"tip_payment_gateway": None, "product_id": None, "variant_id": None},
        {"tip_payment_method": "Visa"},
        {"tip": {"payment_gateway": "shopify_payments", "payment_method": "Visa"}},
    ],
)
def test_a_tip_is_known_by_shopifys_marks(mark):
    assert read(towel(**mark)).is_tip


def test_a_line_without_a_product_worth_exactly_the_orders_tips_is_the_tip():
    custom = towel(product_id=None, variant_id=None, quantity=1, price="2.00", price_set=None, requires_shipping=False)
    assert read(custom, total_tip_received="2.00").is_tip
    assert not read(custom, total_tip_received="3.00").is_tip
    assert not read(custom | {"requires_shipping": True}, total_tip_received="2.00").is_tip
    assert not read(custom, total_tip_received="0.00").is_tip
    assert not read(custom, total_tip_received=None).is_tip
    assert not read(custom | {"product_id": 5}, total_tip_received="2.00").is_tip
    assert not read(custom | {"price": "0.00"}, total_tip_received="0.00").is_tip
    assert not read(towel(title="Tip", tip=None, tip_payment_gateway=None)).is_tip


TWISTED = {
    "id": ["1", 0, -5, 1.5, True],
    "quantity": ["2", -1, 1.5, True, 2**31],
    "price": ["-1.00", "free", "1,50", "1e3", "NaN", " 1", "\u0661", [], {}, True, 12.345678901],
    "price_set": ["18.50", {"shop_money": "18.50"}, {"shop_money": {"amount": "x"}}, {"shop_money": {"amount": []}}],
    "discount_allocations": [{}, [5], [{"amount": "-5.00"}], [{"amount": "half"}], "5.00"],
    "tax_lines": [{"price": "1"}, [{"price": "-1"}], [None]],
    "gift_card": ["true", 1],
    "product_id": ["gid://shopify/Product/1", 0, 1.0],
    "grams": [-1, "250"],
    "sku": [5, []],
}


@pytest.mark.parametrize("name", TWISTED)
def test_a_twisted_line_is_bad_input_that_names_the_field(name):
    for value in TWISTED[name]:
        with pytest.raises(BadInput) as refusal:
            read(towel(**({"price_set": None} if name == "price" else {}) | {name: value}))
        assert refusal.value.path.startswith(f"line_items[0].{name}"), value

"""Refunds: lines, money beyond the lines, money still on its way."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from plugin.errors import BadInput
from plugin.facts import OrderTouched, Refund, RefundedLine
from tests.webhooks.sending import SOMEWHERE, TRIGGERED_AT, facts_of, payload

AT = datetime(2026, 11, 9, 14, 40, tzinfo=UTC)


def refunds_of(name: str) -> tuple[Refund, ...]:
    """The refunds of one of our orders."""
    return facts_of("orders/updated", payload(name))[0].refunds


def adjusted(*amounts: str, kind: str = "refund_discrepancy", lines: bool = True, status: str = "success") -> Any:
    """The order whose one refund has these adjustments; gives its snapshot."""
    body = payload("orders_updated_partly_refunded")
    refund = body["refunds"][0]
    refund["order_adjustments"] = [{"id": 1, "kind": kind, "amount": amount} for amount in amounts]
    refund["transactions"] = [{"kind": "refund", "status": status, "amount": "1.00"}]
    if not lines:
        refund["refund_line_items"] = []
    return facts_of("orders/updated", body)[0]


def test_a_refund_of_lines_is_read_from_its_own_lines():
    assert refunds_of("orders_updated_partly_refunded") == (
        Refund(880_000_001, AT, (RefundedLine(15_000_000_101, 2, Decimal("33.30"), Decimal("6.66")),)),
    )


def test_line_worths_may_be_json_numbers():
    body = payload("orders_updated_partly_refunded")
    body["refunds"][0]["refund_line_items"][0] |= {
        "subtotal": 33.3,
        "total_tax": 7,
        "subtotal_set": None,
        "total_tax_set": None,
    }
    line = facts_of("orders/updated", body)[0].refunds[0].lines[0]
    assert (line.subtotal, line.tax) == (Decimal("33.3"), Decimal(7))


def test_money_given_back_beyond_the_lines_is_a_discrepancy_and_shipping_is_not():
    assert refunds_of("orders_updated_refunded_by_money") == (
        Refund(880_000_002, AT, (), discrepancy=Decimal("7.25"), shipping=Decimal("4.90")),
    )
    assert adjusted("-4.90", kind="shipping_refund").refunds[0].discrepancy == 0


@pytest.mark.parametrize("reason", ["Refund discrepancy", "damage", None])
def test_an_adjustment_that_does_not_say_its_kind_is_a_discrepancy(reason):
    """The field is deprecated; what shipping refunds come to stands in `refund_shipping_lines` since 2024-10."""
    body = payload("orders_updated_refunded_by_money")
    body["refunds"][0]["order_adjustments"] = [{"id": 1, "amount": "-7.25", "reason": reason}]
    assert facts_of("orders/updated", body)[0].refunds[0].discrepancy == Decimal("7.25")


def test_discrepancies_are_netted_because_shopify_books_pairs_that_cancel():
    assert adjusted("71.30", "-71.30").refunds[0].discrepancy == 0
    assert adjusted("-71.30", "-71.30", "71.30").refunds[0].discrepancy == Decimal("71.30")
    assert adjusted("71.30", "-71.30", status="pending").refunds[0].lines


def test_money_kept_back_leaves_the_lines_refunded():
    [refund] = adjusted("5.00").refunds
    assert (refund.discrepancy, len(refund.lines)) == (-5, 1)


def test_a_refund_whose_money_is_still_on_its_way_counts_when_it_arrives():
    assert refunds_of("orders_updated_refund_on_its_way") == ()
    assert adjusted("33.30", status="pending").refunds == ()
    assert adjusted("33.30", status="failure").refunds == ()
    assert len(adjusted("33.30", status="success").refunds) == 1


def test_a_refund_without_any_payment_counts_by_its_lines():
    body = payload("orders_updated_partly_refunded")
    body["refunds"][0]["transactions"] = []
    assert len(facts_of("orders/updated", body)[0].refunds[0].lines) == 1


@pytest.mark.parametrize("name", ["id", "created_at"])
def test_a_refund_that_does_not_say_what_it_is_makes_the_order_incomplete(name):
    body = payload("orders_updated_partly_refunded")
    del body["refunds"][0][name]
    assert not facts_of("orders/updated", body)[0].is_complete


@pytest.mark.parametrize("name", ["line_item_id", "quantity", "subtotal"])
def test_a_refund_line_that_does_not_say_what_it_is_makes_the_order_incomplete(name):
    body = payload("orders_updated_partly_refunded")
    line = body["refunds"][0]["refund_line_items"][0]
    line |= {name: None, f"{name}_set": None}
    assert not facts_of("orders/updated", body)[0].is_complete


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("refund_line_items", {}),
        ("refund_line_items", [[]]),
        ("refund_line_items", [{"line_item_id": 1, "quantity": -1, "subtotal": 1}]),
        ("refund_line_items", [{"line_item_id": 1, "quantity": 1, "subtotal": -1}]),
        ("order_adjustments", "none"),
        ("order_adjustments", [{"kind": 5}]),
        ("order_adjustments", [{"kind": "refund_discrepancy", "amount": "much"}]),
        ("transactions", [None]),
        ("transactions", [{"kind": "refund", "status": {}}]),
        ("created_at", "lately"),
        ("id", "880"),
    ],
)
def test_a_twisted_refund_is_bad_input(place, value):
    body = payload("orders_updated_partly_refunded")
    body["refunds"][0][place] = value
    with pytest.raises(BadInput) as refusal:
        facts_of("orders/updated", body)
    assert refusal.value.path.startswith(f"refunds[0].{place}")


def test_refunds_create_only_says_which_order_changed():
    assert facts_of("refunds/create", payload("refunds_create")) == [
        OrderTouched(SOMEWHERE.programme_id, SOMEWHERE.shop_id, 5_400_000_001_004, TRIGGERED_AT)
    ]
    for twisted in ({}, {"order_id": None}, {"order_id": "5"}, {"id": 5}):
        with pytest.raises(BadInput):
            facts_of("refunds/create", twisted)

"""Bodies written by Shopify and others, where they stand beside the checkout."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from plugin.errors import BadInput
from plugin.facts import OrderSnapshot
from tests.webhooks.sending import facts_of
from webhooks.topics import HANDLERS, parse_delivery

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "payloads"

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="others' payloads are not beside the checkout")


def sample(name: str) -> OrderSnapshot:
    """The snapshot in an order of others."""
    snapshot, *_ = facts_of("orders/paid", (SAMPLES / f"{name}.json").read_bytes())
    assert isinstance(snapshot, OrderSnapshot)
    return snapshot


def test_every_sample_under_every_topic_passes_the_door_and_is_read_or_set_aside(door):
    files = sorted(SAMPLES.glob("*.json"))
    assert len(files) >= 30
    for path in files:
        for topic in HANDLERS:
            assert door.send(topic, path.read_bytes(), Event_Id=path.stem).status_code == 200, (path.stem, topic)
    stored = door.stored()
    assert len(stored) == len(files) * len(HANDLERS)
    for delivery in stored:
        with suppress(BadInput):
            assert isinstance(parse_delivery(delivery), list)


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("docs202607_app_scopes_update", "app/scopes_update"),
        ("docs202607_customers_create", "customers/create"),
        ("docs202607_customers_data_request", "customers/data_request"),
        ("docs202607_customers_delete", "customers/delete"),
        ("docs202607_customers_merge", "customers/merge"),
        ("docs202607_customers_redact", "customers/redact"),
        ("docs202607_orders_create", "orders/create"),
        ("docs202607_orders_edited", "orders/edited"),
        ("docs202607_refunds_create", "refunds/create"),
        ("docs202607_shop_redact", "shop/redact"),
    ],
)
def test_every_documented_body_is_read_under_its_own_topic(name, topic):
    assert isinstance(facts_of(topic, (SAMPLES / f"{name}.json").read_bytes()), list)


def test_the_documented_order_is_a_voided_test_and_so_gives_nothing():
    snapshot = sample("docs202607_orders_create")
    assert (snapshot.is_test, snapshot.financial_status) == (True, "voided")
    assert snapshot.cancelled_at


@pytest.mark.parametrize(
    "name", ["shopify_order_ex15", "shopify_order_ex19", "shopify_order_ex21", "shopify_order_ex23"]
)
def test_lines_less_discounts_are_the_orders_subtotal_to_the_cent(name):
    snapshot = sample(name)
    subtotal = sum((line.price * line.quantity - line.discount for line in snapshot.lines), Decimal(0))
    assert subtotal == Decimal(json.loads((SAMPLES / f"{name}.json").read_bytes())["subtotal_price"])


def test_refund_lines_are_worth_what_was_paid_for_them():
    [refund] = sample("shopify_order_full").refunds
    assert [line.subtotal for line in refund.lines] == [Decimal("195.66"), Decimal("195.67")]
    assert [line.tax for line in refund.lines] == [Decimal("3.98"), Decimal("3.98")]


def test_a_guest_order_names_no_customer():
    assert {sample(f"shopify_order_ex{n}").customer_standing for n in (15, 19, 23)} == {"none"}
    assert sample("shopify_order_ex21").customer_standing == "present"

"""One order carried through all doors, on SQLite and on Postgres: webhook, points, storefront, code, check-out, refund, cancellation."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import responses

from plugin.engine import Engine
from plugin.journeys.proving import verify
from plugin.wiring import drain_once, job_kinds
from plugin.wsgi import create_app
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.storefront.proxy import Storefront
from tests.webhooks.sending import webhook_headers

CUSTOMER = 7001


@pytest.fixture
def desk(tools, shop):
    desk = DiscountDesk()
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk.serve(mock, shop.domain)
        yield desk


def test_one_order_through_all_doors(tools, clock, shop, desk):
    client = create_app(tools).test_client()
    storefront = Storefront(client, clock, shop.domain, CUSTOMER)
    engine = Engine(job_kinds(tools), tools.clock)
    order = body(5001, price="520.00", at="2026-11-21T09:00:00Z")

    # The order arrives, twice; the answer does not wait for the work.
    assert [deliver(client, shop, "orders/paid", order) for _ in range(2)] == [200, 200]
    assert deliver(client, shop, "orders/updated", order) == 200
    assert storefront.get("summary").json["member"]["points"]["available"] == 0
    drain(tools)
    assert points(storefront) == {"available": 520, "pending": 0, "held": 0, "debt": 0}

    # The theme's balance follows.
    engine.sweep("balance", clock())
    assert desk.balances == {f"gid://shopify/Customer/{CUSTOMER}": 520}

    # Points become a code; the same click twice is the same code.
    first, again = storefront.redeem(), storefront.redeem()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["code"] == again.json["code"]
    assert points(storefront)["available"] == 20
    (discount,) = desk.discounts.values()
    assert discount.given["usageLimit"] == 1
    assert discount.given["context"] == {"customers": {"add": [f"gid://shopify/Customer/{CUSTOMER}"]}}

    # An order uses the code; it cannot be handed back any more.
    used = body(5002, price="30.00", at="2026-11-21T09:30:00Z", discount="5.00", code=first.json["code"])
    deliver(client, shop, "orders/paid", used)
    drain(tools)
    assert points(storefront)["available"] == 45
    assert storefront.delete(f"redemptions/{first.json['id']}").status_code in {409, 422}

    # Part of the order comes back, then all of it is cancelled.
    deliver(
        client,
        shop,
        "orders/updated",
        body(5002, price="30.00", at="2026-11-21T09:40:00Z", discount="5.00", back="10.00"),
    )
    drain(tools)
    assert points(storefront)["available"] == 35
    deliver(
        client,
        shop,
        "orders/cancelled",
        body(5002, price="30.00", at="2026-11-21T09:50:00Z", discount="5.00", cancelled=True),
    )
    drain(tools)
    assert points(storefront)["available"] == 20

    # The first order is cancelled too: what was spent is owed.
    deliver(client, shop, "orders/cancelled", body(5001, price="520.00", at="2026-11-21T09:55:00Z", cancelled=True))
    drain(tools)
    assert points(storefront) == {"available": 0, "pending": 0, "held": 0, "debt": 500}
    assert storefront.redeem(wish_id="wish-0002").status_code == 409

    # The shopper can read why, and the books agree.
    history = storefront.get("history").json["entries"]
    assert len(history) >= 5
    assert all(entry["sentence"] for entry in history)
    engine.sweep("balance", clock())
    assert desk.balances == {f"gid://shopify/Customer/{CUSTOMER}": 0}
    with tools.reading() as session:
        assert verify(session) == []


def deliver(client, shop, topic, order):
    raw = json.dumps(order).encode()
    event_id = f"{topic}:{order['id']}:{order['updated_at']}"
    return client.post("/webhooks", data=raw, headers=webhook_headers(topic, raw, shop.domain, event_id)).status_code


def drain(tools):
    while drain_once(tools):
        pass


def points(storefront):
    answer = storefront.get("summary")
    assert answer.status_code == 200, answer.text
    return answer.json["member"]["points"]


def body(order_id, *, price, at, discount="0.00", code=None, back=None, cancelled=False):
    """An order's webhook body in Shopify's shape; `back` is money refunded beyond any line."""
    bag = {"amount": discount, "currency_code": "EUR"}
    refund = {
        "id": order_id * 10,
        "order_id": order_id,
        "created_at": at,
        "refund_line_items": [],
        "order_adjustments": [{"id": 1, "kind": "refund_discrepancy", "amount": f"-{back}", "tax_amount": "0.00"}],
        "transactions": [{"id": 2, "kind": "refund", "status": "success", "amount": back}],
    }
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "created_at": "2026-11-21T09:00:00Z",
        "processed_at": "2026-11-21T09:00:00Z",
        "updated_at": at,
        "cancelled_at": at if cancelled else None,
        "currency": "EUR",
        "taxes_included": False,
        "test": False,
        "financial_status": "voided" if cancelled else "partially_refunded" if back else "paid",
        "source_name": "web",
        "subtotal_price": str(Decimal(price) - Decimal(discount)),
        "discount_codes": [{"code": code, "amount": discount, "type": "fixed_amount"}] if code else [],
        "customer": {"id": CUSTOMER, "state": "enabled"},
        "line_items": [
            {
                "id": order_id * 100,
                "product_id": 301,
                "variant_id": 302,
                "quantity": 1,
                "price": price,
                "gift_card": False,
                "grams": 0,
                "sku": "",
                "vendor": "",
                "total_discount": "0.00",
                "discount_allocations": [
                    {"amount": discount, "amount_set": {"shop_money": bag, "presentment_money": bag}}
                ],
                "tax_lines": [],
            }
        ],
        "refunds": [refund] if back else [],
    }

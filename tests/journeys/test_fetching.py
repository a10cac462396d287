"""What webhooks did not bring is fetched: products, newest states, disputed claims, everything missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import responses
from sqlalchemy import select

from plugin.errors import ShopifyUnavailable
from plugin.facts import OrderTouched
from plugin.journeys.applying import apply_facts
from plugin.journeys.fetching import (
    SWEEP_EVERY,
    due_order_facts,
    due_sweeps,
    settle_order_facts,
    settle_sweep,
)
from plugin.journeys.proving import verify
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, credit_now, make_shop, paid_order
from tests.journeys.redeeming_stage import connect
from tests.shopify.stub import AdminStub, listen, page


@pytest.fixture
def http():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_an_order_that_needs_product_facts_is_credited_once_they_are_fetched(tools, http):
    shop = make_shop(tools, document=double_beans())
    connect(tools, shop)
    listen(http, AdminStub({"nodes": [product(301, "Beans")]}), shop.domain)
    credit_now(tools, paid_order(shop, amount="25.50"))
    fetch_due(tools)
    assert balance_of(tools, shop).available == 51
    assert due_order_facts(tools, tools.clock(), 10) == []


def test_a_product_that_is_gone_holds_nobody_up(tools, http):
    shop = make_shop(tools, document=double_beans())
    connect(tools, shop)
    listen(http, AdminStub({"nodes": [None]}), shop.domain)
    credit_now(tools, paid_order(shop, amount="25.50"))
    fetch_due(tools)
    assert balance_of(tools, shop).available == 25


def test_product_facts_are_frozen_with_the_order(tools, http):
    shop = make_shop(tools, document=double_beans())
    connect(tools, shop)
    stub = AdminStub({"nodes": [product(301, "Beans")]})
    listen(http, stub, shop.domain)
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    fetch_due(tools)
    stub.root["nodes"] = [product(301, "Tea")]
    tools.clock.advance(days=3)
    credit_now(tools, replace(order, updated_at=order.updated_at + timedelta(days=2)))
    assert balance_of(tools, shop).available == 51
    assert len(stub.sent) == 1


def test_a_touched_order_is_fetched_and_converges(tools, shop, http):
    connect(tools, shop)
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    listen(
        http, AdminStub({"nodes": [order_node(order, updated_at="2026-11-21T10:00:00Z", cancelled=True)]}), shop.domain
    )
    with tools.writing() as session:
        touched = OrderTouched(shop.programme_id, shop.shop_id, order.order_id, tools.clock())
        apply_facts(tools, session, [touched], tools.clock())
    fetch_due(tools)
    assert balance_of(tools, shop).available == 0
    assert due_order_facts(tools, tools.clock() + timedelta(days=1), 10) == []


def test_an_order_touched_again_while_it_was_fetched_is_fetched_again(tools, shop, http):
    connect(tools, shop)
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    touch(tools, shop)

    def nodes(_info, **_):
        tools.clock.advance(seconds=1)
        touch(tools, shop)
        return [order_node(order)]

    listen(http, AdminStub({"nodes": nodes}), shop.domain)
    settle_order_facts(tools, str(shop.shop_id), tools.clock())
    assert due_order_facts(tools, tools.clock.advance(minutes=2), 10) == [str(shop.shop_id)]


def test_a_state_that_comes_by_webhook_does_not_answer_for_a_touch(tools, shop):
    touch(tools, shop)
    credit_now(tools, paid_order(shop))
    assert due_order_facts(tools, tools.clock(), 10) == [str(shop.shop_id)]
    assert balance_of(tools, shop).available == 25


def touch(tools, shop):
    with tools.writing() as session:
        touched = OrderTouched(shop.programme_id, shop.shop_id, 5001, tools.clock())
        apply_facts(tools, session, [touched], tools.clock())


def test_a_disputed_order_goes_to_the_shop_that_can_show_it(tools, shop, http):
    stranger = make_shop(tools, "laurel-stranger.myshopify.com")
    connect(tools, shop)
    connect(tools, stranger)
    order = paid_order(shop, amount="25.50")
    listen(http, AdminStub({"nodes": [order_node(order)]}), shop.domain)
    listen(http, AdminStub({"nodes": [None]}), stranger.domain)
    credit_now(tools, order, paid_order(stranger, amount="25.50"))
    fetch_due(tools)
    assert balance_of(tools, shop).available == 25
    assert ownership(tools) == {shop.shop_id: "confirmed", stranger.shop_id: "foreign"}


def test_a_fetch_that_gets_no_answer_is_tried_again_later(tools, shop, http):
    connect(tools, shop)
    order = paid_order(shop)
    credit_now(tools, order)
    http.add(responses.POST, f"https://{shop.domain}/admin/api/2026-10/graphql.json", status=503)
    with tools.writing() as session:
        apply_facts(tools, session, [OrderTouched(shop.programme_id, shop.shop_id, 5001, tools.clock())], tools.clock())
    with pytest.raises(ShopifyUnavailable):
        settle_order_facts(tools, str(shop.shop_id), tools.clock())
    assert due_order_facts(tools, tools.clock(), 10) == []
    assert due_order_facts(tools, tools.clock.advance(minutes=2), 10) == [str(shop.shop_id)]


def test_the_sweep_finds_orders_whose_webhooks_never_came(tools, shop, http):
    connect(tools, shop)
    known, missed = paid_order(shop, order_id=5001), paid_order(shop, order_id=5002, amount="10.00")
    credit_now(tools, known)
    stub = AdminStub({"orders": page(stamp(known), stamp(missed)), "nodes": [order_node(missed)]})
    listen(http, stub, shop.domain)
    assert due_sweeps(tools, tools.clock(), 10) == [str(shop.shop_id)]
    settle_sweep(tools, str(shop.shop_id), tools.clock())
    assert balance_of(tools, shop).available == 35
    assert [one["variables"]["ids"] for one in stub.sent if "ids" in one["variables"]] == [["gid://shopify/Order/5002"]]
    assert due_sweeps(tools, tools.clock(), 10) == []
    assert due_sweeps(tools, tools.clock() + SWEEP_EVERY, 10) == [str(shop.shop_id)]


def test_a_sweep_that_breaks_half_way_starts_again(tools, shop, http):
    connect(tools, shop)
    http.add(responses.POST, f"https://{shop.domain}/admin/api/2026-10/graphql.json", status=503)
    with pytest.raises(ShopifyUnavailable):
        settle_sweep(tools, str(shop.shop_id), tools.clock())
    assert due_sweeps(tools, tools.clock(), 10) == [str(shop.shop_id)]


def fetch_due(tools):
    for key in due_order_facts(tools, tools.clock(), 10):
        settle_order_facts(tools, key, tools.clock())
    with tools.reading() as session:
        assert verify(session) == []


def double_beans():
    document = dump_document(default_document())
    rule = {"kind": "product_type", "id": "double-beans", "match": {"product_types": ["Beans"]}, "multiplier": "2"}
    document["earning"]["rules"].append(rule)
    return document


def ownership(tools):
    with tools.reading() as session:
        rows = session.execute(select(order_state.c.shop_id, order_state.c.ownership))
        return {row.shop_id: row.ownership for row in rows}


def product(product_id, product_type):
    return {
        "__typename": "Product",
        "id": f"gid://shopify/Product/{product_id}",
        "productType": product_type,
        "vendor": "",
        "tags": [],
        "collections": page(),
    }


def stamp(order):
    return {"id": f"gid://shopify/Order/{order.order_id}", "updatedAt": order.updated_at.isoformat()}


def order_node(order, *, updated_at=None, cancelled=False):
    line = order.lines[0]
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{order.order_id}",
        "name": order.name,
        "createdAt": order.placed_at.isoformat(),
        "processedAt": order.placed_at.isoformat(),
        "updatedAt": updated_at or order.updated_at.isoformat(),
        "cancelledAt": updated_at if cancelled else None,
        "test": False,
        "taxesIncluded": False,
        "currencyCode": order.currency,
        "sourceName": "web",
        "tags": [],
        "shippingLines": page(),
        "discountCodes": [],
        "displayFinancialStatus": "VOIDED" if cancelled else "PAID",
        "customer": {"id": f"gid://shopify/Customer/{order.customer.customer_id}", "state": "ENABLED", "tags": []},
        "presentmentCurrencyCode": order.currency,
        "totalPriceSet": bag("0.00"),
        "transactions": [],
        "totalTipReceivedSet": bag("0.00"),
        "shippingLine": None,
        "lineItems": page(
            {
                "id": f"gid://shopify/LineItem/{line.line_id}",
                "quantity": line.quantity,
                "sku": "",
                "vendor": "",
                "isGiftCard": False,
                "requiresShipping": True,
                "weight": None,
                "product": {"id": f"gid://shopify/Product/{line.product_id}"},
                "variant": None,
                "originalUnitPriceSet": bag(str(line.price)),
                "discountAllocations": [],
                "taxLines": [],
                "sellingPlan": None,
            }
        ),
        "refunds": [],
    }


def bag(amount):
    return {"shopMoney": {"amount": amount}}

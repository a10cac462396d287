"""What a cart would give: the same, to the point, as the order that it becomes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.facts import ProductFacts
from plugin.journeys.documents import publish_document
from plugin.orders.products import keep_products
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.factories import CUSTOMER, balance_of, credit_now, make_member, paid_order
from tests.storefront.proxy import Storefront

ITEM = {"product_id": 301, "variant_id": 401, "quantity": 1, "original_price": 2550, "total_discount": 0}
FIRST = {"kind": "nth_order", "id": "welcome", "points": 100, "number": 1}
SPEND = {"kind": "spend", "id": "spend", "points_per_unit": "1"}
DOUBLE = {"kind": "product_type", "id": "double", "match": {"product_types": ["Mugs"]}, "multiplier": "2"}
SALE = {"id": "sale", "effect": {"kind": "multiply", "factor": "3"}, "ends": "2026-11-22"}


def publish(tools, shop, *rules, **parts):
    document = dump_document(default_document()) | parts
    document["earning"]["rules"] = list(rules)
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock() - timedelta(days=2))


def preview(storefront: Storefront, *items, **more):
    return storefront.get("preview", lines=json.dumps(list(items)), **more)


def test_the_preview_is_what_the_order_gives(storefront: Storefront, tools, shop):
    publish(tools, shop, SPEND, FIRST, campaigns=[SALE])
    make_member(tools, shop, CUSTOMER, points=0)
    seen = preview(storefront, ITEM).json
    credit_now(tools, paid_order(shop, amount="25.50", placed_at=tools.clock(), updated_at=tools.clock()))
    assert seen["points"] == balance_of(tools, shop).available == 376
    assert (seen["is_estimate"], seen["sentence"]) == (False, "This gives 376 points")
    assert preview(storefront, ITEM).json["points"] == 76


def test_a_preview_writes_nothing(storefront: Storefront, tools, shop):
    preview(storefront, ITEM)
    with tools.reading() as session:
        assert session.scalar(select(func.count()).select_from(order_state)) == 0


def test_a_product_nobody_knows_yet_makes_it_an_estimate(storefront: Storefront, tools, shop):
    publish(tools, shop, SPEND, DOUBLE)
    seen = preview(storefront, ITEM).json
    assert (seen["points"], seen["is_estimate"]) == (25, True)
    with tools.writing() as session:
        facts = [ProductFacts(301, "Mugs")]
        keep_products(session, shop.programme_id, shop.shop_id, facts, tools.clock())
    seen = preview(storefront, ITEM).json
    assert (seen["points"], seen["is_estimate"]) == (51, False)


def test_shipping_that_counts_and_is_not_in_a_cart_makes_it_an_estimate(storefront: Storefront, tools, shop):
    document = dump_document(default_document())
    document["earning"]["base"]["shipping"] = True
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock() - timedelta(days=2))
    seen = preview(storefront, ITEM).json
    assert (seen["points"], seen["is_estimate"]) == (25, True)


def test_a_guest_is_told_what_it_would_give_a_member(storefront: Storefront):
    storefront.customer = None
    assert preview(storefront, ITEM, ITEM | {"gift_card": True}).json["points"] == 25


def test_included_tax_that_the_cart_does_not_tell_makes_it_an_estimate(storefront: Storefront):
    assert preview(storefront, ITEM, taxes_included="true").json["is_estimate"] is True
    told = preview(storefront, ITEM | {"tax": 425}, taxes_included="true").json
    assert (told["points"], told["is_estimate"]) == (21, False)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "nonsense",
        "{}",
        "[1]",
        json.dumps([ITEM] * 101),
        json.dumps([ITEM | {"quantity": -1}]),
        json.dumps([ITEM | {"original_price": 1.5}]),
        json.dumps([ITEM | {"original_price": True}]),
        json.dumps([ITEM | {"product_id": 2**63}]),
        json.dumps([ITEM | {"sku": "x" * 256}]),
        json.dumps([ITEM | {"gift_card": "no"}]),
        "[" * 5000,
    ],
)
def test_a_cart_that_is_none_is_refused(storefront: Storefront, lines):
    answer = storefront.get("preview", lines=lines)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_input")

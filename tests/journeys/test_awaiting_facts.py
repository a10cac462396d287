"""An order whose newest body lacks facts, its customer among them, or whose owner is disputed, keeps what it gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.journeys.crediting import credit_fetched
from plugin.journeys.proving import find_drift, verify
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, credit_now, make_shop, paid_order, refunded

DOUBLE_BEANS = {
    "kind": "product_type",
    "id": "double-beans",
    "match": {"product_types": ["Beans"]},
    "multiplier": "2",
}


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def incomplete(order, minutes=10):
    """A newer body of which only id and time could be read, as the door makes it."""
    at = order.updated_at + timedelta(minutes=minutes)
    return replace(
        order,
        updated_at=at,
        placed_at=at,
        financial_status="",
        lines=(),
        customer=None,
        customer_standing="unknown",
        is_complete=False,
    )


def fetched(tools, shop, order_id, *found):
    with tools.writing() as session:
        credit_fetched(session, found, {(shop.programme_id, shop.shop_id, order_id): None}, tools.clock())


def waiting(tools):
    with tools.reading() as session:
        return {(row.shop_id, row.order_id): row.needs for row in session.execute(select(order_state)) if row.needs}


def touched(tools):
    with tools.reading() as session:
        return list(session.scalars(select(order_state.c.order_id).where(order_state.c.touched_at.is_not(None))))


def test_points_stay_while_a_newer_body_waits_for_its_facts(tools, shop):
    first, second = paid_order(shop, amount="100.00"), paid_order(shop, order_id=5002, amount="40.00")
    credit_now(tools, first, second)
    credit_now(tools, incomplete(first))
    credit_now(tools, refunded(second, "10.00"))
    assert balance_of(tools, shop).available == 130
    newest = refunded(first, "25.00", after=timedelta(minutes=10))
    fetched(tools, shop, 5001, newest)
    assert balance_of(tools, shop).available == 105
    assert waiting(tools) == {}


def test_an_order_first_heard_of_without_its_facts_is_fetched(tools, shop):
    order = paid_order(shop)
    credit_now(tools, incomplete(order))
    assert waiting(tools) == {(shop.shop_id, 5001): "order"}
    fetched(tools, shop, 5001, replace(order, updated_at=order.updated_at + timedelta(minutes=10)))
    assert balance_of(tools, shop).available == 25
    assert waiting(tools) == {}


def test_an_answer_older_than_the_body_that_lacked_facts_is_not_the_last_word(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, incomplete(order))
    fetched(tools, shop, 5001, order)
    assert waiting(tools) == {(shop.shop_id, 5001): "order"}
    assert balance_of(tools, shop).available == 25


def test_a_deleted_order_stays_as_it_was_before_the_body_that_lacked_facts(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order, incomplete(order))
    fetched(tools, shop, 5001)
    assert balance_of(tools, shop).available == 25
    assert waiting(tools) == {}


def test_an_order_does_not_lose_its_customer_because_newer_bodies_withhold_them(tools, shop):
    order = paid_order(shop)
    newest = replace(refunded(order, "10.00"), customer=None, customer_standing="unknown")
    credit_now(tools, order)
    credit_now(tools, newest)
    assert balance_of(tools, shop).available == 15


def test_a_customer_whom_only_an_older_state_names_gets_the_points(tools, shop):
    order = paid_order(shop)
    newest = replace(refunded(order, "10.00"), customer=None, customer_standing="unknown")
    credit_now(tools, newest)
    credit_now(tools, order)
    assert balance_of(tools, shop).available == 15


def test_a_disputed_order_waits_for_its_answer_whatever_else_comes(tools, shop):
    stranger = make_shop(tools, "laurel-stranger.myshopify.com")
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, paid_order(stranger))
    credit_now(tools, refunded(order, "10.00"))
    assert balance_of(tools, shop).available == 25
    assert waiting(tools) == {(shop.shop_id, 5001): "order", (stranger.shop_id, 5001): "order"}
    fetched(tools, shop, 5001, refunded(order, "10.00"))
    fetched(tools, stranger, 5001)
    assert balance_of(tools, shop).available == 15
    assert waiting(tools) == {}


def test_an_order_that_waits_for_product_facts_is_not_told_before_it_gave(tools):
    document = dump_document(default_document())
    document["earning"]["rules"].append(DOUBLE_BEANS)
    shop = make_shop(tools, document=document)
    waits = paid_order(shop)
    other = replace(paid_order(shop, order_id=5002), lines=tuple(replace(one, product_id=None) for one in waits.lines))
    credit_now(tools, waits, other)
    credit_now(tools, refunded(other, "5.50"))
    assert waiting(tools) == {(shop.shop_id, 5001): "products"}
    assert balance_of(tools, shop).available == 20
    credit_now(tools, incomplete(waits))
    credit_now(tools, refunded(other, "7.50", after=timedelta(hours=2)))
    assert balance_of(tools, shop).available == 18
    fetched(tools, shop, 5001, waits)
    assert touched(tools) == [5001]

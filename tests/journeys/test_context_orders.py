"""What rules ask beyond an order's own body: the member's other orders, the clock, and what only a fetch tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from plugin.facts import Fetched
from plugin.journeys.crediting import credit, credit_fetched
from plugin.journeys.proving import find_drift, verify
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, credit_now, line_returned, make_shop, paid_order, refunded


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def ordered(tools, shop, order_id, minutes=-30, amount="25.50", **changes):
    """An order placed so many minutes from now."""
    at = tools.clock() + timedelta(minutes=minutes)
    return paid_order(shop, order_id, amount=amount, placed_at=at, updated_at=at, **changes)


def shop_with(tools, *rules, **parts):
    document = dump_document(default_document())
    document["earning"] |= {"rules": list(rules), **parts.pop("earning", {})}
    return make_shop(tools, document=document | parts)


def available(tools, shop):
    return balance_of(tools, shop).available


def needs(tools):
    with tools.reading() as session:
        return set(session.scalars(select(order_state.c.needs)))


FIRST = {"kind": "nth_order", "id": "welcome", "points": 100, "number": 1}
THIRD = {"kind": "nth_order", "id": "third", "points": 7, "every": 3}


def test_the_first_order_that_counts_is_first_and_stays_so(tools):
    shop = shop_with(tools, FIRST, THIRD)
    unpaid = ordered(tools, shop, 1, minutes=-30, financial_status="pending")
    credit_now(tools, unpaid)
    credit_now(tools, ordered(tools, shop, 2, minutes=-20))
    assert available(tools, shop) == 100
    paid = replace(unpaid, financial_status="paid", updated_at=tools.clock())
    credit_now(tools, paid)
    assert available(tools, shop) == 100
    credit_now(tools, ordered(tools, shop, 3, minutes=-10))
    assert available(tools, shop) == 107


def test_of_two_orders_in_one_batch_only_one_is_the_first(tools):
    shop = shop_with(tools, FIRST)
    credit_now(tools, *[ordered(tools, shop, order_id, minutes=-order_id) for order_id in (1, 2)])
    assert available(tools, shop) == 100


def test_a_first_order_that_is_refunded_gives_its_bonus_back(tools):
    shop = shop_with(tools, FIRST)
    first = ordered(tools, shop, 1, minutes=-30)
    credit_now(tools, first)
    credit_now(tools, line_returned(first))
    assert available(tools, shop) == 0


def test_a_goal_counts_what_was_spent_in_the_period_by_the_programmes_clock(tools):
    goal = {"kind": "spend_goal", "id": "goal", "goal": "50", "period": "month", "points": 25}
    shop = shop_with(tools, goal)
    days = 24 * 60
    credit_now(tools, ordered(tools, shop, 1, minutes=-40 * days, amount="40.00"))
    credit_now(tools, ordered(tools, shop, 2, minutes=-60, amount="20.00"))
    assert available(tools, shop) == 0
    credit_now(tools, ordered(tools, shop, 3, minutes=-30, amount="30.00"))
    assert available(tools, shop) == 25
    credit_now(tools, ordered(tools, shop, 4, minutes=-10, amount="90.00"))
    assert available(tools, shop) == 25


def test_an_order_waits_for_what_only_a_fetch_tells_and_asks_once(tools):
    vip = {"kind": "spend", "id": "vip", "points_per_unit": "3", "when": {"customer_tags": ["VIP"]}}
    shop = shop_with(tools, vip)
    order = ordered(tools, shop, 1, amount="10.00")
    credit_now(tools, order)
    assert (needs(tools), available_or_none(tools, shop)) == ({"order"}, 0)
    told = replace(order, fetched=Fetched(customer_tags=("vip",)))
    with tools.writing() as session:
        credit_fetched(session, [told], {(shop.programme_id, shop.shop_id, 1): None}, tools.clock())
    assert (needs(tools), available(tools, shop)) == ({None}, 30)
    credit_now(tools, order)
    half = refunded(order, "5.00")
    credit_now(tools, half)
    assert (needs(tools), available(tools, shop)) == ({None}, 15)


def test_a_renewal_needs_no_fetch_to_be_a_subscriptions(tools):
    monthly = {"kind": "order", "id": "monthly", "points": 20, "when": {"subscription": True}}
    shop = shop_with(tools, monthly)
    credit_now(tools, replace(ordered(tools, shop, 1), source="subscription_contract_checkout_one"))
    assert (needs(tools), available(tools, shop)) == ({None}, 20)


def test_what_a_gift_card_paid_is_left_out_where_the_document_says_so(tools):
    earning = {"base": {"paid_with_gift_cards": False}}
    shop = shop_with(tools, {"kind": "spend", "id": "spend", "points_per_unit": "1"}, earning=earning)
    told = Fetched(gift_cards=Decimal(5), total=Decimal(10))
    with tools.writing() as session:
        credit(session, [replace(ordered(tools, shop, 1, amount="10.00"), fetched=told)], tools.clock())
    assert available(tools, shop) == 5


def test_a_campaign_runs_by_the_clock_of_the_programme_that_was_frozen(tools):
    """The orders are placed at 09:30 UTC, which is 11:30 in Sofia."""
    noon = {
        "id": "noon",
        "effect": {"kind": "multiply", "factor": "2"},
        "hours": [{"begins": "11:00", "ends": "12:00"}],
    }
    shop = shop_with(tools, {"kind": "spend", "id": "spend", "points_per_unit": "1"}, campaigns=[noon])
    credit_now(tools, ordered(tools, shop, 1, minutes=-30, amount="10.00"))
    assert available(tools, shop) == 20


def available_or_none(tools, shop):
    """Of a member who may not be known yet."""
    try:
        return available(tools, shop)
    except LookupError:
        return 0

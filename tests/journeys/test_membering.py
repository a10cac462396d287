"""Paid memberships, from the order that buys one to the points that come with it, and back; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from plugin.facts import OrderLine
from plugin.journeys.membering import due_memberships, settle_membership
from plugin.journeys.proving import find_drift, verify
from plugin.memberships.store import list_holdings
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, cancelled, credit_now, make_shop, member_of, paid_order
from tests.journeys.test_merging import merge
from tests.rules.making import MEMBERSHIP


@pytest.fixture
def shop(tools):
    document = dump_document(default_document())
    document["memberships"] = [MEMBERSHIP]
    document["earning"]["rules"] = []
    return make_shop(tools, document=document)


@pytest.fixture(autouse=True)
def proof(tools):
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def test_a_year_bought_gives_its_points_and_ten_a_month(tools, shop, clock):
    credit_now(tools, year(shop))
    settle(tools)
    assert balance_of(tools, shop).available == 110
    for months, points in ((1, 120), (12, 220), (14, 220)):
        clock.now = year(shop).placed_at + timedelta(days=31 * months)
        settle(tools)
        assert balance_of(tools, shop).available == points


def test_settling_again_and_again_gives_nothing_more(tools, shop):
    credit_now(tools, year(shop))
    for _ in range(3):
        settle(tools)
    assert (balance_of(tools, shop).available, due(tools)) == (110, [])


def test_a_cancelled_year_takes_everything_back(tools, shop, clock):
    credit_now(tools, year(shop))
    settle(tools)
    clock.advance(hours=5)
    credit_now(tools, cancelled(year(shop), after=timedelta(0)))
    settle(tools)
    assert (balance_of(tools, shop).available, holdings(tools, shop)) == (0, [])


def test_a_year_cancelled_in_its_third_month_keeps_what_it_gave_until_then(tools, shop, clock):
    credit_now(tools, year(shop))
    clock.advance(days=70)
    settle(tools)
    assert balance_of(tools, shop).available == 130
    credit_now(tools, replace(cancelled(year(shop), after=timedelta(days=69)), financial_status="paid"))
    settle(tools)
    clock.advance(days=60)
    settle(tools)
    assert balance_of(tools, shop).available == 130


def test_a_renewal_gives_what_renewals_give_and_prolongs_what_is_held(tools, shop, clock):
    credit_now(tools, year(shop), year(shop, order_id=5002, after=timedelta(hours=1)))
    clock.advance(days=1)
    settle(tools)
    held = holdings(tools, shop)
    assert [(one.membership_id, (one.ends_at - one.starts_at).days) for one in held] == [("club", 731)]
    clock.advance(days=366)
    settle(tools)
    assert balance_of(tools, shop).available == 100 + 50 + 13 * 10


def test_a_late_first_year_makes_the_second_one_a_renewal(tools, shop, clock):
    """Whatever came first, the points end the same."""
    clock.advance(days=400)
    credit_now(tools, year(shop, order_id=5002, after=timedelta(days=365)))
    settle(tools)
    credit_now(tools, year(shop))
    settle(tools)
    assert balance_of(tools, shop).available == 100 + 50 + 14 * 10


def test_a_second_year_that_becomes_the_first_one_again_gives_what_a_first_one_gives(tools, shop, clock):
    """What was taken back for an order that came late is given again when that order goes."""
    clock.advance(hours=3)
    credit_now(tools, year(shop, order_id=5002, after=timedelta(hours=1)))
    settle(tools)
    credit_now(tools, year(shop))
    settle(tools)
    credit_now(tools, cancelled(year(shop), after=timedelta(0)))
    settle(tools)
    assert balance_of(tools, shop).available == 110
    settle(tools)
    assert balance_of(tools, shop).available == 110


def test_an_order_that_comes_back_to_its_first_owner_gives_its_points_again(tools, shop, clock):
    bought = year(shop)
    credit_now(tools, bought, paid_order(shop, 5009, 7002))
    settle(tools)
    for customer_id in (7002, 7001):
        clock.advance(hours=2)
        customer = replace(bought.customer, customer_id=customer_id)
        credit_now(tools, replace(bought, customer=customer, updated_at=clock()))
        settle(tools)
    assert (balance_of(tools, shop).available, balance_of(tools, shop, 7002).available) == (110, 0)


def test_orders_placed_while_it_runs_are_frozen_with_it(tools, shop, clock):
    credit_now(tools, year(shop))
    clock.advance(days=10)
    credit_now(tools, replace(paid_order(shop, 5003), placed_at=clock(), updated_at=clock()))
    assert (running(tools, 5001), running(tools, 5003)) == ((), ("club",))


def test_a_membership_follows_its_member_into_another(tools, shop, clock):
    credit_now(tools, year(shop), paid_order(shop, 5009, 7002))
    settle(tools)
    clock.advance(hours=1)
    merge(tools, shop, 7001, 7002)
    settle(tools)
    assert balance_of(tools, shop, 7002).available == 110
    assert [one.membership_id for one in holdings(tools, shop, 7002)] == ["club"]


def test_an_order_that_changes_hands_takes_its_membership_along(tools, shop, clock):
    bought = year(shop)
    credit_now(tools, bought, paid_order(shop, 5009, 7002))
    settle(tools)
    clock.advance(hours=2)
    moved = replace(bought, customer=replace(bought.customer, customer_id=7002), updated_at=clock())
    credit_now(tools, moved)
    settle(tools)
    assert (balance_of(tools, shop).available, balance_of(tools, shop, 7002).available) == (0, 110)


def year(shop, order_id=5001, after=timedelta(0)):
    line = OrderLine(order_id * 10, 1, Decimal("139.00"), product_id=801)
    order = paid_order(shop, order_id, lines=(line,))
    return replace(order, placed_at=order.placed_at + after, updated_at=order.updated_at + after)


def due(tools) -> list[str]:
    return list(due_memberships(tools, tools.clock(), 100))


def settle(tools) -> None:
    for key in due(tools):
        settle_membership(tools, key, tools.clock())


def holdings(tools, shop, customer_id=7001):
    with tools.reading() as session:
        return list_holdings(session, shop.programme_id, member_of(tools, shop, customer_id).member_id)


def running(tools, order_id) -> tuple[str, ...]:
    from sqlalchemy import select

    from plugin.orders.codec import load_context
    from plugin.orders.tables import order_state

    with tools.reading() as session:
        return load_context(
            session.scalar(select(order_state.c.context).where(order_state.c.order_id == order_id))
        ).memberships


def test_the_panel_and_the_merchant_see_until_when_it_runs(tools, shop, clock):
    from plugin.journeys.showing import member_view
    from plugin.journeys.viewing import summary, visit
    from plugin.shops.store import get_shop

    credit_now(tools, year(shop))
    settle(tools)
    told = []
    for days in (1, 365, 10):
        clock.advance(days=days)
        with tools.reading() as session:
            shown = summary(session, visit(session, shop.domain, 7001, "en"), clock())["member"]
            view = member_view(session, get_shop(session, shop.shop_id), 7001, tools.clock())
        told.append((shown["asides"], [one["perks"][0]["enforced_by"] for one in shown["memberships"]]))
    assert told == [
        (["Club until Nov 21, 2027"], ["automatic_discount"]),
        (["Club ended on Nov 21, 2027; renew it to keep what comes with it"], ["automatic_discount"]),
        ([], []),
    ]
    assert [one.membership_id for one in view.memberships] == ["club"]

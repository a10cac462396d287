"""Members: seen, joining, merged, forgotten; and Shopify's compliance topics answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from plugin.errors import NotAllowed
from plugin.facts import (
    CustomerRedaction,
    CustomerRef,
    CustomerSeen,
    CustomersMerged,
    DataRequest,
    ShopRedaction,
    ShopUninstalled,
)
from plugin.journeys.applying import apply_facts
from plugin.journeys.complying import due_requests, settle_request
from plugin.journeys.documents import publish_document
from plugin.journeys.joining import join, leave
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.referring import link_of
from plugin.members import find_member
from plugin.orders.queries import freeze_orders
from plugin.orders.tables import order_state
from plugin.referrals.links import find_link_owner
from plugin.rewards import Wish
from plugin.rules import default_document, dump_document
from plugin.shops.requests import list_requests
from plugin.standing.store import find_holdings
from tests.factories import (
    CUSTOMER,
    balance_of,
    cancelled,
    credit_now,
    make_member,
    make_shop,
    member_of,
    paid_order,
    refunded,
)
from tests.journeys.tier_stage import TierStage

OTHER = 7002


def test_every_customer_is_a_member_where_the_merchant_wants_it(tools, shop):
    see(tools, shop, has_account=False)
    assert member_of(tools, shop).standing == "joined"


def test_account_holders_join_when_they_have_an_account_and_their_orders_count_then(tools):
    shop = make_shop(tools, document=dump_document(default_document()) | {"enrolment": "account_holders"})
    order = paid_order(shop)
    credit_now(tools, replace(order, customer=CustomerRef(CUSTOMER, has_account=False)))
    assert balance_of(tools, shop).available == 0
    see(tools, shop, has_account=True)
    assert member_of(tools, shop).standing == "joined"
    assert balance_of(tools, shop).available == 25


def test_joining_twice_changes_nothing(tools):
    shop = make_shop(tools, document=dump_document(default_document()) | {"enrolment": "opt_in"})
    see(tools, shop, has_account=True)
    assert member_of(tools, shop).standing == "waiting"
    cards = {do_join(tools, shop).card_number for _ in range(2)}
    assert len(cards) == 1
    assert member_of(tools, shop).standing == "joined"


def test_waiting_customers_are_members_once_the_merchant_opens_the_programme_to_all(tools):
    document = dump_document(default_document())
    shop = make_shop(tools, document=document | {"enrolment": "opt_in"})
    credit_now(tools, paid_order(shop))
    tools.clock.advance(minutes=1)
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    see(tools, shop, has_account=False)
    assert balance_of(tools, shop).available == 25
    prove(tools)


def test_a_guests_points_are_claimed_once_by_the_verified_customer(tools):
    """Shopify names a customer on a guest's order; only an account, never a typed address, makes the points theirs."""
    shop = make_shop(tools, document=dump_document(default_document()) | {"enrolment": "account_holders"})
    order = paid_order(shop, customer_id=None)
    named = replace(
        order,
        customer=CustomerRef(CUSTOMER, has_account=False),
        customer_standing="present",
        updated_at=order.updated_at + timedelta(minutes=1),
    )
    credit_now(tools, order, named)
    assert balance_of(tools, shop).available == 0
    for _ in range(3):
        see(tools, shop, has_account=True)
        credit_now(tools, named)
    assert balance_of(tools, shop).available == 25
    prove(tools)


def test_an_order_claimed_by_another_customer_later_is_theirs_alone(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, replace(order, customer=CustomerRef(OTHER), updated_at=order.updated_at + timedelta(minutes=1)))
    assert (balance_of(tools, shop).available, balance_of(tools, shop, OTHER).available) == (0, 25)
    prove(tools)


def test_who_leaves_keeps_what_was_earned_before_and_earns_nothing_after(tools, shop):
    before = paid_order(shop, amount="50.00")
    late = paid_order(shop, order_id=5002, amount="30.00", placed_at=tools.clock() - timedelta(days=2))
    credit_now(tools, before)
    with tools.writing() as session:
        leave(session, member_of(tools, shop), tools.clock())
    after = paid_order(shop, order_id=5003, amount="9.00", placed_at=tools.clock() + timedelta(hours=1))
    credit_now(tools, after, late)
    assert balance_of(tools, shop).available == 80
    credit_now(tools, refunded(before, "50.00"))
    assert balance_of(tools, shop).available == 30
    prove(tools)


def test_the_past_of_who_left_is_still_told(tools, shop, desk):
    """An order that gave, was spent and then refunded leaves its debt, whatever becomes of the order after leaving."""
    order = paid_order(shop, amount="500.00")
    credit_now(tools, order)
    member = member_of(tools, shop)
    redeem(tools, Wish(shop.programme_id, shop.shop_id, member.member_id, CUSTOMER, "wish-0001", "five_off"))
    credit_now(tools, cancelled(order))
    with tools.writing() as session:
        leave(session, member, tools.clock())
    credit_now(tools, replace(cancelled(order), updated_at=order.updated_at + timedelta(days=1)))
    assert balance_of(tools, shop).debt == -500
    prove(tools)


def test_who_comes_back_gets_what_waited(tools, shop):
    see(tools, shop, has_account=True)
    with tools.writing() as session:
        leave(session, member_of(tools, shop), tools.clock())
    tools.clock.advance(minutes=5)
    credit_now(tools, paid_order(shop, placed_at=tools.clock()))
    assert balance_of(tools, shop).available == 0
    do_join(tools, shop)
    assert balance_of(tools, shop).available == 25
    prove(tools)


def test_card_numbers_pass_the_luhn_check_and_differ(tools, shop):
    numbers = {make_member(tools, shop, 7000 + number).card_number for number in range(20)}
    assert len(numbers) == 20
    for number in numbers:
        digits = [int(digit) for digit in reversed(number)]
        doubled = [sum(divmod(digit * 2, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
        assert len(number) == 16
        assert sum(doubled) % 10 == 0


def test_a_merge_moves_the_points_to_the_kept_customer(tools, shop):
    credit_now(
        tools, paid_order(shop, amount="50.00"), paid_order(shop, order_id=5002, customer_id=OTHER, amount="100.00")
    )
    merged = CustomersMerged(shop.programme_id, shop.shop_id, OTHER, CUSTOMER, tools.clock())
    apply(tools, merged)
    apply(tools, merged)
    assert balance_of(tools, shop, OTHER).available == 150
    assert member_of(tools, shop, CUSTOMER) == member_of(tools, shop, OTHER)
    prove(tools)


def test_a_late_order_of_a_merged_customer_goes_to_the_kept_one(tools, shop):
    credit_now(
        tools, paid_order(shop, amount="50.00"), paid_order(shop, order_id=5002, customer_id=OTHER, amount="100.00")
    )
    apply(tools, CustomersMerged(shop.programme_id, shop.shop_id, OTHER, CUSTOMER, tools.clock()))
    credit_now(tools, paid_order(shop, order_id=5003, customer_id=CUSTOMER, amount="7.00"))
    assert balance_of(tools, shop, OTHER).available == 157


def test_a_forgotten_customer_leaves_no_id_and_cannot_come_back(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order)
    redaction = CustomerRedaction(shop.programme_id, shop.shop_id, tools.clock(), CUSTOMER, (5001,))
    apply(tools, redaction)
    apply(tools, redaction)
    assert str(CUSTOMER) not in everything(tools)
    apply(tools, replace(order, updated_at=order.updated_at + timedelta(days=1)), paid_order(shop, order_id=5002))
    see(tools, shop, has_account=True)
    with tools.reading() as session:
        assert find_member(session, shop.programme_id, shop.shop_id, CUSTOMER) is None
        whys = dict.fromkeys(row.why_nothing for row in session.execute(select(order_state.c.why_nothing)))
    assert "customer_withheld" in whys
    with pytest.raises(NotAllowed):
        do_join(tools, shop)
    prove(tools)


def test_a_data_request_is_answered_with_what_is_stored(tools, shop):
    credit_now(tools, paid_order(shop))
    request = DataRequest(shop.programme_id, shop.shop_id, tools.clock(), 31, CUSTOMER, (5001,))
    apply(tools, request)
    apply(tools, request)
    settle_due(tools)
    with tools.reading() as session:
        (answered,) = list_requests(session, shop.programme_id)
    assert answered.answer["points"] == {"pending": 0, "available": 25, "held": 0, "debt": 0}
    assert answered.answer["order_ids"] == [5001]
    assert answered.finished_at is not None


def test_a_shop_that_is_still_gone_is_forgotten_and_its_sums_stay(tools, shop):
    credit_now(tools, paid_order(shop))
    apply(tools, ShopUninstalled(shop.programme_id, shop.shop_id, tools.clock()))
    tools.clock.advance(hours=48)
    apply(tools, ShopRedaction(shop.programme_id, shop.shop_id, tools.clock()))
    settle_due(tools)
    assert str(CUSTOMER) not in everything(tools)
    with tools.reading() as session:
        assert session.execute(text("SELECT SUM(available) FROM account")).scalar_one() == 25
    prove(tools)


def test_of_a_forgotten_shop_nobody_holds_a_tier_or_a_link(tools, clock):
    stage = TierStage.open(tools, clock)
    stage.buy(1, "120.00")
    assert stage.tier() == "silver"
    link, member = link_of(tools, member_of(tools, stage.shop)), member_of(tools, stage.shop)
    apply(tools, ShopUninstalled(stage.shop.programme_id, stage.shop.shop_id, clock()))
    clock.advance(hours=48)
    apply(tools, ShopRedaction(stage.shop.programme_id, stage.shop.shop_id, clock()))
    settle_due(tools)
    with tools.reading() as session:
        assert find_holdings(session, member.programme_id, [member.member_id]) == {}
        assert find_link_owner(session, member.programme_id, link) is None


def test_a_shop_of_more_orders_than_one_statement_may_name_is_forgotten(tools, shop):
    credit_now(tools, paid_order(shop))
    many = {(shop.programme_id, shop.shop_id, order_id) for order_id in range(1, 70_000)}
    with tools.writing() as session:
        freeze_orders(session, many)
    with tools.reading() as session:
        assert session.scalars(select(order_state.c.is_frozen)).all() == [True]


def test_a_shop_that_came_back_is_not_forgotten(tools, shop):
    credit_now(tools, paid_order(shop))
    apply(tools, ShopRedaction(shop.programme_id, shop.shop_id, tools.clock()))
    settle_due(tools)
    assert balance_of(tools, shop).available == 25


def test_a_late_copy_of_an_old_shop_redaction_does_not_cut_short_a_new_leave(tools, shop):
    """Shopify gives a shop 48 hours to come back; a copy of the request from its last leave must not take them away."""
    credit_now(tools, paid_order(shop))
    old = ShopRedaction(shop.programme_id, shop.shop_id, tools.clock())
    tools.clock.advance(hours=1)
    apply(tools, ShopUninstalled(shop.programme_id, shop.shop_id, tools.clock()), old)
    settle_due(tools)
    assert str(CUSTOMER) in everything(tools)
    tools.clock.advance(hours=48)
    apply(tools, ShopRedaction(shop.programme_id, shop.shop_id, tools.clock()))
    settle_due(tools)
    assert str(CUSTOMER) not in everything(tools)


def see(tools, shop, *, has_account):
    apply(tools, CustomerSeen(shop.programme_id, shop.shop_id, CUSTOMER, tools.clock(), has_account))


def apply(tools, *facts):
    with tools.writing() as session:
        apply_facts(tools, session, facts, tools.clock())


def do_join(tools, shop):
    with tools.writing() as session:
        return join(session, tools.sealer, (shop.programme_id, shop.shop_id, CUSTOMER), tools.clock())


def settle_due(tools):
    for key in due_requests(tools, tools.clock(), 10):
        settle_request(tools, key, tools.clock())
    assert due_requests(tools, tools.clock(), 10) == []


def prove(tools):
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def everything(tools):
    """Every value of every table, as text; our own ids, hashes and instants, which may hold any digits, as nothing."""
    from plugin.db import metadata

    with tools.reading() as session:
        rows = [row for table in metadata.sorted_tables for row in session.execute(select(table))]
    texts = (str(value) for row in rows for value in row if not isinstance(value, datetime))
    meaningless = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{4}-\d\d-\d\d[T ][\d:.]+"
    return re.sub(meaningless, "", "\n".join(texts))

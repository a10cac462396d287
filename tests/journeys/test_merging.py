"""Two customers become one: everything is told on the one who is kept, whenever we come to know of what."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.facts import CustomerRedaction, CustomersMerged
from plugin.journeys.applying import apply_facts
from plugin.journeys.joining import join, leave
from plugin.journeys.making_codes import make_code
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.journeys.taking_back import take_back
from plugin.ledger.tables import account
from plugin.members import find_member, get_member
from plugin.rewards import Wish, get_redemption, list_redemptions
from plugin.rewards.tables import redemption
from plugin.rules import default_document, dump_document
from plugin.shops.tables import shop as shops
from tests.factories import (
    balance_of,
    cancelled,
    credit_now,
    make_member,
    make_shop,
    member_of,
    paid_order,
    refunded,
)
from tests.journeys.discount_desk import lost_answer, lost_call, refused

ANNA, BORIS, CLARA = 7001, 7002, 7003


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def test_fifty_and_a_hundred_make_a_hundred_and_fifty_once(tools, shop):
    make_member(tools, shop, ANNA, points=50)
    make_member(tools, shop, BORIS, points=100)
    for _ in range(3):
        merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, BORIS) == (0, 150, 0, 0)
    assert empty_accounts(tools) == 1
    assert member_of(tools, shop, ANNA) == member_of(tools, shop, BORIS)


def test_a_chain_of_merges_ends_at_its_last_customer_in_whatever_order_it_is_told(tools, shop):
    chain = [(ANNA, BORIS), (BORIS, CLARA)]
    for place, order in enumerate(itertools.permutations(chain)):
        one = make_shop(tools, f"laurel-{place}.myshopify.com")
        for number, customer_id in enumerate((ANNA, BORIS, CLARA)):
            credit_now(tools, paid_order(one, order_id=100 * place + number, customer_id=customer_id, amount="10.00"))
        for deleted, kept in (*order, *order):
            merge(tools, one, deleted, kept)
        assert held_by(tools, one, CLARA) == (0, 30, 0, 0)
        assert len({member_of(tools, one, customer_id).member_id for customer_id in (ANNA, BORIS, CLARA)}) == 1


def test_crossing_merges_one_after_the_other_are_one_merge(tools, shop):
    make_member(tools, shop, ANNA, points=50)
    make_member(tools, shop, BORIS, points=100)
    merge(tools, shop, ANNA, BORIS)
    merge(tools, shop, BORIS, ANNA)
    assert held_by(tools, shop, ANNA) == (0, 150, 0, 0)


@pytest.mark.parametrize("known", [(), (ANNA,), (BORIS,)])
def test_a_merge_may_be_the_first_we_hear_of_a_customer(tools, shop, known):
    for customer_id in known:
        make_member(tools, shop, customer_id, points=20)
    merge(tools, shop, ANNA, BORIS)
    credit_now(tools, paid_order(shop, order_id=1, customer_id=ANNA, amount="7.00"))
    assert balance_of(tools, shop, BORIS).available == 20 * len(known) + 7


def test_a_late_webhook_that_names_the_deleted_customer_credits_the_kept_one(tools, shop):
    order = paid_order(shop, order_id=1, customer_id=ANNA, amount="50.00")
    credit_now(tools, order)
    make_member(tools, shop, BORIS, points=100)
    merge(tools, shop, ANNA, BORIS)
    credit_now(tools, refunded(order, "20.00"), paid_order(shop, order_id=2, customer_id=ANNA, amount="5.00"))
    assert held_by(tools, shop, BORIS) == (0, 135, 0, 0)
    credit_now(tools, cancelled(refunded(order, "20.00")))
    assert held_by(tools, shop, BORIS) == (0, 105, 0, 0)


def test_the_debt_of_one_is_paid_by_the_other(tools, shop, desk):
    order = paid_order(shop, order_id=1, customer_id=ANNA, amount="600.00")
    credit_now(tools, order)
    spend(tools, shop, ANNA)
    credit_now(tools, cancelled(order))
    assert held_by(tools, shop, ANNA) == (0, 0, 0, -500)
    make_member(tools, shop, BORIS, points=700)
    merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, BORIS) == (0, 200, 0, 0)


def test_spent_points_stay_spent_and_codes_go_along(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    make_member(tools, shop, BORIS, points=100)
    code = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, BORIS) == (0, 200, 0, 0)
    kept = member_of(tools, shop, BORIS)
    with tools.reading() as session:
        (mine,) = list_redemptions(session, shop.programme_id, kept.member_id)
    assert (mine.redemption_id, mine.code, mine.account_id) == (code.redemption_id, code.code, kept.account_id)


def test_a_code_of_the_deleted_customer_can_be_handed_back_by_the_kept_one(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    make_member(tools, shop, BORIS, points=100)
    code = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    take_back(tools, shop.programme_id, member_of(tools, shop, BORIS).member_id, code.redemption_id)
    sweep_past(tools, shop)
    settle(tools)
    assert again(tools, code).state == "taken_back"
    assert held_by(tools, shop, BORIS) == (0, 700, 0, 0)


def test_a_code_used_after_the_merge_is_known_as_used(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    code = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    credit_now(tools, paid_order(shop, order_id=2, customer_id=BORIS, amount="9.00", discount_codes=(code.code,)))
    assert again(tools, code).standing == "used"


@pytest.mark.parametrize("chain", [(BORIS,), (BORIS, CLARA)])
def test_an_open_hold_settles_on_the_kept_customer(tools, shop, desk, chain):
    """The answer of the first call was lost, so the points are still held when the merges come."""
    make_member(tools, shop, ANNA, points=600)
    make_member(tools, shop, BORIS, points=100)
    desk.go_wrong("create", lost_answer)
    held = spend(tools, shop, ANNA)
    assert held.state == "held"
    for deleted, kept in itertools.pairwise((ANNA, *chain)):
        merge(tools, shop, deleted, kept)
    assert held_by(tools, shop, chain[-1]) == (0, 200, 500, 0)
    prove(tools)
    settle(tools)
    assert again(tools, held).state == "captured"
    assert held_by(tools, shop, chain[-1]) == (0, 200, 0, 0)
    assert len(desk.codes) == 1


def test_a_hold_that_is_still_to_be_asked_for_is_asked_for_the_kept_customer(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    desk.go_wrong("create", lost_answer)
    held = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    now = again(tools, held)
    assert (now.customer_id, now.attempts, now.next_try_at) == (BORIS, held.attempts + 1, tools.clock())


def test_a_refused_hold_gives_its_points_back_to_the_kept_customer(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    make_member(tools, shop, BORIS, points=100)
    desk.go_wrong("create", lost_call, refused("INVALID"))
    held = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    tools.clock.advance(hours=1)
    settle(tools)
    assert again(tools, held).state == "released"
    assert held_by(tools, shop, BORIS) == (0, 700, 0, 0)


def test_a_worker_who_read_the_redemption_before_the_merge_captures_on_the_kept_account(tools, shop, desk):
    make_member(tools, shop, ANNA, points=600)
    make_member(tools, shop, BORIS, points=100)
    desk.go_wrong("create", lost_answer)
    before = spend(tools, shop, ANNA)
    merge(tools, shop, ANNA, BORIS)
    assert make_code(tools, before).state == "captured"
    assert held_by(tools, shop, BORIS) == (0, 200, 0, 0)


def test_the_same_wish_id_on_both_sides_does_not_stop_a_merge(tools, shop, desk):
    for customer_id in (ANNA, BORIS):
        make_member(tools, shop, customer_id, points=600)
        spend(tools, shop, customer_id, wish_id="wish-0001")
    merge(tools, shop, ANNA, BORIS)
    with tools.reading() as session:
        wishes = session.execute(select(redemption.c.wish_id)).scalars().all()
    assert len(set(wishes)) == 2
    assert held_by(tools, shop, BORIS) == (0, 200, 0, 0)
    assert spend(tools, shop, BORIS, wish_id="wish-0001").state == "captured"
    assert held_by(tools, shop, BORIS) == (0, 200, 0, 0)


def test_pending_points_keep_their_dates(tools):
    document = dump_document(default_document())
    document["earning"]["maturity_days"] = 14
    shop = make_shop(tools, document=document)
    for number, customer_id in enumerate((ANNA, BORIS)):
        credit_now(tools, paid_order(shop, order_id=number, customer_id=customer_id, amount="40.00"))
    merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, BORIS) == (80, 0, 0, 0)
    tools.clock.advance(days=20)
    credit_now(tools, paid_order(shop, order_id=9, customer_id=CLARA, placed_at=tools.clock(), amount="3.00"))
    merge(tools, shop, BORIS, CLARA)
    assert held_by(tools, shop, CLARA) == (3, 80, 0, 0)


def test_an_order_that_waits_for_facts_is_told_on_the_kept_customer_and_moves_when_it_can(tools, shop):
    order = paid_order(shop, order_id=1, customer_id=ANNA, amount="50.00")
    credit_now(tools, order)
    incomplete = paid_order(
        shop,
        order_id=1,
        customer_id=ANNA,
        amount="50.00",
        updated_at=order.updated_at + timedelta(minutes=1),
        is_complete=False,
    )
    credit_now(tools, incomplete)
    merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, BORIS) == (0, 50, 0, 0)
    prove(tools)
    credit_now(tools, refunded(order, "10.00"))
    assert held_by(tools, shop, BORIS) == (0, 40, 0, 0)


def test_a_member_and_one_who_never_joined_make_a_member(tools):
    document = dump_document(default_document()) | {"enrolment": "opt_in"}
    shop = make_shop(tools, document=document)
    with tools.writing() as session:
        join(session, tools.sealer, (shop.programme_id, shop.shop_id, ANNA), tools.clock())
    credit_now(
        tools,
        paid_order(shop, order_id=1, customer_id=ANNA, amount="10.00"),
        paid_order(shop, order_id=2, customer_id=BORIS, amount="5.00"),
    )
    merge(tools, shop, ANNA, BORIS)
    assert member_of(tools, shop, BORIS).standing == "joined"
    assert held_by(tools, shop, BORIS) == (0, 15, 0, 0)


def test_who_left_keeps_what_they_had_when_merged_with_another_who_left(tools, shop):
    for customer_id in (ANNA, BORIS):
        make_member(tools, shop, customer_id, points=50)
        with tools.writing() as session:
            leave(session, member_of(tools, shop, customer_id), tools.clock())
    merge(tools, shop, ANNA, BORIS)
    assert member_of(tools, shop, BORIS).standing == "left"
    assert held_by(tools, shop, BORIS) == (0, 100, 0, 0)


def test_a_forgotten_customer_is_not_brought_back_by_a_merge(tools, shop):
    make_member(tools, shop, ANNA, points=50)
    make_member(tools, shop, BORIS, points=100)
    apply(tools, CustomerRedaction(shop.programme_id, shop.shop_id, tools.clock(), BORIS, ()))
    merge(tools, shop, ANNA, BORIS)
    assert held_by(tools, shop, ANNA) == (0, 50, 0, 0)
    with tools.reading() as session:
        assert find_member(session, shop.programme_id, shop.shop_id, BORIS) is None


def test_forgetting_either_customer_after_a_merge_forgets_the_person(tools, shop):
    make_member(tools, shop, ANNA, points=50)
    make_member(tools, shop, BORIS, points=100)
    merge(tools, shop, ANNA, BORIS)
    kept = member_of(tools, shop, BORIS)
    apply(tools, CustomerRedaction(shop.programme_id, shop.shop_id, tools.clock(), ANNA, ()))
    with tools.reading() as session:
        assert get_member(session, shop.programme_id, kept.member_id).standing == "forgotten"
        assert find_member(session, shop.programme_id, shop.shop_id, BORIS) is None


def test_merging_before_or_after_the_orders_come_makes_no_difference(tools):
    ends = []
    for place in range(4):
        shop = make_shop(tools, f"laurel-{place}.myshopify.com")
        first = paid_order(shop, order_id=10 * place, customer_id=ANNA, amount="40.00")
        second = paid_order(shop, order_id=10 * place + 1, customer_id=BORIS, amount="60.00")
        steps = [first, second, refunded(first, "15.00")]
        for number, step in enumerate(steps):
            if number == place:
                merge(tools, shop, ANNA, BORIS)
            credit_now(tools, step)
        merge(tools, shop, ANNA, BORIS)
        ends.append(held_by(tools, shop, BORIS))
    assert ends == [(0, 85, 0, 0)] * 4


def merge(tools, shop, deleted_id, kept_id):
    apply(tools, CustomersMerged(shop.programme_id, shop.shop_id, kept_id, deleted_id, tools.clock()))


def apply(tools, *facts):
    with tools.writing() as session:
        apply_facts(tools, session, facts, tools.clock())


def held_by(tools, shop, customer_id):
    found = balance_of(tools, shop, customer_id)
    return found.pending, found.available, found.held, found.debt


def empty_accounts(tools):
    with tools.reading() as session:
        rows = session.execute(select(account).where(account.c.merged_into_id.is_not(None))).all()
    return sum((row.pending, row.available, row.held, row.debt) == (0, 0, 0, 0) for row in rows)


def spend(tools, shop, customer_id, wish_id=None):
    member = member_of(tools, shop, customer_id)
    wish = wish_id or f"wish-of-{customer_id}"
    return redeem(tools, Wish(shop.programme_id, shop.shop_id, member.member_id, customer_id, wish, "five_off"))


def again(tools, one):
    with tools.reading() as session:
        found = session.execute(select(redemption.c.member_id).where(redemption.c.id == one.redemption_id)).scalar_one()
        return get_redemption(session, one.programme_id, found, one.redemption_id)


def settle(tools):
    for key in due_redemptions(tools, tools.clock(), 100):
        settle_redemption(tools, key, tools.clock())


def sweep_past(tools, shop):
    """Let time pass and the order sweep with it."""
    tools.clock.advance(hours=3)
    with tools.writing() as session:
        session.execute(shops.update().where(shops.c.id == shop.shop_id).values(swept_until=tools.clock()))


def prove(tools):
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []

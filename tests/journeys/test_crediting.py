"""Orders converge: the promises about targets, differences and claw-backs, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from plugin.db import new_id
from plugin.facts import CustomerRef, OrderLine
from plugin.journeys.proving import find_drift, verify
from plugin.ledger import Fact, capture_points, hold_points, release_points
from plugin.ledger.tables import lot, posting
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.dumps import dump
from tests.factories import (
    CUSTOMER,
    balance_of,
    cancelled,
    credit_now,
    make_shop,
    make_tools,
    member_of,
    paid_order,
    refunded,
)

OTHER_CUSTOMER = 7002


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing.

    Open holds without a redemption row are the one exception (tests of holds alone).
    """
    yield
    with tools.reading() as session:
        assert [one for one in verify(session) if one.invariant != 7] == []
        assert find_drift(session, tools.clock()) == []


def test_an_order_gives_its_points_once_however_often_it_comes(tools, shop):
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    credit_now(tools, order, order)
    assert balance_of(tools, shop).available == 25
    assert postings(tools) == [f"order:{shop.shop_id}:5001:r1"]


def test_many_orders_of_a_batch_are_credited_together(tools, shop):
    credit_now(
        tools, *(paid_order(shop, order_id=number, customer_id=7000 + number % 7) for number in range(6000, 6060))
    )
    assert len(postings(tools)) == 60
    assert sum(balance_of(tools, shop, 7000 + number).available for number in range(7)) == 60 * 25


def test_a_partial_refund_takes_back_the_difference(tools, shop):
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    credit_now(tools, refunded(order, "10.00"))
    assert balance_of(tools, shop).available == 15
    assert last_explanation(tools)["because"] == "refund"
    assert last_explanation(tools)["change"] == -10


def test_partial_refunds_one_after_the_other_end_at_nothing(tools, shop):
    order = paid_order(shop, amount="30.00")
    once = refunded(order, "10.00")
    twice = refunded(once, "20.00")
    for state in (order, once, twice):
        credit_now(tools, state)
    assert balance_of(tools, shop).available == 0
    assert balance_of(tools, shop).debt == 0
    assert why_nothing(tools, 5001) == "refunded"


def test_a_cancelled_order_gives_nothing(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, cancelled(order))
    assert balance_of(tools, shop).available == 0
    assert why_nothing(tools, 5001) == "cancelled"


def test_an_older_state_that_comes_late_changes_nothing(tools, shop):
    order = paid_order(shop, amount="25.50")
    credit_now(tools, refunded(order, "10.00"))
    credit_now(tools, order)
    assert balance_of(tools, shop).available == 15
    assert len(postings(tools)) == 1


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_arrival_and_any_number_of_copies_end_alike(database, clock, seed):
    tools = make_tools(database, clock)
    shop = make_shop(tools)
    twin = make_shop(tools, "laurel-twin.myshopify.com")
    history = [
        state
        for number in range(4)
        for state in story(paid_order(shop, order_id=5000 + number), random.Random(seed * 10 + number))
    ]
    for state in history:
        credit_now(tools, state)
    straight = dump(tools)
    shuffled = history * 3
    random.Random(seed).shuffle(shuffled)
    for state in shuffled:
        credit_now(tools, state)
    assert dump(tools) == straight
    assert twin.shop_id != shop.shop_id


def test_shuffled_from_the_start_gives_the_same_balances(database, clock):
    tools = make_tools(database, clock)
    shops = [make_shop(tools, f"laurel-{name}.myshopify.com") for name in ("straight", "shuffled")]
    for seed in range(10):
        histories = [
            story(paid_order(one, order_id=5000 + seed + 1000 * place, customer_id=7000 + seed), random.Random(seed))
            for place, one in enumerate(shops)
        ]
        shuffled = histories[1] * 3
        random.Random(seed).shuffle(shuffled)
        credit_now(tools, *histories[0])
        for state in shuffled:
            credit_now(tools, state)
        assert buckets(tools, shops[0], 7000 + seed) == buckets(tools, shops[1], 7000 + seed)


@pytest.mark.parametrize("states", [("paid", "refunded", "voided"), ("voided", "refunded")])
def test_an_order_that_gives_nothing_and_counts_no_more_or_again_leaves_what_its_newest_state_tells(tools, states):
    """What it gave is the same, nothing; what it gave and took back is not: a payment that failed never gave anything."""
    told = []
    for number, history in enumerate((states, states[-1:])):
        shop = make_shop(tools, domain=f"turn-{number}.myshopify.com")
        order = paid_order(shop, order_id=5001 + number)
        for hours, status in enumerate(history, start=len(states) - len(history)):
            later = order.updated_at + timedelta(hours=hours)
            credit_now(tools, replace(order, financial_status=status, updated_at=later))
        with tools.reading() as session:
            mine = session.execute(select(lot.c.granted, lot.c.clawed_back).where(lot.c.shop_id == shop.shop_id))
            told.append([tuple(row) for row in mine if row.granted])
    assert told[0] == told[1]


def test_an_unpaid_order_gives_nothing_until_it_is_paid(tools, shop):
    pending = replace(paid_order(shop), financial_status="pending")
    credit_now(tools, pending)
    assert why_nothing(tools, 5001) == "unpaid"
    credit_now(tools, replace(pending, financial_status="paid", updated_at=pending.updated_at + timedelta(minutes=5)))
    assert balance_of(tools, shop).available == 25


def test_a_test_order_gives_nothing(tools, shop):
    credit_now(tools, replace(paid_order(shop), is_test=True))
    assert balance_of(tools, shop).available == 0
    assert why_nothing(tools, 5001) == "test"


def test_a_guest_order_waits_for_its_customer(tools, shop):
    guest = paid_order(shop, customer_id=None)
    credit_now(tools, guest)
    assert why_nothing(tools, 5001) == "guest"
    known = replace(
        guest,
        customer=CustomerRef(CUSTOMER, has_account=True),
        customer_standing="present",
        updated_at=guest.updated_at + timedelta(minutes=1),
    )
    credit_now(tools, known)
    assert balance_of(tools, shop).available == 25


def test_a_body_that_withholds_the_customer_is_not_read_as_a_guest(tools, shop):
    credit_now(tools, replace(paid_order(shop, customer_id=None), customer_standing="unknown"))
    assert why_nothing(tools, 5001) == "customer_withheld"


def test_an_order_that_changes_hands_moves_its_points(tools, shop):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(
        tools, replace(order, customer=CustomerRef(OTHER_CUSTOMER), updated_at=order.updated_at + timedelta(minutes=1))
    )
    assert balance_of(tools, shop).available == 0
    assert balance_of(tools, shop, OTHER_CUSTOMER).available == 25
    assert len(postings(tools)) == 2


def test_an_order_from_before_the_start_line_gives_nothing(tools, shop):
    order = paid_order(shop)
    credit_now(tools, replace(order, placed_at=order.placed_at - timedelta(days=61)))
    assert why_nothing(tools, 5001) == "before_start"


def test_a_refund_of_spent_points_becomes_debt_and_new_points_fill_it_first(tools, shop):
    order = paid_order(shop, amount="100.00")
    credit_now(tools, order)
    spend(tools, shop, 80)
    credit_now(tools, cancelled(order))
    account = balance_of(tools, shop)
    assert (account.available, account.debt) == (0, -80)
    credit_now(tools, paid_order(shop, order_id=5002, amount="100.00"))
    account = balance_of(tools, shop)
    assert (account.available, account.debt) == (20, 0)


def test_a_refund_of_the_order_that_filled_the_debt_brings_the_debt_back(tools, shop):
    first, second = paid_order(shop, amount="100.00"), paid_order(shop, order_id=5002, amount="100.00")
    credit_now(tools, first)
    spend(tools, shop, 80)
    credit_now(tools, cancelled(first))
    credit_now(tools, second)
    credit_now(tools, cancelled(second))
    account = balance_of(tools, shop)
    assert (account.available, account.debt) == (0, -80)


def test_held_points_are_never_clawed_back_and_a_release_fills_the_debt(tools, shop):
    order = paid_order(shop, amount="100.00")
    credit_now(tools, order)
    redemption_id = hold(tools, shop, 60)
    credit_now(tools, cancelled(order))
    account = balance_of(tools, shop)
    assert (account.available, account.held, account.debt) == (0, 60, -60)
    with tools.writing() as session:
        release_points(session, member_of(tools, shop).account_id, fact(tools, shop, "redeem_release", redemption_id))
    account = balance_of(tools, shop)
    assert (account.available, account.held, account.debt) == (0, 0, 0)


def test_an_opt_in_shop_credits_only_those_who_joined(tools):
    from plugin.journeys.joining import join

    document = dump_document(default_document()) | {"enrolment": "opt_in"}
    shop = make_shop(tools, document=document)
    credit_now(tools, paid_order(shop))
    assert why_nothing(tools, 5001) == "not_joined"
    with tools.writing() as session:
        join(session, tools.sealer, (shop.programme_id, shop.shop_id, CUSTOMER), tools.clock())
    assert balance_of(tools, shop).available == 25


def test_an_order_claimed_by_two_shops_is_credited_to_neither_before_proof(tools, shop):
    stranger = make_shop(tools, "laurel-stranger.myshopify.com")
    both = [paid_order(shop), paid_order(stranger)]
    credit_now(tools, *both)
    assert why_nothing(tools, 5001) is None
    assert postings(tools) == []


def test_a_replay_under_another_shop_gives_nothing_there(tools, shop):
    stranger = make_shop(tools, "laurel-stranger.myshopify.com")
    credit_now(tools, paid_order(shop))
    credit_now(tools, paid_order(stranger))
    assert balance_of(tools, shop).available == 25
    assert len(postings(tools)) == 1


def test_product_facts_that_are_missing_are_asked_for_and_the_order_waits(tools):
    rule = {
        "kind": "product_type",
        "id": "double-beans",
        "match": {"product_types": ["Beans"]},
        "multiplier": "2",
    }
    document = dump_document(default_document())
    document["earning"]["rules"].append(rule)
    shop = make_shop(tools, document=document)
    credit_now(tools, paid_order(shop))
    with tools.reading() as session:
        assert session.execute(select(order_state.c.needs)).scalar_one() == "products"
    assert postings(tools) == []


def story(order, dice):
    """A paid order and what may become of it, oldest first."""
    more = OrderLine(line_id=order.order_id * 10 + 1, quantity=2, price=Decimal("7.25"))
    states = [
        replace(order, financial_status="pending"),
        replace(order, updated_at=order.updated_at + timedelta(minutes=1)),
    ]
    for _ in range(dice.randrange(4)):
        last, step = states[-1], dice.choice(["refund", "edit", "cancel", "tag"])
        if step == "refund":
            states.append(refunded(last, dice.choice(["1.00", "5.50", "25.50"])))
        elif step == "edit":
            states.append(replace(last, lines=(*last.lines, more), updated_at=last.updated_at + timedelta(minutes=3)))
        elif step == "cancel":
            states.append(cancelled(last))
        else:
            states.append(replace(last, updated_at=last.updated_at + timedelta(seconds=1)))
    return states


def fact(tools, shop, reason, redemption_id):
    return Fact(
        shop.programme_id, f"{reason}:{redemption_id}", reason, "test", {}, tools.clock(), redemption_id=redemption_id
    )


def hold(tools, shop, points):
    redemption_id = new_id()
    with tools.writing() as session:
        hold_points(session, member_of(tools, shop).account_id, points, fact(tools, shop, "redeem_hold", redemption_id))
    return redemption_id


def spend(tools, shop, points):
    redemption_id = hold(tools, shop, points)
    with tools.writing() as session:
        capture_points(session, member_of(tools, shop).account_id, fact(tools, shop, "redeem_capture", redemption_id))


def buckets(tools, shop, customer_id):
    account = balance_of(tools, shop, customer_id)
    return account.pending, account.available, account.held, account.debt


def postings(tools):
    with tools.reading() as session:
        rows = session.execute(select(posting.c.reference, posting.c.reason).order_by(posting.c.id))
        return [row.reference for row in rows if row.reason != "re_attributed"]


def last_explanation(tools):
    with tools.reading() as session:
        return session.execute(select(posting.c.explanation).order_by(posting.c.id.desc()).limit(1)).scalar_one()


def why_nothing(tools, order_id):
    with tools.reading() as session:
        return (
            session.execute(select(order_state.c.why_nothing).where(order_state.c.order_id == order_id))
            .scalars()
            .first()
        )

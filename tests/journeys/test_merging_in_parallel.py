"""Merges that cross each other, orders and clicks that come while accounts become one: nothing lost, nothing doubled, nobody stuck."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from plugin.errors import Conflict, NotAllowed
from plugin.facts import CustomersMerged
from plugin.journeys.applying import apply_facts
from plugin.journeys.households import accept, invite
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.members.store import find_member
from plugin.rewards import Wish
from tests.factories import balance_of, credit_now, make_member, member_of, paid_order, refunded
from tests.journeys.discount_desk import lost_answer

CUSTOMERS = (7001, 7002, 7003, 7004)
ANNA, BORIS, CLARA, DORA = CUSTOMERS


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


@pytest.mark.parametrize("attempt", range(5))
def test_two_merges_that_cross_are_one(tools, shop, attempt):
    both(tools, shop, points=100)
    all_at_once([merging(tools, shop, ANNA, BORIS), merging(tools, shop, BORIS, ANNA)] * 4)
    assert available(tools, shop, ANNA) == available(tools, shop, BORIS) == 200
    assert member_of(tools, shop, ANNA) == member_of(tools, shop, BORIS)


@pytest.mark.parametrize("pairs", [((ANNA, BORIS), (BORIS, CLARA), (CLARA, DORA), (DORA, ANNA))])
def test_a_ring_of_merges_is_one_member(tools, shop, pairs):
    for customer_id in CUSTOMERS:
        make_member(tools, shop, customer_id, points=10)
    all_at_once([merging(tools, shop, *pair) for pair in pairs])
    assert available(tools, shop, ANNA) == 40
    assert len({member_of(tools, shop, one).member_id for one in CUSTOMERS}) == 1


def test_orders_of_either_customer_that_come_during_the_merge_count_once(tools, shop):
    both(tools, shop, points=100)
    orders = [
        paid_order(shop, order_id=number, customer_id=customer_id, amount="10.00")
        for number, customer_id in zip(range(1, 13), itertools.cycle((ANNA, BORIS)), strict=False)
    ]
    changes = [refunded(one, "4.00") for one in orders[:4]]
    all_at_once(
        [
            *[lambda one=one: credit_now(tools, one) for one in (*orders, *changes)],
            merging(tools, shop, ANNA, BORIS),
            merging(tools, shop, BORIS, ANNA),
        ]
    )
    assert available(tools, shop, BORIS) == 200 + 120 - 16


def test_a_click_during_the_merge_buys_once_or_is_refused(tools, shop, desk):
    both(tools, shop, points=300)
    merging(tools, shop, CLARA, BORIS)()
    wishes = [wish_of(tools, shop, one, f"wish-{number:04}") for number, one in enumerate((ANNA, BORIS) * 3)]
    bought = []

    def click(wish: Wish) -> None:
        try:
            bought.append(redeem(tools, wish))
        except (Conflict, NotAllowed):
            return

    all_at_once([*[lambda one=one: click(one) for one in wishes], merging(tools, shop, ANNA, BORIS)])
    settle(tools)
    assert available(tools, shop, BORIS) == 600 - 500 * len(bought)
    assert len(desk.codes) == len(bought) <= 1


def test_a_hold_settled_while_its_account_is_merged_is_settled_once(tools, shop, desk):
    both(tools, shop, points=600)
    desk.go_wrong("create", lost_answer, lost_answer)
    for customer_id in (ANNA, BORIS):
        redeem(tools, wish_of(tools, shop, customer_id, f"wish-{customer_id}"))
    tools.clock.advance(minutes=5)
    keys = due_redemptions(tools, tools.clock(), 10)
    all_at_once(
        [
            *[lambda key=key: settle_redemption(tools, key, tools.clock()) for key in keys * 2],
            merging(tools, shop, ANNA, BORIS),
            merging(tools, shop, BORIS, CLARA),
        ]
    )
    tools.clock.advance(minutes=5)
    settle(tools)
    account = balance_of(tools, shop, CLARA)
    assert (account.available, account.held) == (200, 0)
    assert len(desk.codes) == 2


def test_two_who_accept_each_other_at_once_share_one_account(tools, shop):
    both(tools, shop, points=100)
    tokens = {}
    for customer_id in (ANNA, BORIS):
        with tools.writing() as session:
            tokens[customer_id] = invite(session, member_of(tools, shop, customer_id), tools.clock())

    def accepting(customer_id: int, token: str) -> Callable[[], None]:
        def act() -> None:
            with tools.writing() as session:
                member = find_member(session, shop.programme_id, shop.shop_id, customer_id)
                with suppress(NotAllowed):
                    accept(session, shop.programme_id, member.member_id, token, tools.clock())

        return act

    all_at_once([accepting(ANNA, tokens[BORIS]), accepting(BORIS, tokens[ANNA])] * 2)
    assert available(tools, shop, ANNA) == available(tools, shop, BORIS) == 200
    assert member_of(tools, shop, ANNA).account_id == member_of(tools, shop, BORIS).account_id


def all_at_once(acts: Sequence[Callable[[], None]]) -> None:
    """Let every act begin at the same moment; an error in any of them is an error here."""
    barrier = threading.Barrier(len(acts))

    def begin(act: Callable[[], None]) -> None:
        barrier.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as threads:
        list(threads.map(begin, acts))


def merging(tools, shop, deleted_id, kept_id):
    def act():
        with tools.writing() as session:
            fact = CustomersMerged(shop.programme_id, shop.shop_id, kept_id, deleted_id, tools.clock())
            apply_facts(tools, session, [fact], tools.clock())

    return act


def both(tools, shop, points):
    for customer_id in (ANNA, BORIS):
        make_member(tools, shop, customer_id, points=points)


def wish_of(tools, shop, customer_id, wish_id):
    member = member_of(tools, shop, customer_id)
    return Wish(shop.programme_id, shop.shop_id, member.member_id, customer_id, wish_id, "five_off")


def settle(tools):
    for key in due_redemptions(tools, tools.clock(), 100):
        settle_redemption(tools, key, tools.clock())


def available(tools, shop, customer_id):
    return balance_of(tools, shop, customer_id).available

"""Twenty clicks at once buy exactly what the points pay for; and the test would see it if they did not."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from plugin.db import Database
from plugin.errors import InsufficientPoints
from plugin.journeys.redeeming import redeem
from plugin.journeys.taking_back import take_back
from plugin.ledger.tables import account
from tests.factories import credit_now, make_tools, paid_order, refunded
from tests.journeys.discount_desk import lost_answer
from tests.journeys.redeeming_stage import CUSTOMER, faults_in_books

CLICKS = 20


def all_at_once(clicks: int, act: Callable[[int], str]) -> Counter[str]:
    """Let threads start together and count how they ended."""
    barrier = threading.Barrier(clicks)

    def click(number: int) -> str:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(clicks) as threads:
        return Counter(threads.map(click, range(clicks)))


def redeemed(tools, wish) -> str:
    try:
        return redeem(tools, wish).state
    except InsufficientPoints:
        return "refused"


def test_twenty_clicks_for_the_last_points_buy_exactly_what_is_affordable(stage, desk):
    """Two processes' worth: half of the clicks come through a second pool of connections to the same database."""
    second = Database(stage.tools.settings.database_url)
    doors = (stage.tools, make_tools(second, stage.clock))
    ends = all_at_once(CLICKS, lambda number: redeemed(doors[number % 2], stage.wish(f"wish-{number:04}")))
    second.dispose()
    assert ends == {"captured": 2, "refused": CLICKS - 2}
    assert stage.points() == (200, 0)
    assert len(desk.codes) == 2
    assert faults_in_books(stage.tools) == []


def test_the_same_wish_twenty_times_at_once_is_one_code(stage, desk):
    ends = all_at_once(CLICKS, lambda _: redeemed(stage.tools, stage.wish()))
    assert set(ends) <= {"held", "captured"}
    assert len(desk.codes) == 1
    assert stage.points() == (700, 0)
    assert faults_in_books(stage.tools) == []


def test_without_the_lock_the_same_clicks_buy_too_much(stage, desk):
    """The control: look first, lock never. If this did not overspend, the tests above would show nothing."""

    looked = threading.Barrier(CLICKS)

    def careless(_number: int) -> str:
        with stage.tools.reading() as session:
            enough = session.scalar(select(account.c.available)) >= 500
        looked.wait()
        if not enough:
            return "refused"
        with stage.tools.writing() as session:
            session.execute(update(account).values(held=account.c.held + 500))
        return "captured"

    ends = all_at_once(CLICKS, careless)
    assert ends["captured"] > 2
    assert faults_in_books(stage.tools) != []


def test_clicks_with_lost_answers_and_two_slow_lanes_still_end_in_one_code_each(stage, desk):
    desk.go_wrong("create", lost_answer, lost_answer)
    all_at_once(CLICKS, lambda number: redeemed(stage.tools, stage.wish(f"wish-{number:04}")))
    stage.clock.advance(minutes=1)
    all_at_once(4, lambda _: str(stage.settle()))
    assert stage.points() == (200, 0)
    assert len(desk.codes) == 2
    assert stage.reasons().count("redeem_capture") == 2
    assert faults_in_books(stage.tools) == []


def test_a_refund_racing_a_redemption_loses_nothing(stage, desk):
    """Either the redemption is refused, or it stands and the refund leaves a debt; the books are right both ways."""
    order = paid_order(stage.shop, customer_id=CUSTOMER, order_id=900_000 + CUSTOMER, amount="1200")
    back = refunded(order, "1200")

    def act(number: int) -> str:
        if number == 0:
            credit_now(stage.tools, back)
            return "refunded"
        return redeemed(stage.tools, stage.wish("wish-0001"))

    ends = all_at_once(2, act)
    now = stage.account()
    if ends["captured"]:
        assert (now.available, now.held, now.debt) == (0, 0, -500)
    else:
        assert (now.available, now.held, now.debt) == (0, 0, 0)
    assert faults_in_books(stage.tools) == []


@pytest.mark.parametrize("copies", [8])
def test_a_code_handed_back_many_times_at_once_ends_once(stage, desk, copies):
    mine = redeem(stage.tools, stage.wish())
    all_at_once(
        copies,
        lambda _: take_back(stage.tools, mine.programme_id, mine.member_id, mine.redemption_id).standing,
    )
    assert desk.calls.count("deactivate") == 1


def test_two_members_of_one_account_share_its_points_fairly(stage, desk):
    """A household: two members, one account; their clicks wait for each other's lock."""
    credit_now(stage.tools, paid_order(stage.shop, order_id=1, customer_id=7002, amount="1"))
    from plugin.members.store import find_member
    from plugin.members.tables import member

    with stage.tools.writing() as session:
        other = find_member(session, stage.shop.programme_id, stage.shop.shop_id, 7002)
        session.execute(update(member).where(member.c.id == other.member_id).values(account_id=stage.member.account_id))
    wishes = [
        replace(stage.wish(f"w-{uuid4().hex}"), member_id=one.member_id, customer_id=customer_id)
        for one, customer_id in ((stage.member, CUSTOMER), (other, 7002)) * 5
    ]
    ends = all_at_once(len(wishes), lambda number: redeemed(stage.tools, wishes[number]))
    assert ends == {"captured": 2, "refused": 8}
    assert faults_in_books(stage.tools) == []

"""What is spent: no more than there is, once, and back only when nobody can use it any more."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plugin.errors import InsufficientPoints, NotAllowed
from plugin.journeys.redeeming import redeem
from plugin.journeys.taking_back import take_back
from plugin.ledger.tables import lot
from plugin.rewards import Wish
from tests.factories import CUSTOMER, balance_of, member_of
from tests.journeys.shop_floor import FIVE_OFF, Floor, line


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    floor.publish()
    yield floor
    floor.prove()


def used(code: str):
    return [{"code": code, "amount": "5.00", "type": "fixed_amount"}]


def hand_back(floor, mine):
    return take_back(floor.tools, mine.programme_id, mine.member_id, mine.redemption_id)


def test_a_redemption_takes_what_the_reward_costs_and_leaves_the_rest(floor, desk):
    """odoo/odoo#274951: all points went where fewer would have done."""
    floor.pay(line(1, "300.00"))
    floor.redeem()
    assert floor.points() == 250


def test_points_earned_online_are_gone_once_they_are_spent_at_the_till(floor, desk):
    """frappe/erpnext#59050: earned on one channel, spent on another, never deducted."""
    floor.pay(line(1, "60.00"), source_name="web")
    mine = floor.redeem()
    floor.pay(line(1, "25.00", off="5.00"), order_id=5002, source_name="pos", discount_codes=used(mine.code))
    assert floor.points() == 30
    with pytest.raises(NotAllowed):
        hand_back(floor, mine)


def test_five_codes_handed_back_leave_the_balance_as_it_was_and_never_higher(floor, desk):
    """mollie/magento2#761: each return from the payment page gave the held points back once more."""
    floor.pay(line(1, "60.00"))
    for place in range(5):
        mine = floor.redeem(f"wish-000{place}")
        hand_back(floor, mine)
        hand_back(floor, mine)
        assert floor.points() == 10
        floor.let_time_pass(hours=1)
        assert floor.points() == 60
    account = balance_of(floor.tools, floor.shop)
    assert (account.held, account.debt, floor.postings("redeem_return")) == (0, 0, 5)


def test_the_last_points_buy_one_code_and_the_loser_does_not_undo_the_winner(floor, desk):
    """saleor/saleor#544, saleor/saleor#15855, fossasia/eventyay#1398, pretix/pretix#6396, medusajs/medusa#16347."""
    floor.pay(line(1, "60.00"))
    member = member_of(floor.tools, floor.shop)
    who = (floor.shop.programme_id, floor.shop.shop_id, member.member_id)
    start = threading.Barrier(4)

    def click(number: int) -> str:
        start.wait()
        try:
            return redeem(floor.tools, Wish(*who, CUSTOMER, f"wish-{number:04}", "five_off")).standing
        except InsufficientPoints:
            return "refused"

    with ThreadPoolExecutor(4) as threads:
        ends = sorted(threads.map(click, range(4)))
    assert ends.count("refused") == 3
    assert list(desk.codes.values()) == ["ACTIVE"]
    assert floor.points() == 10


def test_soonest_expiring_points_go_first_and_only_as_many_as_it_takes(floor, desk):
    """saleor/saleor#13640, medusajs/medusa#4892, saleor/saleor#12890: two cards were both emptied for less than they held."""
    floor.publish(days_ago=200, expiry={"kind": "after_days", "days": 30})
    floor.pay(line(1, "40.00"), order_id=5001)
    floor.pay(line(1, "40.00"), order_id=5002, processed_at="2026-11-11T09:00:00Z")
    floor.redeem()
    assert floor.points() == 30
    with floor.tools.reading() as session:
        left = {row.order_id: row.available for row in session.execute(lot.select())}
    assert left == {5001: 30, 5002: 0}


def test_two_rewards_that_together_cost_everything_leave_nothing_and_owe_nothing(floor, desk):
    """saleor/saleor#12890: a voucher of 25 and a card of 65 on 90 left 25 on the card."""
    floor.publish(rewards=[FIVE_OFF | {"id": "small", "points": 25}, FIVE_OFF | {"id": "large", "points": 65}])
    floor.pay(line(1, "40.00"), order_id=5001)
    floor.pay(line(1, "50.00"), order_id=5002)
    floor.redeem("wish-0001", reward_id="small")
    floor.redeem("wish-0002", reward_id="large")
    account = balance_of(floor.tools, floor.shop)
    assert (account.available, account.held, account.debt) == (0, 0, 0)


def test_a_check_out_that_fails_leaves_the_code_usable_and_the_points_safe(floor, desk):
    """polarsource/polar#4978, mitodl/mitxpro#584: the code was burnt by a check-out that never became an order."""
    floor.pay(line(1, "60.00"))
    mine = floor.redeem()
    floor.let_time_pass(days=3)
    assert (desk.codes[mine.code], floor.points()) == ("ACTIVE", 10)
    assert floor.redeem() == mine
    hand_back(floor, mine)
    floor.let_time_pass(hours=1)
    assert floor.points() == 60


def test_nothing_is_redeemed_for_no_points(floor, desk):
    """defendicon/POS-Awesome-V15#3095: amounts too small for a point were redeemed for zero."""
    floor.pay(line(1, "60.00"))
    member = member_of(floor.tools, floor.shop)
    who = (floor.shop.programme_id, floor.shop.shop_id, member.member_id)
    with pytest.raises(NotAllowed):
        redeem(floor.tools, Wish(*who, CUSTOMER, "wish-0001", "five_off", points=0))
    assert (desk.codes, floor.points(), floor.postings("redeem_hold")) == ({}, 60, 0)

"""Baskets whose balances tell the story: earned, spent and taken back in the books, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.errors import NotAllowed
from plugin.journeys import giving_rewards
from plugin.journeys.giving_rewards import due_openings, settle_openings
from plugin.journeys.households import accept, invite
from plugin.journeys.membering import due_memberships, settle_membership
from plugin.journeys.proving import verify
from plugin.journeys.redeeming import redeem
from plugin.ledger import balances
from plugin.rewards import Wish, list_redemptions
from plugin.rewards.tables import redemption
from tests.factories import cancelled, credit_now, make_member, member_of, refunded
from tests.journeys.discount_desk import DiscountDesk, lost_call
from tests.journeys.redeeming_stage import Stage
from tests.journeys.tier_stage import TierStage
from tests.templates.baskets import shows
from tests.templates.conftest import Open, bought


def faults(stage: Stage) -> list[str]:
    """What the verifier finds."""
    with stage.tools.reading() as session:
        return [one.name for one in verify(session)]


def test_a_coffee_refunded_in_full_leaves_nothing(opened: Open):
    stage = opened("inspired-by-starbucks-rewards", 0)
    order = bought(stage.shop, "10.00")
    credit_now(stage.tools, order)
    assert stage.points() == (10, 0)
    credit_now(stage.tools, cancelled(order))
    assert (stage.points(), stage.account().debt) == ((0, 0), 0)


def test_beauty_basket_5_cash_off_then_points_for_what_was_paid(opened: Open):
    stage = opened("inspired-by-sephora-beauty-insider", 740)
    redeem(stage.tools, stage.wish(reward_id="cash"))
    credit_now(stage.tools, bought(stage.shop, "62.00", less="10"))
    assert stage.points() == (292, 0)


def test_outdoor_basket_9_a_refund_after_the_reward_is_owed_and_the_reward_stays(opened: Open):
    stage = opened("inspired-by-the-north-face-xplr-pass", 0)
    order = bought(stage.shop, "230.00")
    credit_now(stage.tools, order)
    with pytest.raises(NotAllowed) as shut:
        redeem(stage.tools, stage.wish(reward_id="20_off"))
    assert shut.value.code == "reward_not_now"
    stage.clock.now = datetime(2027, 2, 15, 12, 0, tzinfo=UTC)
    redeemed = redeem(stage.tools, stage.wish("wish-0002", reward_id="20_off"))
    assert stage.points() == (30, 0)
    stage.clock.advance(hours=2)
    credit_now(stage.tools, refunded(order, "100.00", after=stage.clock.now - order.placed_at))
    assert (stage.points(), stage.account().debt, stage.again(redeemed).standing) == ((0, 0), -70, "ready")
    assert faults(stage) == []


def test_outdoor_basket_9_a_refund_before_the_reward_leaves_the_rest(opened: Open):
    stage = opened("inspired-by-the-north-face-xplr-pass", 0)
    order = bought(stage.shop, "230.00")
    credit_now(stage.tools, order)
    credit_now(stage.tools, refunded(order, "100.00"))
    assert (stage.points(), stage.account().debt) == ((130, 0), 0)


def test_furniture_basket_4_points_leave_at_once_and_come_for_what_was_paid(opened: Open):
    stage = opened("inspired-by-ikea-family", 180)
    redeem(stage.tools, stage.wish(reward_id="five_off"))
    assert stage.points() == (5, 0)
    credit_now(stage.tools, bought(stage.shop, "40.00", less="5"))
    assert stage.points() == (40, 0)


def test_furniture_basket_9_what_is_missing_is_owed_and_filled_by_the_next_order(opened: Open):
    stage = opened("inspired-by-ikea-family", 0)
    order = bought(stage.shop, "250.00")
    credit_now(stage.tools, order)
    redeem(stage.tools, stage.wish(reward_id="five_off"))
    credit_now(stage.tools, refunded(order, "130.00"))
    assert (stage.points(), stage.account().debt) == ((0, 0), -55)
    credit_now(stage.tools, bought(stage.shop, "60.00", order_id=5002))
    assert (stage.points(), stage.account().debt) == ((5, 0), 0)
    assert faults(stage) == []


def test_coffee_basket_10_gold_is_reached_at_once_and_earns_the_next_day(opened: Open):
    stage = opened("inspired-by-starbucks-rewards", 495)
    floor = TierStage(stage.tools, stage.clock, stage.shop)
    assert floor.tier() == "green"
    credit_now(
        stage.tools, bought(stage.shop, "10.00", order_id=5001, placed_at=stage.clock.now, updated_at=stage.clock.now)
    )
    assert floor.tier() == "gold"
    later = stage.clock.advance(days=1)
    credit_now(stage.tools, bought(stage.shop, "10.00", order_id=5002, placed_at=later, updated_at=later))
    assert stage.points() == (495 + 10 + 12, 0)


def test_beauty_basket_9_a_return_within_the_year_takes_the_tier_back(opened: Open):
    stage = opened("inspired-by-sephora-beauty-insider", 940)
    floor = TierStage(stage.tools, stage.clock, stage.shop)
    assert floor.tier() == "vib"
    order = bought(stage.shop, "60.00", placed_at=stage.clock.now, updated_at=stage.clock.now)
    credit_now(stage.tools, order)
    assert floor.tier() == "rouge"
    stage.clock.advance(days=14)
    credit_now(stage.tools, refunded(order, "20.00", after=timedelta(days=14)))
    assert (floor.tier(), stage.points()) == ("vib", (980, 0))


@shows("inspired-by-amazon-prime", "household", "free_delivery")
def test_a_household_shares_the_membership_and_its_delivery(opened: Open):
    stage = opened("inspired-by-amazon-prime", 0)
    tools, shop = stage.tools, stage.shop
    bought_it = bought(shop, "139.00", order_id=5001, placed_at=stage.clock.now, updated_at=stage.clock.now)
    (line,) = bought_it.lines
    credit_now(tools, replace(bought_it, lines=(replace(line, sku="MEMBER-YEAR"),)))
    other = make_member(tools, shop, 7002)
    stage.clock.advance(hours=1)
    for key in due_memberships(tools, stage.clock.now, 10):
        settle_membership(tools, key, stage.clock.now)
    wish = Wish(shop.programme_id, shop.shop_id, other.member_id, 7002, "wish-7002", "delivery")
    with pytest.raises(NotAllowed) as alone:
        redeem(tools, wish)
    assert alone.value.code == "reward_not_yours"
    with tools.writing() as session:
        token = invite(session, stage.member, stage.clock.now)
    with tools.writing() as session:
        accept(session, shop.programme_id, other.member_id, token, stage.clock.now)
    assert redeem(tools, wish).standing == "ready"
    assert redeem(tools, stage.wish(reward_id="delivery")).standing == "ready"
    waited = bought(
        shop, "12.00", order_id=5002, customer_id=7002, placed_at=stage.clock.now, updated_at=stage.clock.now
    )
    credit_now(tools, replace(waited, shipping_methods=("No-Rush",)))
    with tools.reading() as session:
        assert balances(session, shop.programme_id, member_of(tools, shop, 7002).account_id).available == 100
    assert faults(stage) == []


@shows("inspired-by-the-north-face-xplr-pass", "windows_by_themselves")
@pytest.mark.parametrize(("points", "left"), [(349, 49), (730, 230), (99, 99)])
def test_outdoor_baskets_3_and_4_the_biggest_reward_comes_by_itself_once_a_window(opened: Open, points: int, left: int):
    stage = opened("inspired-by-the-north-face-xplr-pass", points)
    tools, clock = stage.tools, stage.clock
    assert due_openings(tools, clock.now, 10) == []
    for hours in (0, 1, 24):
        clock.now = datetime(2027, 2, 15, 12, 0, tzinfo=UTC) + timedelta(hours=hours)
        for key in due_openings(tools, clock.now, 10):
            settle_openings(tools, key, clock.now)
        assert (stage.points(), faults(stage)) == ((left, 0), [])
    with tools.reading() as session:
        given = list_redemptions(session, stage.shop.programme_id, stage.member.member_id)
    assert [one.standing for one in given] == (["ready"] if left < points else [])


def test_outdoor_basket_5_the_cap_of_a_year_bounds_what_comes_by_itself(opened: Open):
    stage = opened("inspired-by-the-north-face-xplr-pass", 1680)
    tools, clock = stage.tools, stage.clock
    for month, left in ((2, 1180), (6, 680), (10, 180)):
        clock.now = datetime(2027, month, 15, 12, 0, tzinfo=UTC)
        for key in due_openings(tools, clock.now, 10):
            settle_openings(tools, key, clock.now)
        assert stage.points() == (left, 0)
    with pytest.raises(NotAllowed) as spent:
        redeem(tools, stage.wish(reward_id="10_off"))
    assert spent.value.code == "reward_limit"


def test_who_can_have_nothing_more_is_not_tried_at_each_sweep(opened: Open, monkeypatch):
    stage = opened("inspired-by-the-north-face-xplr-pass", 1680)
    tried: list[str] = []
    monkeypatch.setattr(
        giving_rewards, "redeem", lambda tools, wish: tried.append(wish.reward_id) or redeem(tools, wish)
    )
    for month in (2, 6, 10):
        stage.clock.now = datetime(2027, month, 15, 12, 0, tzinfo=UTC)
        settle_openings(stage.tools, str(stage.shop.programme_id), stage.clock.now)
    assert (tried, stage.points()) == (["50_off", "50_off", "50_off"], (180, 0))
    with stage.tools.writing() as session:  # as if this opening had given nothing
        session.execute(redemption.update().where(redemption.c.wish_id == "opening-2027-10-15").values(wish_id="other"))
    settle_openings(stage.tools, str(stage.shop.programme_id), stage.clock.now)
    assert (len(tried), stage.points()) == (3, (180, 0))


def test_where_shopify_is_silent_the_next_sweep_goes_on_and_gives_nothing_twice(opened: Open, desk_of: DiscountDesk):
    stage = opened("inspired-by-the-north-face-xplr-pass", 349)
    credit_now(stage.tools, bought(stage.shop, "500", order_id=4002, customer_id=7002))
    stage.clock.now = datetime(2027, 2, 15, 12, 0, tzinfo=UTC)
    desk_of.go_wrong("create", lost_call)
    (key,) = due_openings(stage.tools, stage.clock.now, 10)
    settle_openings(stage.tools, key, stage.clock.now)
    assert len(desk_of.codes) == 0
    settle_openings(stage.tools, key, stage.clock.now)
    stage.clock.advance(minutes=20)
    stage.settle()
    assert sorted(
        one.given["customerGets"]["value"]["discountAmount"]["amount"] for one in desk_of.discounts.values()
    ) == [
        "30.00",
        "50.00",
    ]
    assert due_openings(stage.tools, stage.clock.now, 10) == []

"""Baskets whose balances tell the story: earned, spent and taken back in the books, on both databases."""

from __future__ import annotations

from datetime import timedelta

from plugin.journeys.proving import verify
from plugin.journeys.redeeming import redeem
from tests.factories import cancelled, credit_now, refunded
from tests.journeys.redeeming_stage import Stage
from tests.journeys.tier_stage import TierStage
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
    redeemed = redeem(stage.tools, stage.wish(reward_id="20_off"))
    assert stage.points() == (30, 0)
    credit_now(stage.tools, refunded(order, "100.00"))
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

"""Points come back only when no order can have used the code any more."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from plugin.errors import Conflict, NotAllowed, NotFound
from plugin.journeys.fetching import OVERLAP
from plugin.journeys.redeeming import redeem
from plugin.journeys.taking_back import take_back
from plugin.rewards import mark_codes_used
from plugin.shops.store import get_shop, mark_swept
from plugin.shops.tables import shop as shop_table
from tests.factories import make_member
from tests.journeys.discount_desk import lost_answer, lost_call, throttled
from tests.journeys.redeeming_stage import faults_in_books, publish_rewards


def hand_back(stage, redeemed):
    return take_back(stage.tools, redeemed.programme_id, redeemed.member_id, redeemed.redemption_id)


def sweep_until(stage, at):
    with stage.tools.writing() as session:
        mark_swept(session, get_shop(session, stage.shop.shop_id), at)


def use(stage, redeemed, code=None, *, order_id=5001, at=None):
    with stage.tools.writing() as session:
        uses = [(code or redeemed.code, order_id, at or stage.clock.now)]
        mark_codes_used(session, redeemed.programme_id, redeemed.shop_id, uses)


def given_back(stage):
    """A redemption of 500 points whose code was handed back and whose points are the member's again."""
    redeemed = redeem(stage.tools, stage.wish())
    hand_back(stage, redeemed)
    stage.clock.advance(hours=1)
    sweep_until(stage, stage.clock.now)
    assert stage.settle() == 1
    assert stage.again(redeemed).standing == "returned"
    return redeemed


def test_an_unused_code_handed_back_ends_at_once_and_its_points_wait_for_the_sweep(stage, desk):
    before = stage.lots()
    redeemed = redeem(stage.tools, stage.wish())
    handed = hand_back(stage, redeemed)
    assert (handed.standing, handed.shown_code) == ("returning", None)
    assert desk.codes == {redeemed.code: "EXPIRED"}
    assert stage.points() == (700, 0)

    ended_at = stage.clock.now
    stage.clock.advance(hours=1)
    sweep_until(stage, ended_at)
    assert stage.settle() == 0
    sweep_until(stage, ended_at + OVERLAP)
    assert stage.settle() == 1
    assert stage.again(redeemed).standing == "returned"
    assert stage.points() == (1_200, 0)
    assert stage.lots() == before
    assert stage.reasons() == ["redeem_hold", "redeem_capture", "redeem_return"]
    assert faults_in_books(stage.tools) == []
    assert stage.settle() == 0


def test_handing_back_twice_is_once(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    assert hand_back(stage, redeemed) == hand_back(stage, redeemed)
    assert desk.calls == ["create", "deactivate"]


def test_a_used_code_is_not_taken_back(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    use(stage, redeemed)
    with pytest.raises(NotAllowed) as refusal:
        hand_back(stage, redeemed)
    assert refusal.value.code == "code_used"
    assert stage.again(redeemed).standing == "used"
    assert "deactivate" not in desk.calls


def test_a_use_that_the_sweep_finds_in_time_keeps_the_points_spent(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    hand_back(stage, redeemed)
    use(stage, redeemed)
    stage.clock.advance(hours=1)
    sweep_until(stage, stage.clock.now)
    stage.settle()
    after = stage.again(redeemed)
    assert (after.state, after.standing, after.next_try_at) == ("captured", "used", None)
    assert stage.points() == (700, 0)


def test_a_code_that_is_still_being_made_is_not_taken_back_yet(stage, desk):
    desk.go_wrong("create", lost_answer)
    with pytest.raises(Conflict):
        hand_back(stage, redeem(stage.tools, stage.wish()))


def test_nobody_takes_back_anothers_code(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    other = make_member(stage.tools, stage.shop, 7002)
    with pytest.raises(NotFound):
        take_back(stage.tools, redeemed.programme_id, other.member_id, redeemed.redemption_id)
    assert desk.codes == {redeemed.code: "ACTIVE"}


@pytest.mark.parametrize("fault", [lost_answer, lost_call, throttled])
def test_silence_while_ending_a_code_is_tried_again_and_no_point_returns_before(stage, desk, fault):
    redeemed = redeem(stage.tools, stage.wish())
    desk.go_wrong("deactivate", fault)
    assert hand_back(stage, redeemed).deactivated_at is None
    sweep_until(stage, stage.clock.now + OVERLAP * 10)
    stage.clock.advance(minutes=1)
    assert stage.settle() == 1
    ended = stage.again(redeemed)
    assert ended.deactivated_at == stage.clock.now
    assert desk.codes == {redeemed.code: "EXPIRED"}
    assert stage.points() == (700, 0)


def test_a_discount_the_merchant_deleted_counts_as_ended(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    desk.discounts.clear()
    assert hand_back(stage, redeemed).deactivated_at == stage.clock.now


def test_an_unused_code_that_ran_out_gives_its_points_back_the_same_way(stage, desk):
    publish_rewards(stage.tools, stage.shop, stage.clock.now, code_valid_days=10)
    redeemed = redeem(stage.tools, stage.wish())
    stage.clock.advance(days=9)
    assert stage.settle() == 0
    stage.clock.advance(days=1)
    assert stage.settle() == 1
    assert stage.again(redeemed).standing == "returning"
    assert stage.points() == (700, 0)
    stage.clock.advance(hours=1)
    sweep_until(stage, stage.clock.now)
    assert stage.settle() == 1
    assert stage.points() == (1_200, 0)
    assert faults_in_books(stage.tools) == []


def test_a_used_code_that_ran_out_is_left_alone(stage, desk):
    publish_rewards(stage.tools, stage.shop, stage.clock.now, code_valid_days=10)
    redeemed = redeem(stage.tools, stage.wish())
    use(stage, redeemed)
    stage.clock.advance(days=11)
    stage.settle()
    assert (stage.again(redeemed).standing, stage.settle()) == ("used", 0)
    assert desk.codes == {redeemed.code: "ACTIVE"}


def test_codes_are_recognised_however_the_shopper_typed_them_and_counted_once(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    for other in ("SUMMER", "\x00\ud800ß"):
        use(stage, redeemed, other)
    assert stage.again(redeemed).used_at is None
    use(stage, redeemed, redeemed.code.lower())
    use(stage, redeemed, order_id=5002, at=stage.clock.now + OVERLAP)
    assert stage.again(redeemed).used_order_id == 5001


def test_of_two_uses_the_earlier_counts_whichever_came_first(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    use(stage, redeemed)
    use(stage, redeemed, order_id=5000, at=stage.clock.now - OVERLAP)
    assert stage.again(redeemed).used_order_id == 5000


def test_codes_of_another_shop_are_not_ours(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    with stage.tools.writing() as session:
        uses = [(redeemed.code, 5001, stage.clock.now)]
        mark_codes_used(session, redeemed.programme_id, redeemed.member_id, uses)
    assert stage.again(redeemed).used_at is None


def test_a_use_that_comes_to_light_after_the_points_came_back_is_charged_once(stage, desk):
    redeemed = given_back(stage)
    use(stage, redeemed)
    assert stage.settle() == 1
    charged = stage.again(redeemed)
    assert (charged.state, charged.standing, charged.next_try_at) == ("charged", "used", None)
    assert stage.points() == (700, 0)
    use(stage, redeemed, order_id=5000, at=stage.clock.now - OVERLAP)
    assert stage.settle() == 0
    assert stage.reasons()[-1] == "redeem_charge"
    assert faults_in_books(stage.tools) == []


def test_a_shop_never_swept_returns_nothing(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    with stage.tools.writing() as session:
        session.execute(update(shop_table).values(swept_until=None))
    hand_back(stage, redeemed)
    stage.clock.advance(days=1)
    assert stage.settle() == 0
    assert stage.points() == (700, 0)

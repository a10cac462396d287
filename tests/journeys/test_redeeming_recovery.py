"""Silence is neither yes nor no; whatever is lost, no code is free and no point disappears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.errors import ShopifyUnavailable
from plugin.journeys.making_codes import IN_FLIGHT_MAX, pause_after
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.rewards import LEASE, claim
from plugin.shops.store import get_shop, reinstall_shop, uninstall_shop
from plugin.shops.tokens import drop_tokens
from tests.journeys.discount_desk import lost_answer, lost_call, refused, throttled
from tests.journeys.redeeming_stage import connect, faults_in_books


def test_a_lost_answer_leaves_the_points_held_and_shows_no_code(stage, desk):
    desk.go_wrong("create", lost_answer)
    waiting = redeem(stage.tools, stage.wish())
    assert (waiting.state, waiting.standing, waiting.shown_code) == ("held", "preparing", None)
    assert stage.points() == (700, 500)
    assert faults_in_books(stage.tools) == []


def test_after_a_lost_answer_the_same_code_is_found_and_captured(stage, desk):
    desk.go_wrong("create", lost_answer)
    waiting = redeem(stage.tools, stage.wish())
    stage.clock.advance(seconds=10)
    assert stage.settle() == 1
    settled = stage.again(waiting)
    assert settled.state == "captured"
    assert settled.code == waiting.code
    assert desk.calls == ["create", "create", "find"]
    assert desk.codes == {settled.shown_code: "ACTIVE"}
    assert settled.discount_gid in desk.discounts
    assert stage.points() == (700, 0)
    assert faults_in_books(stage.tools) == []


@pytest.mark.parametrize("fault", [lost_call, throttled, refused("INTERNAL_ERROR")])
def test_what_never_took_effect_is_done_by_the_next_try_with_the_same_code(stage, desk, fault):
    desk.go_wrong("create", fault, fault)
    waiting = redeem(stage.tools, stage.wish())
    for _ in range(2):
        stage.clock.advance(minutes=1)
        stage.settle()
    settled = stage.again(waiting)
    assert (settled.state, settled.code, settled.attempts) == ("captured", waiting.code, 3)
    assert len(desk.codes) == 1
    assert stage.points() == (700, 0)


def test_the_same_wish_while_silence_lasts_is_the_same_redemption_and_calls_nobody(stage, desk):
    desk.go_wrong("create", lost_answer)
    waiting = redeem(stage.tools, stage.wish())
    assert redeem(stage.tools, stage.wish()) == waiting
    assert desk.calls == ["create"]


def test_a_code_that_is_taken_by_somebody_else_is_never_shown_and_another_is_made(stage, desk):
    desk.go_wrong("create", lost_call)
    waiting = redeem(stage.tools, stage.wish())
    desk.take(waiting.code)
    stage.clock.advance(minutes=1)
    stage.settle()
    settled = stage.again(waiting)
    assert (settled.state, settled.code_attempt) == ("captured", 2)
    assert settled.shown_code != waiting.code
    assert settled.shown_code in desk.codes
    assert stage.points() == (700, 0)


def test_the_next_code_is_stored_before_it_is_asked_for(stage, desk):
    """Else a crash after the call would leave a code at Shopify that nobody remembers."""
    desk.go_wrong("create", lost_call)
    waiting = redeem(stage.tools, stage.wish())
    desk.take(waiting.code)
    desk.go_wrong("create", lambda accept: accept(), lost_answer)
    stage.clock.advance(minutes=1)
    stage.settle()
    between = stage.again(waiting)
    assert (between.state, between.code_attempt) == ("held", 2)
    assert between.code in desk.codes
    stage.clock.advance(minutes=1)
    stage.settle()
    assert stage.again(waiting).shown_code == between.code
    assert len(desk.codes) == 2


def test_taken_but_not_to_be_found_keeps_the_points_held(stage, desk):
    desk.go_wrong("create", refused("TAKEN"))
    waiting = redeem(stage.tools, stage.wish())
    assert waiting.state == "held"
    assert stage.points() == (700, 500)


def test_a_definite_refusal_gives_the_points_back_to_the_lots_they_came_from(stage, desk):
    before = stage.lots()
    desk.go_wrong("create", refused("MAX_APP_DISCOUNTS"))
    over = redeem(stage.tools, stage.wish(reward_id="ten_off"))
    assert (over.state, over.standing, over.refusal, over.shown_code) == (
        "released",
        "refused",
        "MAX_APP_DISCOUNTS",
        None,
    )
    assert stage.lots() == before
    assert stage.points() == (1_200, 0)
    assert stage.reasons() == ["redeem_hold", "redeem_release"]
    assert faults_in_books(stage.tools) == []
    assert due_redemptions(stage.tools, stage.clock.now + timedelta(days=3), 10) == []


def test_a_refusal_after_a_lost_answer_finds_the_code_and_captures(stage, desk):
    """The first call made the code; a refusal of the second must not give the points back."""
    desk.go_wrong("create", lost_answer, refused("MAX_APP_DISCOUNTS"))
    waiting = redeem(stage.tools, stage.wish())
    stage.clock.advance(minutes=1)
    stage.settle()
    assert stage.again(waiting).state == "captured"
    assert stage.points() == (700, 0)


def test_a_refusal_while_an_earlier_call_may_be_on_its_way_releases_nothing_yet(stage, desk):
    no = refused("MAX_APP_DISCOUNTS")
    desk.go_wrong("create", lost_call, no, no)
    waiting = redeem(stage.tools, stage.wish())
    stage.clock.advance(minutes=1)
    stage.settle()
    assert stage.again(waiting).state == "held"
    stage.clock.advance(seconds=IN_FLIGHT_MAX.total_seconds())
    stage.settle()
    assert stage.again(waiting).state == "released"
    assert stage.points() == (1_200, 0)


def test_a_code_that_turns_up_after_the_release_is_ended(stage, desk):
    no = refused("MAX_APP_DISCOUNTS")
    desk.go_wrong("create", lost_call, no, no)
    waiting = redeem(stage.tools, stage.wish())
    for minutes in (1, 16):
        stage.clock.advance(minutes=minutes)
        stage.settle()
    assert stage.again(waiting).state == "released"
    desk.take(waiting.code, title=f"5 off your order {waiting.redemption_id}")
    stage.clock.advance(hours=1)
    stage.settle()
    assert desk.codes == {waiting.code: "EXPIRED"}
    stage.clock.advance(hours=24)
    assert stage.settle() == 1
    assert stage.settle() == 0
    assert stage.points() == (1_200, 0)


def test_a_crash_between_call_and_capture_is_rolled_forward_with_the_same_code(stage, desk):
    """The process dies after Shopify accepted: the lease runs out, the next worker finds the code."""

    class Died(BaseException):
        pass

    def die(accept):
        accept()
        raise Died

    desk.go_wrong("create", die)
    with pytest.raises(Died):
        redeem(stage.tools, stage.wish())
    assert stage.points() == (700, 500)
    stage.clock.advance(seconds=LEASE.total_seconds() - 1)
    assert stage.settle() == 0
    stage.clock.advance(seconds=1)
    assert stage.settle() == 1
    settled = redeem(stage.tools, stage.wish())
    assert settled.state == "captured"
    assert desk.codes == {settled.shown_code: "ACTIVE"}
    assert faults_in_books(stage.tools) == []


def test_settling_again_changes_nothing(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    settle_redemption(stage.tools, redeemed.key, stage.clock.now)
    assert stage.again(redeemed) == redeemed
    assert desk.calls == ["create"]


def test_two_workers_do_not_both_call(stage, desk):
    desk.go_wrong("create", lost_call)
    waiting = redeem(stage.tools, stage.wish())
    stage.clock.advance(minutes=1)
    with stage.tools.writing() as session:
        assert claim(session, waiting.programme_id, waiting.redemption_id, stage.clock.now)
    with stage.tools.writing() as session:
        assert claim(session, waiting.programme_id, waiting.redemption_id, stage.clock.now) is None
    settle_redemption(stage.tools, waiting.key, stage.clock.now)
    assert desk.calls == ["create"]


def test_a_worker_overtaken_by_another_captures_nothing_twice(stage, desk):
    """A call outlives its lease; the second worker finishes; the first one's answer then changes nothing."""
    waiting = None

    def overtaken(accept):
        answer = accept()
        stage.clock.advance(seconds=LEASE.total_seconds() + 1)
        stage.settle()
        return answer

    desk.go_wrong("create", overtaken)
    waiting = redeem(stage.tools, stage.wish())
    assert waiting.state == "captured"
    assert stage.reasons() == ["redeem_hold", "redeem_capture"]
    assert len(desk.codes) == 1
    assert faults_in_books(stage.tools) == []


def test_a_refusal_that_comes_after_another_worker_called_releases_nothing(stage, desk):
    def overtaken(_accept):
        stage.clock.advance(seconds=LEASE.total_seconds() + 1)
        stage.settle()
        return refused("MAX_APP_DISCOUNTS")(_accept)

    desk.go_wrong("create", overtaken)
    assert redeem(stage.tools, stage.wish()).state == "captured"
    assert stage.points() == (700, 0)
    assert len(desk.codes) == 1


def test_the_holds_of_a_shop_that_left_are_parked_and_settled_when_it_returns(stage, desk):
    desk.go_wrong("create", lost_call)
    waiting = redeem(stage.tools, stage.wish())
    with stage.tools.writing() as session:
        uninstall_shop(session, get_shop(session, stage.shop.shop_id), stage.clock.now)
    stage.clock.advance(days=1)
    assert stage.settle() == 0
    assert stage.points() == (700, 500)
    with stage.tools.writing() as session:
        reinstall_shop(session, get_shop(session, stage.shop.shop_id), stage.clock.now)
    assert stage.settle() == 1
    assert stage.again(waiting).is_settled or stage.again(waiting).next_try_at > stage.clock.now


def test_an_answer_that_comes_after_the_release_does_not_leave_a_free_code(stage, desk):
    """The first call hangs, meanwhile others are refused and the points go back; then it brings a code after all."""
    no = refused("MAX_APP_DISCOUNTS")

    def hangs(accept):
        for minutes in (3, 16):
            stage.clock.advance(minutes=minutes)
            stage.settle()
        return accept()

    desk.go_wrong("create", hangs, no, no)
    late = redeem(stage.tools, stage.wish())
    assert (late.state, late.shown_code) == ("released", None)
    assert stage.points() == (1_200, 0)
    assert stage.settle() == 1
    assert desk.codes == {late.code: "EXPIRED"}
    assert faults_in_books(stage.tools) == []


def test_a_shop_without_a_token_keeps_the_points_held_and_a_refusal_later_is_still_definite(stage, desk):
    """No call was made, so nothing can be on its way."""
    with stage.tools.writing() as session:
        drop_tokens(session, get_shop(session, stage.shop.shop_id))
    waiting = redeem(stage.tools, stage.wish())
    assert (waiting.state, waiting.unanswered_at, desk.calls) == ("held", None, [])
    connect(stage.tools, stage.shop)
    desk.go_wrong("create", refused("MAX_APP_DISCOUNTS"))
    stage.clock.advance(minutes=1)
    stage.settle()
    assert stage.again(waiting).state == "released"


def test_a_hold_that_lasts_is_reported(stage, desk, caplog):
    desk.go_wrong("create", *[lost_call] * 20)
    redeem(stage.tools, stage.wish())
    for _ in range(5):
        stage.clock.advance(minutes=10)
        stage.settle()
    assert "held for long" in caplog.text
    assert stage.points() == (700, 500)


def test_pauses_double_to_ten_minutes_and_never_undercut_shopify():
    why = ShopifyUnavailable("later")
    assert [pause_after(attempts, why).total_seconds() for attempts in (1, 2, 3, 9, 10, 99)] == [2, 4, 8, 512, 600, 600]
    asked = ShopifyUnavailable("later", retry_after_seconds=30.5)
    assert pause_after(1, asked).total_seconds() == 30.5

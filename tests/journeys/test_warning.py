"""Members are warned before points expire, once each; where a warning must be delivered, points wait for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.journeys.warning import (
    due_warnings,
    lately_postponed,
    note_seen,
    note_sent,
    settle_warnings,
    waiting_warnings,
    warnings_of,
)
from plugin.ledger.notices import Postponed, expiry_warning
from plugin.ledger.tables import extension
from tests.factories import credit_now, refunded
from tests.journeys.expiring_stage import Story, at, begin

DAYS_60 = {"kind": "after_days", "days": 60}
"""An order of 1 January at ten, by Sofia's clocks, is good through 2 March."""
END = "2026-03-02T22:00:00"
STRICT = {"expiry": DAYS_60, "expiry_warnings": {"days": [30, 7, 1], "must_be_delivered": True}}


@pytest.fixture
def tell(tools, clock):
    """Begin a story; every story begun is proved when the test ends."""
    begun: list[Story] = []

    def _begin(**more):
        begun.append(begin(tools, clock, **more))
        return begun[-1]

    yield _begin
    for one in begun:
        one.prove()


def waiting(story: Story):
    with story.tools.reading() as session:
        return waiting_warnings(session, story.shop.programme_id, story.clock.now, 100)


def told_of(story: Story):
    return [(one.days, one.points, one.expires_at) for one in waiting(story)]


def written(story: Story) -> int:
    with story.tools.reading() as session:
        return session.execute(select(func.count()).select_from(expiry_warning)).scalar_one()


def deliver(story: Story) -> None:
    note_sent(story.tools, waiting(story), story.clock.now)


def test_each_warning_comes_on_its_day_and_once(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T10:00:00", 100)
    days = []
    for hour in range(24 * 62):
        story.clock.now = at("2026-01-01T12:30:00") + timedelta(hours=hour)
        story.settle()
        days += [(one.days, story.clock.now) for one in waiting(story)]
        deliver(story)
    assert [(lead, when.isoformat()[:16]) for lead, when in days] == [
        (30, "2026-01-31T22:30"),
        (7, "2026-02-23T22:30"),
        (1, "2026-03-01T22:30"),
    ]
    assert written(story) == 3


def test_a_warning_counts_days_by_the_programmes_clocks(tell):
    story = tell(expiry={"kind": "on_dates", "dates": ["03-28"]}, timezone="Asia/Beirut")
    story.earn("2026-03-01T10:00:00", 100)
    story.settle("2026-03-27T21:59:59")
    deliver(story)
    story.settle("2026-03-27T22:00:00")
    assert told_of(story) == [(1, 100, at("2026-03-28T22:00:00"))]


def test_when_several_are_due_at_once_only_the_nearest_is_told(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-02-27T00:00:00")
    assert told_of(story) == [(7, 100, at(END))]


def test_orders_that_end_together_are_told_together(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T08:00:00", 100, 1)
    story.earn("2026-01-01T20:00:00", 20, 2)
    story.earn("2026-01-02T10:00:00", 3, 3)
    story.settle("2026-02-02T00:00:00")
    assert told_of(story) == [(30, 120, at(END)), (30, 3, at("2026-03-03T22:00:00"))]


def test_points_spent_since_are_not_warned_of(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-02-02T00:00:00")
    story.spend(40)
    assert told_of(story) == [(30, 60, at(END))]
    story.spend(60)
    assert told_of(story) == []


def test_an_end_that_activity_moved_is_warned_of_anew(tell):
    story = tell(expiry={"kind": "rolling", "days": 40})
    story.earn("2026-01-01T10:00:00", 100, 1)
    story.settle("2026-01-12T00:00:00")
    assert [when for _, _, when in told_of(story)] == [at("2026-02-10T22:00:00")]
    story.earn("2026-01-13T10:00:00", 10, 2)
    assert told_of(story) == []
    story.settle("2026-01-25T00:00:00")
    assert told_of(story) == [(30, 110, at("2026-02-22T22:00:00"))]


def test_the_document_says_how_many_days_before(tell):
    story = tell(expiry=DAYS_60, expiry_warnings={"days": [14]})
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-02-15T00:00:00")
    assert told_of(story) == []
    story.settle("2026-02-17T00:00:00")
    assert told_of(story) == [(14, 100, at(END))]


def test_who_wants_no_warnings_gets_none_and_points_expire(tell):
    story = tell(expiry=DAYS_60, expiry_warnings={"days": []})
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-03-02T00:00:00")
    assert (written(story), due_warnings(story.tools, story.clock.now, 10)) == (0, [])
    story.settle(END)
    assert story.available == 0


def test_nothing_expires_before_its_warning_was_delivered(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-02-02T00:00:00")
    story.settle(END)
    assert (story.available, story.ends()) == (100, {5001: at("2026-04-02T21:00:00")})
    assert story.posted("expiry") == []


def test_the_merchant_is_told_what_was_postponed(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle(END)
    with story.tools.reading() as session:
        assert lately_postponed(session, story.shop.programme_id, story.clock.now) == Postponed(1, 1, 100)
        later = story.clock.now + timedelta(days=31)
        assert lately_postponed(session, story.shop.programme_id, later) == Postponed(0, 0, 0)


@pytest.mark.parametrize("when", ["2026-02-02T00:00:00", "2026-02-24T00:00:00", "2026-03-02T21:59:59"])
def test_any_one_delivered_warning_is_enough(tell, when):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle(when)
    deliver(story)
    story.settle(END)
    assert (story.available, story.posted("expiry")) == (0, [(100, at(END))])


def test_a_warning_seen_in_the_panel_counts_as_delivered(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-02-02T00:00:00")
    note_seen(story.tools, (story.shop.programme_id, story.account_id), story.clock.now)
    assert told_of(story) == []
    story.settle(END)
    assert story.available == 0


def test_a_delivery_at_the_end_or_after_it_is_none(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-03-02T00:00:00")
    warnings = waiting(story)
    story.turn(END)
    note_sent(story.tools, warnings, story.clock.now)
    story.settle()
    assert story.available == 100


def test_postponed_points_are_warned_of_again_and_then_expire(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle(END)
    story.settle("2026-03-03T22:00:00")
    assert told_of(story) == [(30, 100, at("2026-04-02T21:00:00"))]
    deliver(story)
    story.settle("2026-04-02T21:00:00")
    assert (story.available, story.posted("expiry")) == (0, [(100, at("2026-04-02T21:00:00"))])


def test_points_wait_as_long_as_it_takes(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    for month in range(3, 9):
        story.settle(f"2026-{month:02}-28T00:00:00")
        story.settle()
    assert story.available == 100


def test_a_long_silence_of_ours_postpones_from_the_day_we_wake(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.settle("2026-09-01T10:00:00")
    assert story.ends() == {5001: at("2026-10-01T21:00:00")}
    with story.tools.reading() as session:
        assert session.execute(select(func.count()).select_from(extension)).scalar_one() == 1


def test_a_hold_at_the_last_minute_finds_unwarned_points_still_there(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.turn("2026-03-02T22:00:01")
    story.spend(100)
    assert story.available == 0


def test_an_order_that_comes_after_its_own_end_waits_for_its_warning_too(tell):
    story = tell(**STRICT)
    late = story.order("2026-01-01T10:00:00", 100)
    story.turn("2026-06-01T10:00:00")
    credit_now(story.tools, late)
    assert (story.available, story.ends()) == (100, {5001: at("2026-07-01T21:00:00")})


def test_a_late_order_does_not_undo_a_warned_expiry_or_expire_what_was_not_warned_of(tell):
    story = tell(**STRICT)
    story.earn("2026-01-02T10:00:00", 100, 1)
    story.settle("2026-02-02T10:00:00")
    deliver(story)
    late = story.order("2026-01-01T10:00:00", 40, 2)
    story.settle("2026-03-10T00:00:00")
    assert story.available == 0
    credit_now(story.tools, late)
    assert story.available == 40
    story.settle()


def test_points_of_a_late_order_that_were_held_over_its_end_are_postponed_once(tell):
    """Told anew, its free points and those that came back from the hold end at the same instant."""
    story = tell(**STRICT)
    story.earn("2026-01-10T10:00:00", 100, 1)
    late = story.order("2026-01-01T10:00:00", 100, 2)
    story.turn("2026-02-01T10:00:00")
    held = story.hold(50)
    story.turn("2026-03-05T10:00:00")
    story.release(held)
    story.turn("2026-03-06T10:00:00")
    credit_now(story.tools, late)
    assert story.available == 200


def test_points_that_a_late_refund_leaves_over_are_not_lost_unwarned(tell):
    story = tell(**STRICT)
    order = story.earn("2026-01-01T10:00:00", 100, 1)
    story.settle("2026-02-05T00:00:00")
    story.settle("2026-03-02T23:00:00")
    story.turn("2026-03-04T00:00:00")
    credit_now(story.tools, refunded(order, "40.00", after=timedelta(days=3)))
    assert story.available == 60
    story.settle()


def test_the_rule_in_force_at_the_end_decides(tell):
    story = tell(**STRICT)
    story.earn("2026-01-01T10:00:00", 100)
    story.publish("2026-03-02T12:00:00", expiry=DAYS_60)
    story.settle("2026-03-03T00:00:00")
    story.publish("2026-03-04T00:00:00", **STRICT)
    assert (story.available, story.posted("expiry")) == (0, [(100, at(END))])
    story.settle("2026-03-05T00:00:00")


def test_the_switch_may_be_turned_on_over_points_that_exist(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T10:00:00", 100)
    story.publish("2026-02-01T00:00:00", **STRICT)
    story.settle(END)
    assert story.available == 100


def test_several_members_are_warned_in_one_run_and_another_programme_is_left_alone(tell, tools):
    from tests.factories import make_shop

    story = tell(expiry=DAYS_60)
    other = make_shop(tools, "other-shop.myshopify.com")
    story.earn("2026-01-01T10:00:00", 100, 1)
    credit_now(tools, replace(story.order("2026-01-01T11:00:00", 50, 2), customer=None))
    story.turn("2026-02-02T00:00:00")
    assert due_warnings(tools, story.clock.now, 10) == [str(story.shop.programme_id)]
    settle_warnings(tools, str(other.programme_id), story.clock.now)
    assert written(story) == 0


def test_what_the_member_should_know_is_told_by_end_with_the_nearest_lead(tell):
    story = tell(expiry=DAYS_60)
    story.earn("2026-01-01T10:00:00", 100, 1)
    story.settle("2026-02-02T00:00:00")
    story.settle("2026-02-24T00:00:00")
    with story.tools.reading() as session:
        known = warnings_of(session, story.shop.programme_id, story.account_id, story.clock.now)
    assert [(one.days, one.points) for one in known] == [(7, 100)]

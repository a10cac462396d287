"""Points expire on their day, on both databases: each story ends with the books proved and told anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import factories
from tests.factories import credit_now, refunded
from tests.journeys.expiring_stage import Story, at, begin

DAYS_30 = {"kind": "after_days", "days": 30}
ROLLING_30 = {"kind": "rolling", "days": 30}
NEW_YEAR = {"kind": "on_dates", "dates": ["12-31"]}


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


def test_points_that_never_expire_stay(tell):
    story = tell(expiry={"kind": "never"})
    story.earn("2026-02-01T10:00:00", 100)
    story.settle("2036-02-01T10:00:00")
    assert (story.available, story.posted("expiry")) == (100, [])


def test_points_are_good_through_their_last_day_and_gone_the_instant_after(tell):
    story = tell(expiry=DAYS_30)
    story.earn("2026-02-01T10:00:00", 100)
    story.settle("2026-03-03T21:59:59")
    assert story.available == 100
    story.settle("2026-03-03T22:00:00")
    assert (story.available, story.posted("expiry")) == (0, [(100, at("2026-03-03T22:00:00"))])


def test_a_late_run_dates_the_expiry_by_the_term(tell):
    story = tell(expiry=DAYS_30)
    story.earn("2026-02-01T10:00:00", 100)
    story.settle("2026-09-01T00:00:00")
    story.settle("2026-09-02T00:00:00")
    assert story.posted("expiry") == [(100, at("2026-03-03T22:00:00"))]


@pytest.mark.parametrize(
    ("zone", "placed", "expires"),
    [
        ("Asia/Beirut", "2026-02-26T10:00:00", "2026-03-28T22:00:00"),  # the next day begins at 01:00
        ("America/Havana", "2026-10-01T10:00:00", "2026-11-01T04:00:00"),  # midnight comes twice: the first
        ("Europe/Sofia", "2026-02-27T10:00:00", "2026-03-29T21:00:00"),  # the last day has 23 hours
        ("Australia/Lord_Howe", "2026-03-06T01:00:00", "2026-04-05T13:30:00"),  # turned by half an hour
        ("Pacific/Kiritimati", "2026-06-01T09:00:00", "2026-07-01T10:00:00"),
        ("Pacific/Kiritimati", "2026-06-01T10:00:00", "2026-07-02T10:00:00"),
    ],
)
def test_the_last_day_is_the_programmes_own(tell, zone, placed, expires):
    story = tell(expiry=DAYS_30, timezone=zone)
    story.earn(placed, 100)
    story.turn((at(expires) - timedelta(microseconds=1)).replace(tzinfo=None).isoformat())
    story.settle()
    assert story.available == 100
    story.settle(expires)
    assert (story.available, story.posted("expiry")) == (0, [(100, at(expires))])


def test_points_of_a_29_february_end_on_the_28th_a_year_later(tell):
    story = tell(expiry={"kind": "after_months", "months": 12}, timezone="UTC")
    story.earn("2028-02-29T10:00:00", 100)
    story.settle("2029-02-28T23:59:59")
    assert story.available == 100
    story.settle("2029-03-01T00:00:00")
    assert story.available == 0


def test_points_of_a_year_end_with_it(tell):
    story = tell(expiry=NEW_YEAR | {"least_days": 30})
    story.earn("2026-03-01T10:00:00", 10, 1)
    story.earn("2026-12-01T10:00:00", 20, 2)
    story.earn("2026-12-02T10:00:00", 40, 3)
    story.settle("2026-12-31T22:00:00")
    assert story.available == 40
    story.settle("2027-12-31T22:00:00")
    assert [points for points, _ in story.posted("expiry")] == [10, 20, 40]


def test_the_soonest_expiring_points_are_spent_first(tell):
    story = tell(expiry=DAYS_30)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.earn("2026-02-20T10:00:00", 100, 2)
    story.spend(150)
    story.settle("2026-03-04T00:00:00")
    assert story.available == 50
    story.settle("2026-04-01T00:00:00")
    assert story.posted("expiry") == [(50, at("2026-03-22T22:00:00"))]


def test_a_hold_sees_what_expired_a_second_ago_though_no_run_came_by(tell):
    from plugin.errors import InsufficientPoints

    story = tell(expiry=DAYS_30)
    story.earn("2026-02-01T10:00:00", 100)
    story.turn("2026-03-03T22:00:01")
    with pytest.raises(InsufficientPoints):
        story.hold(1)
    story.settle()


def test_held_points_outlive_their_end_and_go_when_they_come_back(tell):
    story = tell(expiry=DAYS_30)
    story.earn("2026-02-01T10:00:00", 100)
    story.turn("2026-03-03T20:00:00")
    held = story.hold(60)
    story.settle("2026-03-10T00:00:00")
    assert (story.balance.held, story.posted("expiry")) == (60, [(40, at("2026-03-03T22:00:00"))])
    story.release(held)
    story.settle()
    assert (story.available, [points for points, _ in story.posted("expiry")]) == (0, [40, 60])


def test_activity_keeps_rolling_points_alive_to_the_end_of_a_day(tell):
    story = tell(expiry=ROLLING_30)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.earn("2026-02-27T10:00:00", 10, 2)
    assert set(story.ends().values()) == {at("2026-03-29T21:00:00")}  # 29 March has 23 hours in Sofia
    story.turn("2026-03-29T12:00:00")
    story.spend(5)
    assert set(story.ends().values()) == {at("2026-04-28T21:00:00")}
    story.settle("2026-04-28T20:59:59")
    assert story.available == 105
    story.settle("2026-04-28T21:00:00")
    assert story.available == 0


def test_an_order_under_newer_terms_still_keeps_older_rolling_points_alive(tell):
    story = tell(expiry=ROLLING_30)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.publish("2026-02-10T00:00:00", expiry=DAYS_30)
    story.earn("2026-02-20T10:00:00", 10, 2)
    assert story.ends()[1] == at("2026-03-22T22:00:00")
    story.settle("2026-03-10T00:00:00")
    assert story.available == 110


def test_spent_rolling_points_that_come_back_live_as_long_as_the_others(tell):
    story = tell(expiry=ROLLING_30)
    story.earn("2026-02-01T10:00:00", 50, 1)
    spent = story.spend(50)
    story.earn("2026-02-25T10:00:00", 10, 2)
    story.turn("2026-03-10T00:00:00")
    story.give_back(spent)
    story.settle()
    assert story.available == 60


def test_activity_after_the_end_brings_nothing_back(tell):
    story = tell(expiry=ROLLING_30)
    story.earn("2026-02-01T10:00:00", 50, 1)
    spent = story.spend(20)
    story.settle("2026-03-10T00:00:00")
    story.earn("2026-03-11T10:00:00", 10, 2)
    story.give_back(spent)
    story.settle()
    assert story.available == 10


def test_an_order_that_comes_late_keeps_rolling_points_as_if_it_had_come_in_time(tell):
    story = tell(expiry=ROLLING_30)
    story.earn("2026-02-01T10:00:00", 100, 1)
    late = story.order("2026-02-25T10:00:00", 10, 2)
    story.settle("2026-03-10T00:00:00")
    assert story.available == 0
    credit_now(story.tools, late)
    assert story.available == 110
    story.settle("2026-03-27T22:00:00")
    assert story.available == 0


def test_an_order_older_than_its_own_expiry_gives_and_loses_at_once(tell):
    story = tell(expiry=DAYS_30)
    order = story.order("2026-02-01T10:00:00", 100)
    story.turn("2026-06-01T00:00:00")
    credit_now(story.tools, order)
    assert (story.available, story.ends()) == (0, {5001: at("2026-03-03T22:00:00")})


def test_a_refund_after_the_end_costs_nothing(tell):
    story = tell(expiry=DAYS_30)
    order = story.earn("2026-02-01T10:00:00", 100, 1)
    story.earn("2026-03-01T10:00:00", 10, 2)
    story.settle("2026-03-10T00:00:00")
    credit_now(story.tools, refunded(order, "40.00", after=timedelta(days=36)))
    assert (story.available, story.balance.debt) == (10, 0)


def test_pending_points_mature_before_they_expire(tell):
    story = tell(expiry=NEW_YEAR | {"least_days": 14}, maturity_days=14)
    story.earn("2026-12-17T10:00:00", 100)
    story.settle("2027-06-01T00:00:00")
    assert story.posted("mature") == [(100, at("2026-12-31T10:00:00"))]
    assert story.posted("expiry") == [(100, at("2026-12-31T22:00:00"))]


@pytest.mark.parametrize(("policy", "debt"), [("debt", -30), ("write_off", 0)])
def test_spent_points_that_are_taken_back_are_owed_or_written_off(tell, policy, debt):
    story = tell(claw_back=policy)
    order = story.earn("2026-02-01T10:00:00", 100, 1)
    story.turn("2026-02-02T10:00:00")
    story.spend(30)
    credit_now(story.tools, cancelled(order))
    assert (story.available, story.balance.debt) == (0, debt)
    story.earn("2026-02-05T10:00:00", 50, 2)
    assert story.available == 50 + debt


def test_written_off_points_stay_written_off_when_a_late_order_is_told(tell):
    story = tell(claw_back="write_off")
    order = story.earn("2026-02-03T10:00:00", 100, 1)
    story.turn("2026-02-04T10:00:00")
    story.spend(30)
    late = story.order("2026-02-01T10:00:00", 10, 2)
    story.turn("2026-02-08T10:00:00")
    credit_now(story.tools, cancelled(order))
    credit_now(story.tools, late)
    assert (story.available, story.balance.debt) == (0, 0)


def test_the_version_of_the_order_decides_what_becomes_of_spent_points(tell):
    story = tell(claw_back="write_off")
    order = story.earn("2026-02-01T10:00:00", 100)
    story.spend(100)
    story.publish("2026-02-02T00:00:00", claw_back="debt")
    story.turn("2026-02-03T12:00:00")
    credit_now(story.tools, cancelled(order))
    assert story.balance.debt == 0


def cancelled(order):
    """The order cancelled two days later, its money given back: Shopify voids only what was never paid."""
    return replace(factories.cancelled(order, after=timedelta(days=2)), financial_status="refunded")

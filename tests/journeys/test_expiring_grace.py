"""Expiry is switched on: what becomes of points that were to last for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.db import new_id
from plugin.journeys.adjusting import Adjustment, adjust
from plugin.journeys.extending import Extending, extend
from plugin.journeys.households import accept, invite
from plugin.journeys.passing_time import due_graces
from tests.factories import CUSTOMER, balance_of, credit_now, make_member, member_of, refunded
from tests.journeys.expiring_stage import Story, at, begin
from tests.journeys.test_adjusting import give
from tests.journeys.test_merging import merge

DAYS_30 = {"kind": "after_days", "days": 30}
NEVER = {"kind": "never"}


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


def test_without_a_grace_old_points_keep_their_promise(tell):
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30)
    story.earn("2026-03-02T10:00:00", 10, 2)
    story.settle("2027-03-01T00:00:00")
    assert story.available == 100


def test_a_grace_runs_from_the_publication_and_only_for_points_without_an_end(tell):
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.publish("2026-03-01T12:00:00", expiry=DAYS_30, expiry_grace_days=90)
    story.settle()
    story.earn("2026-03-02T10:00:00", 10, 2)
    assert story.ends() == {1: at("2026-05-30T21:00:00"), 2: at("2026-04-01T21:00:00")}
    story.settle("2026-05-30T20:59:59")
    assert story.available == 100
    story.settle("2026-05-30T21:00:00")
    assert (story.available, [points for points, _ in story.posted("expiry")]) == (0, [10, 100])


def test_points_of_a_hold_that_nothing_covered_are_as_old_as_the_hold(tell):
    """A late refund, told at the very moment of the publication, leaves a hold uncovered; its points come back later."""
    story = tell(expiry=NEVER)
    order = story.earn("2026-01-10T09:00:00", 100)
    story.turn("2026-01-12T09:00:00")
    held = story.hold(100)
    story.turn("2026-02-01T09:00:00")
    credit_now(story.tools, refunded(order, "100.00", after=timedelta(days=1)))
    story.publish("2026-02-01T09:00:00", expiry={"kind": "after_days", "days": 400}, expiry_grace_days=10)
    story.earn("2026-02-02T09:00:00", 150, 5002)
    story.turn("2026-02-03T09:00:00")
    story.release(held)
    assert story.available == 150
    story.settle("2026-03-01T09:00:00")
    assert story.available == 50


def test_each_account_gets_its_grace_once(tell):
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=90)
    story.settle("2026-03-01T00:01:00")
    assert due_graces(story.tools, story.clock.now, 10) == []


def test_a_spend_before_any_run_came_by_takes_the_points_that_end_first(tell):
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100, 1)
    story.publish("2026-03-01T00:00:00", expiry={"kind": "after_months", "months": 12}, expiry_grace_days=30)
    story.earn("2026-03-05T10:00:00", 100, 2)
    story.spend(80)
    story.settle("2026-03-31T21:00:00")
    assert story.available == 100


def test_an_order_of_before_that_comes_after_ends_with_the_others(tell):
    story = tell(expiry=NEVER)
    late = story.order("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=90)
    story.turn("2026-03-05T00:00:00")
    credit_now(story.tools, late)
    assert story.ends() == {5001: at("2026-05-30T21:00:00")}
    story.settle("2026-05-30T21:00:00")
    assert story.available == 0


def test_an_order_of_before_that_comes_after_the_grace_is_over_loses_its_points_at_once(tell):
    story = tell(expiry=NEVER)
    late = story.order("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=90)
    story.turn("2026-08-01T00:00:00")
    credit_now(story.tools, late)
    assert story.available == 0


def test_a_refund_of_an_old_order_does_not_change_its_grace(tell):
    story = tell(expiry=NEVER)
    order = story.earn("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=90)
    story.turn("2026-03-10T00:00:00")
    credit_now(story.tools, refunded(order, "40.00"))
    assert (story.available, story.ends()) == (60, {5001: at("2026-05-30T21:00:00")})


def test_a_grace_given_later_counts_from_then(tell):
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30)
    story.publish("2026-04-01T00:00:00", expiry=DAYS_30, expiry_grace_days=10)
    story.publish("2026-05-01T00:00:00", expiry=DAYS_30, expiry_grace_days=99)
    story.settle()
    assert story.posted("expiry") == [(100, at("2026-04-11T21:00:00"))]


def test_switching_expiry_off_and_on_again_catches_the_points_in_between(tell):
    story = tell(expiry=NEVER)
    story.publish("2026-02-01T00:00:00", expiry=DAYS_30, expiry_grace_days=10)
    story.publish("2026-02-05T00:00:00", expiry=NEVER)
    story.earn("2026-02-06T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=20)
    story.settle("2026-03-21T22:00:00")
    assert story.posted("expiry") == [(100, at("2026-03-21T22:00:00"))]


def test_points_a_merchant_gave_for_ever_since_stay(tell):
    story = graced(tell)
    give_for_ever(story)
    story.settle("2027-03-01T00:00:00")
    assert (story.available, story.ends()) == (100, {5001: None})


def test_points_given_for_ever_at_the_very_moment_of_the_publication_stay(tell):
    """What a merchant says of some points outweighs what the publication says of all."""
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=20)
    give_for_ever(story)
    story.settle("2027-03-01T00:00:00")
    assert (story.available, story.ends()) == (100, {5001: None})


@pytest.mark.parametrize("moves", [["merge"], ["household"], ["household", "merge"], ["merge", "household"]])
def test_points_given_for_ever_stay_whatever_account_they_are_told_on_since(tell, moves):
    story = graced(tell)
    give_for_ever(story)
    for turn, move in enumerate(moves, start=1):
        story.turn(f"2026-03-{2 + turn:02}T00:00:00")
        make_member(story.tools, story.shop, CUSTOMER + turn)
        if move == "merge":
            merge(story.tools, story.shop, CUSTOMER, CUSTOMER + turn)
        else:
            share(story, CUSTOMER + turn)
        assert due_graces(story.tools, story.clock.now, 10) == []
        story.settle()
    story.settle("2027-03-01T00:00:00")
    assert story.available == 100


def test_a_grace_given_after_the_merge_ends_points_given_for_ever_before_it(tell):
    story = graced(tell)
    give_for_ever(story)
    make_member(story.tools, story.shop, CUSTOMER + 1)
    merge(story.tools, story.shop, CUSTOMER, CUSTOMER + 1)
    story.publish("2026-04-01T00:00:00", expiry=NEVER)
    story.publish("2026-05-01T00:00:00", expiry=DAYS_30, expiry_grace_days=20)
    story.settle("2027-03-01T00:00:00")
    assert (story.available, story.posted("expiry")) == (0, [(100, at("2026-05-21T21:00:00"))])


def test_what_was_said_of_an_order_on_an_account_it_left_does_not_hold_on_the_next(tell):
    """Somebody's points for ever are not those of another customer to whom the order is given."""
    story = graced(tell)
    give_for_ever(story)
    make_member(story.tools, story.shop, CUSTOMER + 1)
    story.turn("2026-03-03T00:00:00")
    order = story.order("2026-02-01T10:00:00", 100, customer_id=CUSTOMER + 1)
    credit_now(story.tools, replace(order, updated_at=story.clock.now))
    story.settle("2027-03-01T00:00:00")
    assert balance_of(story.tools, story.shop, CUSTOMER + 1).available == 0


def test_points_by_hand_since_the_grace_stay_for_ever_on_another_account_by_a_clock_behind(tell):
    """The merge comes from a host whose clock is behind: its date says nothing of when the points were given."""
    story = graced(tell)
    customer = (story.shop.programme_id, story.shop.shop_id, CUSTOMER)
    present = Adjustment(customer, 70, "goodwill", "k1", "merchant", expiry="never")
    with story.tools.writing() as session:
        adjust(session, present, story.clock.now)
    make_member(story.tools, story.shop, CUSTOMER + 1)
    story.turn("2026-02-28T23:59:57")
    merge(story.tools, story.shop, CUSTOMER, CUSTOMER + 1)
    story.settle("2026-03-02T00:00:01")
    assert story.available == 170
    story.settle("2027-03-01T00:00:00")
    assert story.available == 70


@pytest.mark.parametrize("kind", ["order", "by hand"])
def test_what_a_merchant_gave_for_ever_stays_so_on_the_account_it_is_merged_into(tell, kind):
    """The promise was written on a lot of the account that is no more; its points live on a new lot of the other one."""
    story = tell(expiry=NEVER)
    if kind == "order":
        story.earn("2026-02-01T10:00:00", 76, 1)
    else:
        story.turn("2026-02-01T10:00:00")
        make_member(story.tools, story.shop)
        give(story.tools, story.shop, 76)
    make_member(story.tools, story.shop, 7002)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=20)
    story.settle("2026-03-02T00:00:00")
    account_id = member_of(story.tools, story.shop).account_id
    asked = Extending(story.shop.programme_id, account_id, None, "merchant", "sorry", "key-1", is_restoring=True)
    with story.tools.writing() as session:
        extend(session, asked, story.clock.now)
    story.turn("2026-03-03T00:00:00")
    merge(story.tools, story.shop, 7001, 7002)
    story.settle("2027-03-03T00:00:00")
    assert balance_of(story.tools, story.shop, 7002).available == 76
    assert due_graces(story.tools, story.clock.now, 10) == []


def graced(tell):
    """Begin with 100 points from before expiry was switched on, which end by a grace."""
    story = tell(expiry=NEVER)
    story.earn("2026-02-01T10:00:00", 100)
    story.publish("2026-03-01T00:00:00", expiry=DAYS_30, expiry_grace_days=20)
    story.settle("2026-03-02T00:00:00")
    return story


def give_for_ever(story):
    """The merchant takes the end of all points back."""
    asked = Extending(story.shop.programme_id, story.account_id, None, "merchant", "a promise is one", str(new_id()))
    with story.tools.writing() as session:
        assert extend(session, asked, story.clock.now).points == 100


def share(story, other_id):
    """Our customer joins the household of another."""
    inviter, ours = (member_of(story.tools, story.shop, one) for one in (other_id, CUSTOMER))
    with story.tools.writing() as session:
        token = invite(session, inviter, story.clock.now)
        accept(session, story.shop.programme_id, ours.member_id, token, story.clock.now)

"""A merchant gives points more time, or brings expired ones back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from plugin.errors import BadInput, NotFound
from plugin.journeys.extending import Extending, Extension, extend
from plugin.ledger.tables import extension, lot
from tests.factories import credit_now, refunded
from tests.journeys.expiring_stage import Story, at, begin

DAYS_30 = {"kind": "after_days", "days": 30}


@pytest.fixture
def story(tools, clock):
    """A member with 100 points of 1 February, good through 3 March; the story is proved when the test ends."""
    told = begin(tools, clock, expiry=DAYS_30)
    told.earn("2026-02-01T10:00:00", 100)
    yield told
    told.prove()


def give(story: Story, last_day: str | None, *, key: str = "k1", **more) -> Extension:
    asked = Extending(
        programme_id=story.shop.programme_id,
        account_id=story.account_id,
        last_day=date.fromisoformat(last_day) if last_day else None,
        actor="merchant:7",
        reason=more.pop("reason", "the post was late"),
        key=key,
        **more,
    )
    with story.tools.writing() as session:
        return extend(session, asked, story.clock.now)


def test_points_stay_through_the_day_the_merchant_names(story):
    story.turn("2026-03-01T00:00:00")
    assert give(story, "2026-03-29") == Extension(1, 100, 0)
    story.settle("2026-03-29T20:59:59")
    assert story.available == 100
    story.settle("2026-03-29T21:00:00")
    assert story.available == 0


def test_who_extended_and_why_is_kept(story):
    give(story, "2026-04-30")
    with story.tools.reading() as session:
        row = session.execute(select(extension)).one()
    assert (row.actor, row.reason, row.is_restoring) == ("merchant:7", "the post was late", False)


def test_an_extension_never_takes_time_away(story):
    assert give(story, "2026-02-20") == Extension(0, 0, 0)
    assert story.ends() == {5001: at("2026-03-03T22:00:00")}


def test_expired_points_stay_expired_unless_they_are_to_be_restored(story):
    story.settle("2026-03-10T00:00:00")
    assert give(story, "2026-04-30") == Extension(0, 0, 0)
    assert story.available == 0
    assert give(story, "2026-04-30", key="k2", is_restoring=True) == Extension(1, 100, 100)
    assert (story.available, story.posted("restoration")) == (100, [(100, at("2026-03-10T00:00:00"))])
    story.settle("2026-04-30T21:00:00")
    assert (story.available, [when for _, when in story.posted("expiry")]) == (
        0,
        [at("2026-03-03T22:00:00"), at("2026-04-30T21:00:00")],
    )


def test_what_is_due_happens_before_the_merchant_extends(story):
    story.turn("2026-03-10T00:00:00")
    assert give(story, "2026-04-30") == Extension(0, 0, 0)
    assert story.available == 0


def test_the_same_key_twice_is_one_extension(story):
    give(story, "2026-04-30")
    assert give(story, "2026-05-31") == Extension(1, 0, 0)
    assert story.ends() == {5001: at("2026-04-30T21:00:00")}


def test_restored_points_fill_debt_first(story):
    order = story.earn("2026-02-10T10:00:00", 50, 2)
    story.settle("2026-03-04T00:00:00")
    story.spend(50)
    credit_now(story.tools, refunded(order, "30.00", after=timedelta(days=23)))
    assert (story.available, story.balance.debt) == (0, -30)
    assert give(story, "2026-06-30", is_restoring=True).restored == 100
    assert (story.available, story.balance.debt) == (70, 0)


def test_one_lot_can_be_chosen(story):
    story.earn("2026-02-10T10:00:00", 50, 2)
    with story.tools.reading() as session:
        chosen = session.execute(select(lot.c.id).where(lot.c.order_id == 2)).scalar_one()
    assert give(story, "2026-06-30", lot_ids=frozenset({chosen})) == Extension(1, 50, 0)
    assert story.ends() == {5001: at("2026-03-03T22:00:00"), 2: at("2026-06-30T21:00:00")}
    with pytest.raises(NotFound):
        give(story, "2026-06-30", key="k2", lot_ids=frozenset({story.account_id}))


def test_an_extension_right_after_a_spend_of_the_same_instant_is_told_like_any_other(story):
    story.earn("2026-02-10T10:00:00", 50, 2)
    story.spend(60)
    with story.tools.reading() as session:
        chosen = session.execute(select(lot.c.id).where(lot.c.order_id == 5001)).scalar_one()
    give(story, "2026-06-30", lot_ids=frozenset({chosen}))
    story.settle("2026-04-30T00:00:00")


def test_an_order_that_comes_late_finds_the_extension_as_it_was_given(story):
    late = story.order("2026-01-20T10:00:00", 40, 2)
    story.turn("2026-02-15T00:00:00")
    give(story, "2026-06-30")
    story.turn("2026-02-16T00:00:00")
    credit_now(story.tools, late)
    assert story.ends() == {5001: at("2026-06-30T21:00:00"), 2: at("2026-02-19T22:00:00")}
    story.settle("2026-05-01T00:00:00")
    assert story.available == 100


def test_a_refund_takes_its_part_of_extended_points(story):
    order = story.order("2026-02-01T10:00:00", 100)
    give(story, "2026-06-30")
    story.turn("2026-04-01T00:00:00")
    credit_now(story.tools, refunded(order, "40.00", after=timedelta(days=50)))
    assert (story.available, story.balance.debt) == (60, 0)


def test_a_restoration_survives_a_fact_that_comes_late(story):
    late = story.order("2026-02-05T10:00:00", 40, 2)
    story.settle("2026-03-10T00:00:00")
    give(story, "2026-06-30", is_restoring=True)
    story.turn("2026-03-20T00:00:00")
    credit_now(story.tools, late)
    story.settle()
    assert story.available == 100


@pytest.mark.parametrize(
    ("last_day", "reason"), [("2026-01-31", "why not"), ("2026-06-30", " "), ("2026-06-30", "x" * 201)]
)
def test_a_day_that_is_over_and_a_change_without_a_reason_are_refused(story, last_day, reason):
    with pytest.raises(BadInput):
        give(story, last_day, reason=reason)

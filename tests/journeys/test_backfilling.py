"""Past orders that the merchant lets count: seen first, given once, under the version named, however often it is stopped or repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.errors import Conflict
from plugin.facts import CustomerRedaction
from plugin.journeys.backfill_pages import settle_backfill
from plugin.journeys.backfilling import cancel_backfill, job_key, start_backfill
from plugin.journeys.documents import publish_document
from plugin.journeys.forgetting import forget_customer
from plugin.ledger.tables import entry, posting
from plugin.members.tables import member
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, credit_now, line_returned, refunded
from tests.journeys.past_stage import Past, lively


def test_what_was_foreseen_comes_to_the_point(past: Past):
    lively(past)
    foreseen, came = past.count_and_run()
    expected = foreseen.count.expected
    assert (expected.orders, expected.giving, expected.customers, expected.points) == (7, 3, 2, 170)
    assert came.count.given == expected
    assert came.count.whys == foreseen.count.whys == {"cancelled": 1, "guest": 1, "too_small": 1, "unpaid": 1}
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


def test_counting_writes_nothing_but_its_own_count(past: Past):
    lively(past)
    view = past.work(past.count())
    with past.tools.reading() as session:
        rows = [session.scalar(select(func.count()).select_from(one)) for one in (posting, entry, order_state, member)]
    assert (view.backfill.state, rows) == ("counted", [0, 0, 0, 0])


def test_an_order_that_was_told_before_counts_once_the_merchant_lets_it(past: Past):
    order = past.order(1, 20, amount="40.00")
    credit_now(past.tools, order)
    assert past.points() == 0
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points, past.points()) == (40, 40, 40)
    past.prove()


def test_the_version_named_decides_for_good(past: Past):
    richer = dump_document(default_document())
    richer["earning"]["rules"][0]["points_per_unit"] = "3"
    with past.tools.writing() as session:
        publish_document(session, past.shop.programme_id, richer, actor="test", now=past.clock())
    first, second = past.order(1, 40, amount="10.00"), past.order(2, 20, amount="10.00")
    assert past.count_and_run(days_before=50, until_days=30, version=1)[1].count.given.points == 10
    assert past.count_and_run(days_before=50)[1].count.given.points == 30
    past.put(refunded(first, "5.00"))
    past.put(refunded(second, "5.00"))
    credit_now(past.tools, past.orders[1], past.orders[2])
    assert past.points() == 5 + 15
    past.prove()


def test_running_the_same_range_twice_gives_nothing_twice(past: Past):
    lively(past)
    past.count_and_run()
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points) == (0, 0)
    assert foreseen.count.whys["already"] == came.count.whys["already"] == 3
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


def test_ranges_that_overlap_give_each_order_once(past: Past):
    lively(past)
    past.count_and_run(days_before=60, until_days=38)
    _, came = past.count_and_run(days_before=46)
    assert (came.count.given.points, came.count.whys["already"]) == (30, 1)
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


@pytest.mark.parametrize("stage", ["counting", "running"])
@pytest.mark.parametrize("broken_page", [None, "2", "4", "6"])
def test_stopped_between_any_two_pages_it_goes_on_where_it_was(past: Past, stage: str, broken_page: str | None):
    lively(past)
    one = past.count()
    if stage == "running":
        past.work(one)
        start_backfill(past.tools, one.programme_id, one.backfill_id)
    asked: list[str | None] = []

    def die(cursor: str | None) -> None:
        asked.append(cursor)
        if cursor == broken_page and asked.count(cursor) == 1:
            raise KeyboardInterrupt

    past.before_page = die
    with pytest.raises(KeyboardInterrupt):
        past.work(one)
    assert past.due() == 1
    settle_backfill(past.tools, job_key(one), past.clock())
    assert asked == sorted([*{None, "2", "4", "6"}, broken_page], key=lambda one: int(one or 0))
    view = past.view(one) if stage == "running" else past.run(one)
    assert view.count.given == view.count.expected
    assert (view.count.given.orders, view.count.given.points) == (7, 170)
    past.prove()


def test_a_page_that_two_worked_on_counts_once(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)

    def another(cursor: str | None) -> None:
        past.before_page = lambda _: None
        settle_backfill(past.tools, job_key(one), past.clock())

    past.before_page = another
    view = past.work(one)
    assert (view.backfill.state, view.count.given.points, past.points()) == ("done", 170, 140)
    past.prove()


def test_webhooks_that_arrive_meanwhile_change_nothing(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda _: credit_now(past.tools, *past.orders.values())
    assert past.work(one).count.given.points == 170
    assert past.points() == 140 + 500
    past.prove()


def test_what_comes_back_after_the_run_is_taken_back(past: Past):
    order = past.order(1, 20, amount="40.00")
    past.count_and_run()
    credit_now(past.tools, line_returned(order, after=timedelta(days=15)))
    assert past.points() == 0
    past.prove()


def test_points_spent_since_leave_what_they_would_have_left_in_time(past: Past):
    credit_now(past.tools, past.order(90, 5, amount="100.00"))
    past.order(1, 20, amount="40.00")
    past.count_and_run()
    assert past.points() == 140
    past.prove()


def test_a_guest_who_is_named_later_gets_what_the_back_fill_let_count(past: Past):
    order = past.order(1, 20, customer_id=None, amount="40.00")
    _, came = past.count_and_run()
    assert came.count.whys == {"guest": 1}
    named = replace(past.order(2, 1).customer)
    later = order.updated_at + timedelta(days=12)
    credit_now(past.tools, replace(order, customer=named, customer_standing="present", updated_at=later))
    assert past.points() == 40
    past.prove()


def test_cancelled_half_way_it_keeps_what_it_gave_and_gives_no_more(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda cursor: cursor == "2" and cancel_backfill(past.tools, one.programme_id, one.backfill_id)
    view = past.work(one)
    assert (view.backfill.state, view.count.given.orders, past.points()) == ("cancelled", 2, 140)
    assert past.due() == 0
    with pytest.raises(Conflict):
        start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda _: None
    assert past.count_and_run()[1].count.given.points == 30
    past.prove()


def test_a_forgotten_customer_is_not_brought_back(past: Past):
    lively(past)
    past.count_and_run()
    before = balance_of(past.tools, past.shop, 7002)
    with past.tools.writing() as session:
        gone = CustomerRedaction(past.shop.programme_id, past.shop.shop_id, past.clock(), 7002, ())
        forget_customer(session, past.tools.sealer, gone, past.clock())
    past.order(9, 22, customer_id=7002, amount="90.00")
    _, came = past.count_and_run()
    assert came.count.given.points == 0
    assert came.count.whys == {"already": 2, "forgotten": 2, "customer_withheld": 1} | {
        "cancelled": 1,
        "guest": 1,
        "unpaid": 1,
    }
    assert before.available == 30
    past.prove()

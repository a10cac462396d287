"""Twenty clicks at the same moment on the page of past orders: one count, one run, each order's points once."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from plugin.orders.backfill_tables import backfill
from tests.admin.conftest import bearer, past  # noqa: F401 - a fixture
from tests.crowds.crowd import PEOPLE, Crowd, tells

COUNT = "POST /app/past-orders"
START, CANCEL = f"{COUNT}/<uuid:backfill_id>/start", f"{COUNT}/<uuid:backfill_id>/cancel"
RANGE = {"since": "2026-09-23", "until": "2026-11-11", "version": "1"}


@pytest.fixture
def press(crowd: Crowd, past, mint):  # noqa: F811
    """Let twenty act on the page: `press(path_of_number)`; counts (path, status)."""

    def act(path_of) -> Counter[tuple[str, int]]:
        def click(browser, number: int) -> tuple[str, int]:
            path = path_of(number)
            answer = browser.post(f"/app/past-orders{path}", data=RANGE, headers=bearer(mint(past.shop)))
            return path.rpartition("/")[2], answer.status_code

        return crowd.press(click)

    return act


@tells(COUNT)
def test_of_twenty_counts_one_begins(crowd, press, past, tools):  # noqa: F811
    assert press(lambda _: "") == {("", 200): 1, ("", 409): PEOPLE - 1}
    crowd.work_off("backfill")
    assert states(tools) == ["counted"]


@tells(START)
def test_one_started_twenty_times_and_worked_on_by_all_gives_once(crowd, press, past, tools):  # noqa: F811
    path = counted(crowd, past, tools)
    assert press(lambda _: f"{path}/start") == {("start", 200): PEOPLE}
    crowd.work_off("backfill")
    assert states(tools) == ["done"]
    assert (past.points(), past.points(7002)) == (1000, 240)


@tells(START, CANCEL)
def test_a_start_and_a_cancel_that_cross_leave_it_cancelled(crowd, press, past, tools):  # noqa: F811
    path = counted(crowd, past, tools)
    ends = press(lambda number: f"{path}/{('start', 'cancel')[number % 2]}")
    assert ends["cancel", 200] == PEOPLE // 2
    assert {status for _, status in ends} <= {200, 409}
    crowd.work_off("backfill")
    assert states(tools) == ["cancelled"]


def counted(crowd, past, tools) -> str:  # noqa: F811
    """Count a range, and give its path on the page."""
    past.count()
    crowd.work_off("backfill")
    with tools.reading() as session:
        return f"/{session.scalar(select(backfill.c.id))}"


def states(tools) -> list[str]:
    with tools.reading() as session:
        return list(session.scalars(select(backfill.c.state)))

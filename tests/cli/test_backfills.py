"""Past orders from the command line, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import responses

from plugin.journeys.tools import Tools
from tests.cli.conftest import Run
from tests.factories import Clock
from tests.journeys.past_stage import Past, open_past


@pytest.fixture
def past(tools: Tools, clock: Clock) -> Iterator[Past]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        past = open_past(tools, clock, mock)
        past.order(1, 50, amount="100.00")
        past.order(2, 40, customer_id=None)
        past.order(3, 30, amount="20.00")
        yield past


def test_a_dry_run_says_what_it_would_give_and_gives_nothing(laurel: Run, past: Past):
    shown = laurel("backfill", past.shop.domain, "--since", "2026-10-01", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "would give: 120 points by 2 of 3 orders, 1 customers" in shown.stdout
    assert "Worth €1.20, if all of it is spent" in shown.stdout
    assert "nothing: 1 placed by guests" in shown.stdout
    with pytest.raises(AssertionError, match="no member"):
        past.points()


def test_it_counts_and_gives_at_once_and_the_second_time_nothing(laurel: Run, past: Past):
    shown = laurel("backfill", past.shop.domain, "--since", "2026-10-01")
    assert shown.exit_code == 0, shown.output
    assert "would give: 120 points" in shown.stdout
    assert "  gave: 120 points by 2 of 3 orders" in shown.stdout
    again = json.loads(laurel("backfill", past.shop.domain, "--since", "2026-10-01", "--json").stdout)
    assert (again["state"], again["expected"]["points"], again["given"]["points"]) == ("done", 0, 0)
    assert again["nothing"] == {"already": 2, "guest": 1}
    assert past.points() == 120
    past.prove()


def test_stopped_half_way_it_is_resumed(laurel: Run, past: Past):
    def die(cursor: str | None) -> None:
        if cursor is not None and past.again(one).state == "running":
            raise KeyboardInterrupt

    one = past.count()
    past.before_page = die
    laurel("backfill", past.shop.domain, "--resume")
    assert past.again(one).state == "running"
    past.before_page = lambda _: None
    refused = laurel("backfill", past.shop.domain, "--since", "2026-10-01")
    assert (refused.exit_code, "backfill_open" in refused.stderr) == (1, True)
    assert "gave: 120 points" in laurel("backfill", past.shop.domain, "--resume").stdout
    past.prove()


def test_it_is_ended_on_demand(laurel: Run, past: Past):
    assert laurel("backfill", past.shop.domain, "--cancel").exit_code == 1
    past.count()
    assert "cancelled" in laurel("backfill", past.shop.domain, "--cancel").stdout


def test_what_lies_out_of_reach_is_said(laurel: Run, past: Past):
    shown = laurel("backfill", past.shop.domain, "--since", "2020-01-01", "--dry-run")
    assert "only the last 60 days" in shown.stdout
    refused = laurel("backfill", past.shop.domain, "--since", "2026-11-20")
    assert (refused.exit_code, "earn points anyway" in refused.stderr) == (1, True)
    assert laurel("backfill", past.shop.domain).exit_code == 2

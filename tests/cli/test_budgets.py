"""`laurel budget show`: what is used, what is left, what it is worth."""

from __future__ import annotations

import json

import pytest

from plugin.journeys.tools import Tools
from plugin.rules import default_document, dump_document
from tests.cli.conftest import Run
from tests.factories import Clock, Shopfront, credit_now, make_shop, paid_order

LIMITS = {
    "caps": [
        {"id": "daily", "per": "member", "period": "day", "points": 100},
        {"id": "all", "per": "programme", "period": "life", "points": 10_000},
    ],
    "budgets": [
        {"id": "win", "purpose": "winning", "period": "month", "points": 500},
        {"id": "keep", "purpose": "keeping", "period": "year", "points": 1_000},
    ],
}


@pytest.fixture
def capped(tools: Tools) -> Shopfront:
    """A shop under limits, with two orders of one member."""
    shop = make_shop(tools, document=dump_document(default_document()) | LIMITS)
    credit_now(tools, paid_order(shop, 1, amount="80"), paid_order(shop, 2, amount="80"))
    return shop


def test_it_says_what_is_used_and_left_and_what_that_is_worth(laurel: Run, capped: Shopfront):
    said = laurel("budget", "show", capped.domain).stdout
    assert "all (cap, life): 100 = 1.00 EUR of 10,000 points used, 9,900 = 99.00 EUR left" in said
    assert "win (winning, 2026-11): 80 = 0.80 EUR of 500 points used, 420 = 4.20 EUR left" in said
    assert "keep (keeping, 2026): 20 = 0.20 EUR of 1,000 points used" in said
    assert "daily: 100 points per member and day" in said
    assert "13 % redeemed on average" in said


def test_a_machine_reads_the_same(laurel: Run, capped: Shopfront):
    told = json.loads(laurel("budget", "show", capped.domain, "--json").stdout)
    assert told["limits"][1] == {
        "id": "win",
        "kind": "budget",
        "purpose": "winning",
        "period": "2026-11",
        "points": 500,
        "used": 80,
        "left": 420,
        "worth_used": "0.80",
        "worth_left": "4.20",
        "expected_cost": "0.10",
    }
    assert told["per_member"] == [{"id": "daily", "period": "day", "points": 100}]
    assert told["benchmark"]["redeemed_percent_average"] == 13


def test_a_new_period_begins_with_nothing_used(laurel: Run, capped: Shopfront, clock: Clock):
    clock.advance(days=10)
    assert "win (winning, 2026-12): 0 = 0.00 EUR of 500" in laurel("budget", "show", capped.domain).stdout


def test_a_programme_without_limits_says_so(laurel: Run, shop: Shopfront):
    assert laurel("budget", "show", shop.domain).stdout == "Version 1 sets no caps and no budgets.\n"

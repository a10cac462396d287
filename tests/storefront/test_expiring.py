"""Points that will expire, or did: what the panel says of them, and what it remembers of having said it."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from plugin.db import new_id
from plugin.journeys.extending import Extending, extend
from plugin.journeys.passing_time import settle_lots
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.warning import settle_warnings, waiting_warnings
from tests.factories import credit_now, member_of, paid_order
from tests.storefront.proxy import Storefront
from tests.storefront.test_summary import _publish

STRICT = {"days": [30, 7, 1], "must_be_delivered": True}


@pytest.fixture(autouse=True)
def proof(tools, shop):
    """The books are proved after each test."""
    yield
    with tools.reading() as session:
        assert (verify(session), find_drift(session, tools.clock())) == ([], [])


def earn(tools, shop, amount="120"):
    """Points of 21 November, good through 21 December."""
    _publish(tools, shop, earning__expiry={"kind": "after_days", "days": 30}, earning__expiry_warnings=STRICT)
    credit_now(tools, paid_order(shop, amount=amount))


def pass_days(tools, shop, days):
    now = tools.clock.advance(days=days)
    settle_warnings(tools, str(shop.programme_id), now)
    settle_lots(tools, str(shop.programme_id), now)


@pytest.mark.parametrize(
    ("locale", "amount", "sentence"),
    [
        ("en", "120", "120 points expire after Dec 21, 2026"),
        ("en", "1", "1 point expires after Dec 21, 2026"),
        ("bg", "120", "Срокът на 120 точки изтича след 21.12.2026\u202fг."),
        ("tr", "120", "120 puan için son gün: 21 Ara 2026"),
    ],
)
def test_the_panel_names_the_last_day_of_points_that_will_expire(
    storefront: Storefront, tools, shop, locale, amount, sentence
):
    earn(tools, shop, amount)
    storefront = replace(storefront, locale=locale)
    assert storefront.get("summary").json["notices"] == []
    pass_days(tools, shop, 24)
    (notice,) = storefront.get("summary").json["notices"]
    assert (notice["kind"], notice["sentence"]) == ("expiring", sentence)


def test_a_warning_that_was_shown_needs_no_message_and_lets_points_expire(storefront: Storefront, tools, shop):
    earn(tools, shop)
    pass_days(tools, shop, 24)
    storefront.get("summary")
    with tools.reading() as session:
        assert waiting_warnings(session, shop.programme_id, tools.clock(), 10) == []
    pass_days(tools, shop, 8)
    entries = storefront.get("history").json["entries"]
    assert [(entry["sentence"], entry["points"]) for entry in entries] == [
        ("120 points expired", -120),
        ("120 points for order #5001", 120),
    ]


def test_points_of_who_never_looked_stay(storefront: Storefront, tools, shop):
    earn(tools, shop)
    pass_days(tools, shop, 24)
    pass_days(tools, shop, 8)
    assert storefront.get("summary").json["member"]["points"]["available"] == 120


def test_a_guest_is_warned_of_nothing(storefront: Storefront, tools, shop):
    earn(tools, shop)
    pass_days(tools, shop, 24)
    assert replace(storefront, customer=None).get("summary").json["notices"] == []
    with tools.reading() as session:
        assert len(waiting_warnings(session, shop.programme_id, tools.clock(), 10)) == 1


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "120 points brought back by the shop"),
        ("bg", "120 точки са върнати от магазина"),
        ("tr", "120 puan mağaza tarafından geri verildi"),
    ],
)
def test_restored_points_say_who_brought_them_back(storefront: Storefront, tools, shop, locale, sentence):
    earn(tools, shop)
    pass_days(tools, shop, 24)
    storefront.get("summary")
    pass_days(tools, shop, 8)
    today = tools.clock().date()
    asked = Extending(
        programme_id=shop.programme_id,
        account_id=member_of(tools, shop).account_id,
        last_day=date(today.year, today.month, 1) + timedelta(days=90),
        actor="merchant",
        reason="a kind word",
        key=str(new_id()),
        is_restoring=True,
    )
    with tools.writing() as session:
        extend(session, asked, tools.clock())
    first = replace(storefront, locale=locale).get("history").json["entries"][0]
    assert (first["sentence"], first["points"]) == (sentence, 120)

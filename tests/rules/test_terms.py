"""When points mature and expire, on the programme's own clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from plugin.errors import BadInput
from plugin.rules import lot_terms
from tests.rules.making import document, spend


def terms(placed, zone="Europe/Sofia", **earning):
    made = lot_terms(document(spend(), **earning), datetime.fromisoformat(placed), zone)
    return made.matures_at, made.expires_at


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Sofia", "Pacific/Kiritimati", "America/St_Johns"])
def test_points_that_neither_wait_nor_lapse_are_good_from_the_order_on(zone):
    assert terms("2026-03-29T00:30:00.123456+00:00", zone) == (utc("2026-03-29T00:30:00.123456"), None)


@pytest.mark.parametrize(
    ("placed", "zone", "days", "matures"),
    [
        ("2026-06-01T10:00:00+00:00", "Europe/Sofia", 14, "2026-06-15T10:00:00"),
        ("2026-03-28T10:00:00+00:00", "Europe/Sofia", 1, "2026-03-29T09:00:00"),  # the day has 23 hours
        ("2026-10-24T10:00:00+00:00", "Europe/Sofia", 1, "2026-10-25T11:00:00"),  # and this one 25
        ("2026-03-28T01:30:00+00:00", "Europe/Sofia", 1, "2026-03-29T01:30:00"),  # 03:30 does not exist that day
        ("2026-10-24T00:30:00+00:00", "Europe/Sofia", 1, "2026-10-25T00:30:00"),  # 03:30 comes twice: the first
        ("2026-03-07T07:30:00+00:00", "America/New_York", 1, "2026-03-08T07:30:00"),  # 02:30 does not exist
        ("2026-06-01T10:00:00+00:00", "Asia/Kathmandu", 30, "2026-07-01T10:00:00"),
    ],
)
def test_points_mature_at_the_same_time_of_day(placed, zone, days, matures):
    assert terms(placed, zone, maturity_days=days)[0] == utc(matures)


@pytest.mark.parametrize(
    ("placed", "zone", "expiry", "expires"),
    [
        ("2026-06-01T10:00:00+00:00", "UTC", {"kind": "after_days", "days": 1}, "2026-06-03T00:00:00"),
        ("2026-06-01T10:00:00+00:00", "Europe/Sofia", {"kind": "after_days", "days": 30}, "2026-07-01T21:00:00"),
        ("2026-06-01T21:30:00+00:00", "Europe/Sofia", {"kind": "after_days", "days": 30}, "2026-07-02T21:00:00"),
        ("2026-10-01T10:00:00+00:00", "Europe/Sofia", {"kind": "after_days", "days": 30}, "2026-10-31T22:00:00"),
        ("2026-01-31T10:00:00+00:00", "UTC", {"kind": "after_months", "months": 1}, "2026-03-01T00:00:00"),
        ("2028-02-29T10:00:00+00:00", "UTC", {"kind": "after_months", "months": 12}, "2029-03-01T00:00:00"),
        ("2026-12-15T10:00:00+00:00", "UTC", {"kind": "after_months", "months": 1}, "2027-01-16T00:00:00"),
        ("2026-11-30T10:00:00+00:00", "UTC", {"kind": "after_months", "months": 3}, "2027-03-01T00:00:00"),
        ("2026-12-31T23:30:00+00:00", "Asia/Tokyo", {"kind": "after_months", "months": 12}, "2028-01-01T15:00:00"),
        # Midnight itself is skipped in Beirut on 2026-03-29: the day after the last day begins at 01:00.
        ("2026-02-26T10:00:00+00:00", "Asia/Beirut", {"kind": "after_days", "days": 30}, "2026-03-28T22:00:00"),
    ],
)
def test_points_are_good_through_the_whole_of_their_last_day(placed, zone, expiry, expires):
    assert terms(placed, zone, expiry=expiry)[1] == utc(expires)


def test_the_terms_do_not_depend_on_the_offset_the_time_is_written_in():
    at = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    by = document(spend(), maturity_days=3, expiry={"kind": "after_days", "days": 90})
    there = at.astimezone(timezone(timedelta(hours=-9)))
    assert lot_terms(by, at, "Europe/Sofia") == lot_terms(by, there, "Europe/Sofia")
    assert lot_terms(by, there, "Europe/Sofia").matures_at.tzinfo is UTC


def test_an_order_placed_later_never_expires_earlier():
    by = document(spend(), maturity_days=2, expiry={"kind": "after_months", "months": 1})
    start = datetime(2026, 1, 1, tzinfo=UTC)
    lots = [lot_terms(by, start + timedelta(hours=5 * step), "Europe/Sofia") for step in range(1800)]
    assert [lot.expires_at for lot in lots] == sorted(lot.expires_at for lot in lots)
    assert all(lot.matures_at < lot.expires_at for lot in lots)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "Europe/\x00"])
def test_a_timezone_nobody_knows_is_refused(zone):
    with pytest.raises(BadInput):
        terms("2026-06-01T10:00:00+00:00", zone)


def test_terms_beyond_the_calendar_are_refused():
    with pytest.raises(BadInput):
        terms("9999-12-30T10:00:00+00:00", "UTC", expiry={"kind": "after_days", "days": 3})

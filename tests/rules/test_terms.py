"""When points mature and expire, on the programme's own clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from plugin.days import day_of, end_of_day
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
        (
            "2026-12-15T10:00:00+00:00",
            "UTC",
            {"kind": "after_months", "months": 6, "to_month_end": True},
            "2027-07-01T00:00:00",
        ),
        (
            "2026-08-31T10:00:00+00:00",
            "UTC",
            {"kind": "after_months", "months": 6, "to_month_end": True},
            "2027-03-01T00:00:00",
        ),
        ("2026-12-31T23:30:00+00:00", "Asia/Tokyo", {"kind": "after_months", "months": 12}, "2028-01-01T15:00:00"),
        # Midnight itself is skipped in Beirut on 2026-03-29: the day after the last day begins at 01:00.
        ("2026-02-26T10:00:00+00:00", "Asia/Beirut", {"kind": "after_days", "days": 30}, "2026-03-28T22:00:00"),
    ],
)
def test_points_are_good_through_the_whole_of_their_last_day(placed, zone, expiry, expires):
    assert terms(placed, zone, expiry=expiry)[1] == utc(expires)


def on(*dates, **more):
    return {"kind": "on_dates", "dates": list(dates), **more}


@pytest.mark.parametrize(
    ("placed", "zone", "expiry", "expires"),
    [
        ("2026-06-01T10:00:00+00:00", "Europe/Sofia", on("12-31"), "2026-12-31T22:00:00"),
        ("2026-12-31T21:59:59+00:00", "Europe/Sofia", on("12-31"), "2026-12-31T22:00:00"),
        ("2026-12-31T22:00:00+00:00", "Europe/Sofia", on("12-31"), "2027-12-31T22:00:00"),
        ("2026-06-01T10:00:00+00:00", "UTC", on("12-31", years_later=1), "2028-01-01T00:00:00"),
        ("2026-12-10T10:00:00+00:00", "UTC", on("12-31", least_days=21), "2027-01-01T00:00:00"),
        ("2026-12-11T10:00:00+00:00", "UTC", on("12-31", least_days=21), "2028-01-01T00:00:00"),
        ("2026-07-01T10:00:00+00:00", "UTC", on("12-31", "06-30"), "2027-01-01T00:00:00"),
        ("2026-06-30T10:00:00+00:00", "UTC", on("12-31", "06-30"), "2026-07-01T00:00:00"),
        ("2026-01-15T10:00:00+00:00", "UTC", on("02-29"), "2026-03-01T00:00:00"),
        ("2028-01-15T10:00:00+00:00", "UTC", on("02-29"), "2028-03-01T00:00:00"),
        ("2028-02-29T10:00:00+00:00", "UTC", on("02-28"), "2029-03-01T00:00:00"),
        ("2026-01-15T10:00:00+00:00", "UTC", on("02-29", years_later=2), "2028-03-01T00:00:00"),
        # Beirut skips midnight on 2026-03-29, Havana has it twice on 2026-11-01, Troll turns its clocks by two hours.
        ("2026-01-15T10:00:00+00:00", "Asia/Beirut", on("03-28"), "2026-03-28T22:00:00"),
        ("2026-01-15T10:00:00+00:00", "America/Havana", on("10-31"), "2026-11-01T04:00:00"),
        ("2026-01-15T10:00:00+00:00", "Antarctica/Troll", on("03-29"), "2026-03-29T22:00:00"),
        ("2026-01-15T10:00:00+00:00", "America/St_Johns", on("03-08"), "2026-03-09T02:30:00"),
        ("2026-01-15T10:00:00+00:00", "Pacific/Chatham", on("04-05"), "2026-04-05T11:15:00"),
    ],
)
def test_points_are_good_through_a_day_of_the_calendar(placed, zone, expiry, expires):
    assert terms(placed, zone, expiry=expiry)[1] == utc(expires)


def test_rolling_points_start_with_their_own_days_and_know_by_whose_clocks():
    rolling = document(spend(), expiry={"kind": "rolling", "days": 30})
    made = lot_terms(rolling, datetime(2026, 2, 26, 10, tzinfo=UTC), "Asia/Beirut")
    assert (made.expires_at, made.rolling_days, made.rolling_zone) == (utc("2026-03-28T22:00:00"), 30, "Asia/Beirut")


@pytest.mark.parametrize("zone", ["Asia/Beirut", "America/Havana", "Africa/Cairo", "America/Asuncion", "Europe/Sofia"])
def test_every_day_ends_where_the_next_begins(zone):
    """No instant of any day of 2026 to 2029 is lost or counted twice, in places that turn their clocks at midnight, too."""
    day = date(2026, 1, 1)
    while day < date(2030, 1, 1):
        end = end_of_day(day, zone)
        assert day_of(end - timedelta(microseconds=1), zone) == day
        assert day_of(end, zone) == day + timedelta(days=1)
        day += timedelta(days=1)


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
    with pytest.raises(BadInput):
        terms("9998-12-30T10:00:00+00:00", "UTC", expiry=on("12-31", years_later=3))

"""Where windows begin and periods end, on ordinary days and on those that clocks and calendars make odd."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plugin.rules.schema_tiers import (
    AnniversaryYear,
    CalendarYear,
    ForDays,
    ForEver,
    ForMonths,
    Lifetime,
    RollingDays,
    RollingMonths,
    ToAnniversary,
    ToYearEnd,
)
from plugin.rules.windows import valid_until, window_start

SOFIA = "Europe/Sofia"
YEAR = CalendarYear(kind="calendar_year")
ANNIVERSARY = AnniversaryYear(kind="anniversary_year")
TO_ANNIVERSARY = ToAnniversary(kind="anniversary")


def days(count: int) -> RollingDays:
    return RollingDays(kind="rolling_days", days=count)


def months(count: int) -> RollingMonths:
    return RollingMonths(kind="rolling_months", months=count)


def local(text: str, zone: str = SOFIA) -> datetime:
    """An instant by the clock of a place."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("window", "at", "joined", "starts"),
    [
        (YEAR, "2026-01-01T00:00:00", "2025-05-05", "2026-01-01T00:00:00"),
        (YEAR, "2026-12-31T23:59:59", "2025-05-05", "2026-01-01T00:00:00"),
        (days(1), "2026-11-21T10:00:00", "2025-05-05", "2026-11-21T00:00:00"),
        (days(30), "2026-11-21T10:00:00", "2025-05-05", "2026-10-23T00:00:00"),
        (days(2), "2026-03-29T12:00:00", "2025-05-05", "2026-03-28T00:00:00"),  # the day of 23 hours
        (days(2), "2026-10-25T12:00:00", "2025-05-05", "2026-10-24T00:00:00"),  # the day of 25 hours
        (days(365), "2024-02-29T12:00:00", "2020-05-05", "2023-03-02T00:00:00"),
        (months(12), "2026-11-21T10:00:00", "2025-05-05", "2025-11-22T00:00:00"),
        (months(12), "2024-02-29T12:00:00", "2020-05-05", "2023-03-01T00:00:00"),
        (months(12), "2025-02-28T12:00:00", "2020-05-05", "2024-02-29T00:00:00"),
        (months(1), "2026-03-31T12:00:00", "2025-05-05", "2026-03-01T00:00:00"),
        (months(1), "2026-01-01T00:00:00", "2025-05-05", "2025-12-02T00:00:00"),
        (ANNIVERSARY, "2026-11-21T10:00:00", "2025-05-05", "2026-05-05T00:00:00"),
        (ANNIVERSARY, "2026-05-05T00:00:00", "2025-05-05", "2026-05-05T00:00:00"),
        (ANNIVERSARY, "2026-05-04T23:59:59", "2025-05-05", "2025-05-05T00:00:00"),
        (ANNIVERSARY, "2026-02-28T00:00:00", "2024-02-29", "2026-02-28T00:00:00"),
        (ANNIVERSARY, "2028-02-28T23:59:59", "2024-02-29", "2027-02-28T00:00:00"),
        (ANNIVERSARY, "2028-02-29T00:00:00", "2024-02-29", "2028-02-29T00:00:00"),
        (ANNIVERSARY, "2025-01-01T00:00:00", "2025-05-05", "2024-05-05T00:00:00"),  # a fact from before joining
    ],
)
def test_a_window_begins_with_a_day_of_the_programme(window, at, joined, starts):
    assert window_start(window, local(at), local(f"{joined}T15:00:00"), SOFIA) == local(starts)


def test_a_lifetime_has_no_beginning():
    assert (
        window_start(Lifetime(kind="lifetime"), local("2026-11-21T10:00:00"), local("2025-05-05T00:00:00"), SOFIA)
        is None
    )


@pytest.mark.parametrize(
    ("validity", "at", "joined", "ends"),
    [
        (ToYearEnd(kind="year_end", years_later=0), "2026-12-31T23:59:59", "2025-05-05", "2027-01-01T00:00:00"),
        (ToYearEnd(kind="year_end"), "2026-01-01T00:00:00", "2025-05-05", "2028-01-01T00:00:00"),
        (ForMonths(kind="months", months=12), "2026-03-15T12:00:00", "2025-05-05", "2027-03-16T00:00:00"),
        (ForMonths(kind="months", months=12), "2024-02-29T12:00:00", "2020-05-05", "2025-03-01T00:00:00"),
        (ForMonths(kind="months", months=1), "2026-01-31T12:00:00", "2025-05-05", "2026-03-01T00:00:00"),
        (ForDays(kind="days", days=1), "2026-03-28T12:00:00", "2025-05-05", "2026-03-30T00:00:00"),
        (ForDays(kind="days", days=1), "2026-10-24T12:00:00", "2025-05-05", "2026-10-26T00:00:00"),
        (TO_ANNIVERSARY, "2026-05-04T12:00:00", "2025-05-05", "2026-05-05T00:00:00"),
        (TO_ANNIVERSARY, "2026-05-05T00:00:00", "2025-05-05", "2027-05-05T00:00:00"),
        (TO_ANNIVERSARY, "2026-03-01T12:00:00", "2024-02-29", "2027-02-28T00:00:00"),
        (TO_ANNIVERSARY, "2027-03-01T12:00:00", "2024-02-29", "2028-02-29T00:00:00"),
        (ToAnniversary(kind="anniversary", years_later=1), "2026-05-04T12:00:00", "2025-05-05", "2027-05-05T00:00:00"),
    ],
)
def test_a_period_ends_with_a_day_of_the_programme(validity, at, joined, ends):
    assert valid_until(validity, local(at), local(f"{joined}T15:00:00"), SOFIA) == local(ends)


def test_a_tier_for_ever_has_no_end():
    assert (
        valid_until(ForEver(kind="for_ever"), local("2026-03-15T12:00:00"), local("2025-05-05T00:00:00"), SOFIA) is None
    )


def test_a_day_without_a_midnight_begins_when_its_clocks_do():
    """In Beirut the clocks go on at midnight: 29 March 2026 begins at one."""
    start = window_start(
        days(1), local("2026-03-29T12:00:00", "Asia/Beirut"), local("2025-05-05T00:00:00"), "Asia/Beirut"
    )
    assert start == datetime(2026, 3, 28, 22, 0, tzinfo=UTC)


def test_the_place_decides_the_year():
    at = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert window_start(YEAR, at, at, SOFIA) == datetime(2026, 12, 31, 22, 0, tzinfo=UTC)
    assert window_start(YEAR, at, at, "UTC") == datetime(2026, 1, 1, tzinfo=UTC)
    assert window_start(YEAR, at, at, "America/New_York") == datetime(2026, 1, 1, 5, tzinfo=UTC)

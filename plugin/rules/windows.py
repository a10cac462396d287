"""Spans of time as a merchant names them: where a window begins, and when what was reached at an instant ends. By the programme's clock."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.days import day_of, end_of_day
from plugin.rules.schema_tiers import Validity, Window

_FIRST_OF_JANUARY = (1, 1)


def window_start(window: Window, at: datetime, joined_at: datetime, timezone: str) -> datetime | None:
    """Return the first instant that counts in the window as it stands at an instant (aware); None is the beginning of time."""
    today = day_of(at, timezone)
    if window.kind == "lifetime":
        return None
    if window.kind == "calendar_year":
        return start_of_day(date(today.year, *_FIRST_OF_JANUARY), timezone)
    if window.kind == "rolling_days":
        return start_of_day(_days_before(today, window.days - 1), timezone)
    if window.kind == "rolling_months":
        return end_of_day(months_later(today, -window.months), timezone)
    return start_of_day(_latest_anniversary(day_of(joined_at, timezone), today), timezone)


def valid_until(validity: Validity, at: datetime, joined_at: datetime, timezone: str) -> datetime | None:
    """Return the first instant at which a tier reached at an instant (aware) is over; None where it never is."""
    today = day_of(at, timezone)
    if validity.kind == "for_ever":
        return None
    if validity.kind == "year_end":
        return start_of_day(date(today.year + validity.years_later + 1, *_FIRST_OF_JANUARY), timezone)
    if validity.kind == "months":
        return end_of_day(months_later(today, validity.months), timezone)
    if validity.kind == "days":
        return end_of_day(today + timedelta(days=validity.days), timezone)
    latest = _latest_anniversary(day_of(joined_at, timezone), today)
    return start_of_day(_in_year(day_of(joined_at, timezone), latest.year + 1 + validity.years_later), timezone)


def start_of_day(day: date, timezone: str) -> datetime:
    """Return the first instant (UTC) of a day there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """Return the same day some months later (or earlier, below zero), or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _clipped(year, month + 1, day.day) if year >= 1 else date.min


def _latest_anniversary(joined: date, today: date) -> date:
    """The latest anniversary up to today; before the first, the day of joining itself, or one before it for facts that are older."""
    this_year = _in_year(joined, today.year)
    return this_year if this_year <= today else _in_year(joined, today.year - 1)


def _in_year(day: date, year: int) -> date:
    return _clipped(year, day.month, day.day)


def _clipped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days)

"""Days as people count them: by the clocks of a place, where a day may have 23 or 25 hours, or no midnight."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def day_of(at: datetime, timezone: str) -> date:
    """Say which day an aware instant falls on there."""
    return at.astimezone(ZoneInfo(timezone)).date()


def end_of_day(day: date, timezone: str) -> datetime:
    """Return the first instant (UTC) after a day there; where that midnight is skipped, the instant at which it is."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def end_of_day_after(at: datetime, days: int, timezone: str | None) -> datetime:
    """Return the end of the n-th day after the instant's own; without a timezone, the instant n times 24 hours later."""
    if timezone is None:
        return at + timedelta(days=days)
    return end_of_day(day_of(at, timezone) + timedelta(days=days), timezone)


def days_later(at: datetime, days: int, timezone: str) -> datetime:
    """Return the same time of day n days later (UTC)."""
    return (at.astimezone(ZoneInfo(timezone)) + timedelta(days=days)).astimezone(UTC)


def alive_until(at: datetime, days: int | None, months: int | None, timezone: str | None) -> datetime:
    """Return the first instant after what activity at an instant keeps alive: so many days, or through the n-th month after its own."""
    if months is None:
        return end_of_day_after(at, days or 0, timezone)
    day = day_of(at, timezone or "UTC")
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return end_of_day(date(year, month + 1, monthrange(year, month + 1)[1]), timezone or "UTC")

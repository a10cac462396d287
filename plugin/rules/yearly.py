"""Days that come round every year: a birthday, the day somebody joined. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from plugin.days import day_of, end_of_day

LATE_DAYS = 7
"""A yearly day that we slept through is made good for so many days."""


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """One coming round of a yearly day, and the instant (UTC) at which it began where the person is."""

    day: date
    began_at: datetime


def in_year(year: int, month: int, day: int) -> date:
    """That day of a year; 29 February is the month's last day where there is none."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def begun_lately(now: datetime, month: int, day: int, timezone: str) -> YearlyDay | None:
    """Return the yearly day that began last there, if it is not longer ago than we make good for."""
    here = day_of(now, timezone)
    for year in (here.year, here.year - 1):
        found = in_year(year, month, day)
        if found <= here:
            is_lately = (here - found).days <= LATE_DAYS
            return YearlyDay(found, began_at(found, timezone)) if is_lately else None
    return None


def next_day(now: datetime, month: int, day: int, timezone: str) -> date:
    """Return the next such day there after today."""
    here = day_of(now, timezone)
    found = in_year(here.year, month, day)
    return found if found > here else in_year(here.year + 1, month, day)


def began_at(day: date, timezone: str) -> datetime:
    """Return the first instant (UTC) of a day there, also where its midnight is skipped."""
    return end_of_day(day - timedelta(days=1), timezone)


def days_around(now: datetime) -> Iterator[date]:
    """Every day that is, or was lately, today somewhere on earth."""
    today = now.date()
    for step in range(-LATE_DAYS - 1, 2):
        yield today + timedelta(days=step)


def is_known_long_enough(known_at: datetime, began_at: datetime, known_days: int) -> bool:
    """Say whether a birthday was known so many days before it began."""
    return known_at + timedelta(days=known_days) <= began_at

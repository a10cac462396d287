"""When points of an order mature and expire: from the order's own date and the programme's timezone, never from arrival."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from plugin.days import day_of, days_later, end_of_day
from plugin.errors import BadInput
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import ExpiresOnDates, Expiry


@dataclass(frozen=True, slots=True)
class LotTerms:
    """Aware UTC instants. Points can be spent from `matures_at` on, and until just before `expires_at`; None is for ever.

    Where any activity keeps the points alive, `rolling_days` says for how many days, counted in `rolling_zone`.
    """

    matures_at: datetime
    expires_at: datetime | None
    rolling_days: int | None = None
    rolling_zone: str | None = None


def lot_terms(document: ProgrammeDocument, placed_at: datetime, timezone: str) -> LotTerms:
    """Fix the terms of what an order placed at `placed_at` (aware) gives.

    Points mature at the same time of day n days later, and are good through the whole of their last day, both by the
    programme's own clocks: a day on which they are turned is 23 or 25 hours long.

    Raises:
        BadInput: `timezone` is not an IANA name, or the terms end after the year 9999.
    """
    earning = document.earning
    try:
        placed = day_of(placed_at, timezone)
        matures = days_later(placed_at, earning.maturity_days, timezone) if earning.maturity_days else placed_at
        last_day = _last_day(earning.expiry, placed)
        expires = None if last_day is None else end_of_day(last_day, timezone)
    except (ZoneInfoNotFoundError, ValueError, OverflowError) as failure:
        raise BadInput(f"no terms for {placed_at} in {timezone!r}: {failure}", path="timezone") from failure
    rolling = (earning.expiry.days, timezone) if earning.expiry.kind == "rolling" else (None, None)
    return LotTerms(matures.astimezone(UTC), expires, *rolling)


def _last_day(expiry: Expiry, placed: date) -> date | None:
    if expiry.kind == "never":
        return None
    if expiry.kind == "after_months":
        year, month = divmod(placed.year * 12 + placed.month - 1 + expiry.months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, last if expiry.to_month_end else min(placed.day, last))
    if expiry.kind == "on_dates":
        return _calendar_day(expiry, placed)
    return placed + timedelta(days=expiry.days)


def _calendar_day(expiry: ExpiresOnDates, placed: date) -> date:
    """The first of the dates that is far enough away, moved on by whole years."""
    earliest = placed + timedelta(days=expiry.least_days)
    dates = ((year, text) for year in (earliest.year, earliest.year + 1) for text in sorted(expiry.dates))
    year, text = next(one for one in dates if _in_year(one[1], one[0]) >= earliest)
    return _in_year(text, year + expiry.years_later)


def _in_year(text: str, year: int) -> date:
    """That day of a year; 29 February is the month's last day where there is none."""
    month, day = int(text[:2]), int(text[3:])
    return date(year, month, min(day, monthrange(year, month)[1]))

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

    Where any activity keeps the points alive, `rolling_days` says for how many days, or `rolling_months` through the end of which
    month after its own, counted in `rolling_zone`.
    """

    matures_at: datetime
    expires_at: datetime | None
    rolling_days: int | None = None
    rolling_zone: str | None = None
    rolling_months: int | None = None


def lot_terms(document: ProgrammeDocument, placed_at: datetime, timezone: str, tier: str | None = None) -> LotTerms:
    """Fix the terms of what an order placed at `placed_at` (aware) gives to who held `tier`.

    Points mature at the same time of day n days later, and are good through the whole of their last day, both by the
    programme's own clocks: a day on which they are turned is 23 or 25 hours long.

    Raises:
        BadInput: `timezone` is not an IANA name, or the terms end after the year 9999.
    """
    earning = document.earning
    expiry = _expiry_in(document, tier)
    try:
        placed = day_of(placed_at, timezone)
        matures = days_later(placed_at, earning.maturity_days, timezone) if earning.maturity_days else placed_at
        last_day = _last_day(expiry, placed)
        expires = None if last_day is None else end_of_day(last_day, timezone)
    except (ZoneInfoNotFoundError, ValueError, OverflowError) as failure:
        raise BadInput(f"no terms for {placed_at} in {timezone!r}: {failure}", path="timezone") from failure
    if expiry.kind == "rolling":
        return LotTerms(matures.astimezone(UTC), expires, expiry.days, timezone)
    if expiry.kind == "after_months" and expiry.renewed_by_activity:
        return LotTerms(matures.astimezone(UTC), expires, None, timezone, expiry.months)
    return LotTerms(matures.astimezone(UTC), expires)


def kept_until(document: ProgrammeDocument, tier: str | None, until: datetime | None, timezone: str) -> Kept | None:
    """Say what holding a tier until just before an instant (None: for ever) does for points alive meanwhile.

    None where the tier does not keep them from lapsing. Else they last as long as if they were given on the tier's last day.
    """
    if tier is None or not any(
        one.tier == tier and one.expiry.kind == "never" for one in document.earning.expiry_by_tier
    ):
        return None
    if until is None:
        return Kept(None)
    last_day = _last_day(document.earning.expiry, day_of(until - timedelta(microseconds=1), timezone))
    return Kept(None if last_day is None else end_of_day(last_day, timezone))


@dataclass(frozen=True, slots=True)
class Kept:
    """The first instant at which points that a tier keeps may be gone; None is for ever."""

    expires_at: datetime | None


def _expiry_in(document: ProgrammeDocument, tier: str | None) -> Expiry:
    """What holds for points of orders: that of the tier, unless it keeps them only while it is held."""
    own = (one.expiry for one in document.earning.expiry_by_tier if one.tier == tier and one.expiry.kind != "never")
    return next(own, document.earning.expiry)


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

"""When points of an order mature and expire: from the order's own date and the programme's timezone, never from arrival."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plugin.errors import BadInput
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import ExpiresAfterDays, ExpiresAfterMonths, NeverExpires


@dataclass(frozen=True, slots=True)
class LotTerms:
    """Aware UTC instants. Points can be spent from `matures_at` on, and until just before `expires_at`; None is for ever."""

    matures_at: datetime
    expires_at: datetime | None
    rolling_days: int | None = None


def lot_terms(document: ProgrammeDocument, placed_at: datetime, timezone: str) -> LotTerms:
    """Fix the terms of what an order placed at `placed_at` (aware) gives.

    Points mature at the same time of day n days later, and are good through the whole of their last day, both by the
    programme's own clocks: a day on which they are turned is 23 or 25 hours long.

    Raises:
        BadInput: `timezone` is not an IANA name, or the terms end after the year 9999.
    """
    earning = document.earning
    try:
        zone = ZoneInfo(timezone)
        placed = placed_at.astimezone(zone)
        matures = placed if not earning.maturity_days else placed + timedelta(days=earning.maturity_days)
        last_day = _last_day(earning.expiry, placed.date())
        return LotTerms(matures.astimezone(UTC), None if last_day is None else _end_of(last_day, zone))
    except (ZoneInfoNotFoundError, ValueError, OverflowError) as failure:
        raise BadInput(f"no terms for {placed_at} in {timezone!r}: {failure}", path="timezone") from failure


def _last_day(expiry: NeverExpires | ExpiresAfterDays | ExpiresAfterMonths, placed: date) -> date | None:
    if expiry.kind == "never":
        return None
    if expiry.kind == "after_days":
        return placed + timedelta(days=expiry.days)
    year, month = divmod(placed.year * 12 + placed.month - 1 + expiry.months, 12)
    return date(year, month + 1, min(placed.day, monthrange(year, month + 1)[1]))


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after the day."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)

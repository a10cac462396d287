"""When campaigns run: days, weekdays and hours by the clocks of the programme's timezone, also on days of 23 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from plugin.rules.schema_campaigns import Campaign
from plugin.rules.schema_rewards import Available

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """The moments at which a campaign runs."""

    starts: str | None
    ends: str | None
    weekdays: frozenset[int]
    hours: tuple[tuple[time, time], ...]

    @classmethod
    def of(cls, campaign: Campaign | Available) -> Self:
        """Read the dates, weekdays and hours of a campaign, or of a reward."""
        return cls(
            campaign.starts,
            campaign.ends,
            frozenset(_DAYS.index(day) for day in campaign.weekdays),
            tuple((time.fromisoformat(one.begins), time.fromisoformat(one.ends)) for one in campaign.hours),
        )

    def holds(self, at: datetime, timezone: str) -> bool:
        """Whether an aware instant is one of them there."""
        if self.starts and at < _start(self.starts, timezone):
            return False
        if self.ends and at >= _end(self.ends, timezone):
            return False
        if not self.weekdays and not self.hours:
            return True
        return self._holds_by_clock(at.astimezone(ZoneInfo(timezone)))

    def is_over(self, at: datetime, timezone: str) -> bool:
        """Whether it never runs again."""
        return self.ends is not None and at >= _end(self.ends, timezone)

    def _holds_by_clock(self, there: datetime) -> bool:
        """Hours that run past midnight belong to the day on which they began."""
        if not self.hours:
            return there.weekday() in self.weekdays
        began = (_days_ago(there.time(), begins, ends) for begins, ends in self.hours)
        days = {(there.weekday() - one) % 7 for one in began if one is not None}
        return bool(days if not self.weekdays else days & self.weekdays)


def _days_ago(now: time, begins: time, ends: time) -> int | None:
    """How many days ago hours began that run now; None if they do not."""
    if begins < ends:
        return 0 if begins <= now < ends else None
    if now >= begins:
        return 0
    return 1 if now < ends else None


@lru_cache(maxsize=1024)
def _start(moment: str, timezone: str) -> datetime:
    """The instant at which clocks show the moment first; where they skip it, the instant at which they do."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _end(moment: str, timezone: str) -> datetime:
    """The instant at which clocks show the moment for the last time, or the day is over."""
    there = datetime.fromisoformat(moment)
    if "T" not in moment:
        there += timedelta(days=1)
        return there.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    return there.replace(tzinfo=ZoneInfo(timezone), fold=1).astimezone(UTC)

"""What an action gives: its own points, as far as its limits and those it shares with others leave room. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from plugin.days import day_of, end_of_day
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_actions import Action, Limit

LIMIT_REACHED = "limit_reached"

_DAY = timedelta(days=1)
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Given:
    """What a member was given for an action before, dated by when they did it (aware UTC)."""

    action_id: str
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """One limit at one moment: what counts is given from `since` until just before `until`; None is without end.

    `group` names the limit's group, None for the action's own. `actions` of None is every action.
    """

    per: str
    group: str | None
    actions: frozenset[str] | None
    since: datetime | None
    until: datetime | None
    times: int | None
    points: int | None

    def holds(self, one: Given) -> bool:
        """Whether something given counts against this limit."""
        return (
            (self.actions is None or one.action_id in self.actions)
            and (self.since is None or one.at >= self.since)
            and (self.until is None or one.at < self.until)
        )


@dataclass(frozen=True, slots=True)
class Left:
    """What a limit leaves; None where it does not count that."""

    window: Window
    times: int | None
    points: int | None

    def shown(self, given: int) -> dict[str, Any]:
        """Say, as data, what remains of it after `given` points more."""
        is_used = 1 if given else 0
        return {
            "per": self.window.per,
            **({"group": self.window.group} if self.window.group else {}),
            **({} if self.times is None else {"times": self.window.times, "times_left": self.times - is_used}),
            **({} if self.points is None else {"points": self.window.points, "points_left": self.points - given}),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What doing it gives now, and what every limit leaves after that. `why` says in a machine word why it gives nothing.

    `again_at` is when a limit by the calendar that leaves nothing begins anew; None where none does.
    """

    points: int
    limits: tuple[dict[str, Any], ...]
    why: str | None = None
    again_at: datetime | None = None


def decide(document: ProgrammeDocument, action: Action, at: datetime, given: Sequence[Given], timezone: str) -> Verdict:
    """Say what an action done at `at` (aware) gives, where `given` is all that the member was given for actions before.

    No limit is ever exceeded: where one leaves less than the whole, that is what it gives.
    """
    left = [left_of(window, given) for window in windows(document, action, at, timezone)]
    points = min([action.points, *(one.points for one in left if one.points is not None)])
    is_open = points > 0 and all(one.times is None or one.times > 0 for one in left)
    if is_open:
        return Verdict(points, tuple(one.shown(points) for one in left))
    shut = [one.window.until for one in left if one.times == 0 or one.points == 0]
    again_at = None if any(one is None for one in shut) else max((one for one in shut if one), default=None)
    return Verdict(0, tuple(one.shown(0) for one in left), LIMIT_REACHED, again_at)


def windows(document: ProgrammeDocument, action: Action, at: datetime, timezone: str) -> Iterator[Window]:
    """List the limits that an action done at `at` falls under: its own, then those of its groups."""
    for limit in action.limits:
        yield limit_window(limit, None, frozenset({action.id}), at, timezone)
    for group in document.action_groups:
        if not group.actions or action.id in group.actions:
            for limit in group.limits:
                yield limit_window(limit, group.id, frozenset(group.actions) or None, at, timezone)


def left_of(window: Window, given: Sequence[Given]) -> Left:
    """Say what a limit leaves after all that was given."""
    counted = [one for one in given if window.holds(one)]
    times = None if window.times is None else max(0, window.times - len(counted))
    points = None if window.points is None else max(0, window.points - sum(one.points for one in counted))
    return Left(window, times, points)


def limit_window(
    limit: Limit, group: str | None, actions: frozenset[str] | None, at: datetime, timezone: str
) -> Window:
    """Read a limit at an instant; `actions` are the ids of what counts against it, None for all."""
    since, until = _stretch(limit, at, timezone)
    return Window(limit.per, group, actions, since, until, limit.times, limit.points)


def _stretch(limit: Limit, at: datetime, timezone: str) -> tuple[datetime | None, datetime | None]:
    """The stretch of time around `at` that a limit speaks of.

    A floating stretch of days is looked at both ways, so that what is told late fits into no stretch that is full already.
    """
    if limit.per == "life":
        return None, None
    if limit.per == "days":
        floating = timedelta(days=limit.days or 1)
        return at - floating + timedelta(microseconds=1), at + floating
    first, last = _days(limit.per, day_of(at, timezone))
    return end_of_day(first - _DAY, timezone), end_of_day(last, timezone)


def _days(per: str, day: date) -> tuple[date, date]:
    """The first and the last day of the calendar's day, week, month or year that a day is in."""
    if per == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if per == "month":
        following = date(day.year + day.month // _DECEMBER, day.month % _DECEMBER + 1, 1)
        return day.replace(day=1), following - _DAY
    if per == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day

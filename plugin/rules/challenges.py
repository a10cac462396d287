"""When challenges were completed, and how far a member is: a pure function of what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

from plugin.days import day_of
from plugin.rules.exact import MICROS, ONE, exact_text
from plugin.rules.schema_challenges import Challenge
from plugin.rules.windows import months_later, start_of_day

_MONTHS = 12
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that counts towards a challenge. `thing` is what must differ, where different things are counted."""

    at: datetime
    amount: int = 1
    thing: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The instants that count: from one on, and before another; None is no bound."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether an instant counts."""
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Completion:
    """A challenge completed: in which period ("ever", "2026", "2026-11", "2026-W47"), and at which instant."""

    period: str
    at: datetime


def completions(
    challenge: Challenge, deeds: Iterable[Deed], span: Span, timezone: str, now: datetime
) -> tuple[Completion, ...]:
    """List when the challenge was completed, oldest first: at most once in a period."""
    met = _met(challenge, _counting(deeds, span, now), timezone)
    if challenge.streak is None:
        return tuple(Completion(_name(challenge.period, place), at) for place, at in met)
    found: list[Completion] = []
    run, before = 0, None
    for place, at in met:
        run = run + 1 if before is not None and place == before + 1 else 1
        before = place
        if run == challenge.streak:
            found.append(Completion(_name(challenge.period, place), at))
            run, before = 0, None
    return tuple(found)


def progress(challenge: Challenge, deeds: Iterable[Deed], span: Span, timezone: str, now: datetime) -> dict[str, Any]:
    """Tell how far it is in the present period, in numbers; of a streak also how many periods of it are done."""
    counting = _counting(deeds, span, now)
    present = _place(challenge.period, now, timezone)
    have = _sum(challenge, [one for one in counting if _place(challenge.period, one.at, timezone) == present])
    need = Fraction(challenge.target.at_least)
    told: dict[str, Any] = {
        "kind": challenge.target.kind,
        "period": _name(challenge.period, present),
        "have": exact_text(have),
        "need": exact_text(need),
        "missing": exact_text(max(need - have, Fraction(0))),
        "share": round(float(min(ONE, max(have, Fraction(0)) / need)), 4),
    }
    if challenge.streak is not None:
        told["streak"] = {"have": _running(challenge, counting, present, timezone), "need": challenge.streak}
    return told


def _counting(deeds: Iterable[Deed], span: Span, now: datetime) -> list[Deed]:
    told = [one for one in deeds if one.at <= now and span.holds(one.at)]
    return sorted(told, key=lambda one: (one.at, one.thing or 0, one.amount))


def _met(challenge: Challenge, counting: Sequence[Deed], timezone: str) -> list[tuple[int, datetime]]:
    """In which periods the target was reached, and in which instant of each."""
    met: list[tuple[int, datetime]] = []
    for place, some in groupby(counting, key=lambda one: _place(challenge.period, one.at, timezone)):
        told = list(some)
        if (at := _reached_at(challenge, told)) is not None:
            met.append((place, at))
    return met


def _reached_at(challenge: Challenge, deeds: Sequence[Deed]) -> datetime | None:
    need, have = Fraction(challenge.target.at_least), 0
    if challenge.target.kind == "spend":
        need *= MICROS
    seen: set[int | None] = set()
    for one in deeds:
        if challenge.target.kind == "products":
            seen.add(one.thing)
            have = len(seen)
        else:
            have += one.amount
        if have >= need:
            return one.at
    return None


def _sum(challenge: Challenge, deeds: Sequence[Deed]) -> Fraction:
    if challenge.target.kind == "products":
        return Fraction(len({one.thing for one in deeds}))
    return Fraction(sum(one.amount for one in deeds), MICROS if challenge.target.kind == "spend" else 1)


def _running(challenge: Challenge, counting: Sequence[Deed], present: int, timezone: str) -> int:
    """How many periods in a row are done since the last streak was; the present one may still be done."""
    run, before = 0, None
    for place, _ in _met(challenge, counting, timezone):
        run = run + 1 if before is not None and place == before + 1 else 1
        before = place
        if run == challenge.streak and place < present:
            run, before = 0, None
    return run if before is not None and before >= present - 1 else 0


def _place(period: str, at: datetime, timezone: str) -> int:
    """Number the period an instant lies in, so that neighbours differ by one."""
    if period == "ever":
        return 0
    day = day_of(at, timezone)
    if period == "year":
        return day.year
    return day.year * _MONTHS + day.month - 1 if period == "month" else (day.toordinal() - 1) // _WEEK


def _name(period: str, place: int) -> str:
    if period == "ever":
        return "ever"
    if period == "year":
        return str(place)
    if period == "month":
        return f"{place // _MONTHS}-{place % _MONTHS + 1:02d}"
    week = (date.fromordinal(1) + timedelta(days=place * _WEEK)).isocalendar()
    return f"{week.year}-W{week.week:02d}"


def period_name(challenge: Challenge, at: datetime, timezone: str) -> str:
    """Name the period of a challenge that an instant lies in."""
    return _name(challenge.period, _place(challenge.period, at, timezone))


def period_bounds(challenge: Challenge, at: datetime, timezone: str) -> Span:
    """Return the period of a challenge that an instant lies in."""
    if challenge.period == "ever":
        return Span()
    day = day_of(at, timezone)
    if challenge.period == "week":
        monday = day - timedelta(days=day.weekday())
        return Span(start_of_day(monday, timezone), start_of_day(monday + timedelta(days=_WEEK), timezone))
    first = day.replace(day=1) if challenge.period == "month" else date(day.year, 1, 1)
    after = months_later(first, 1 if challenge.period == "month" else _MONTHS)
    return Span(start_of_day(first, timezone), start_of_day(after, timezone))

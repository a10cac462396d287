"""Whether somebody may have a reward at an instant, whatever points they have. Pure: what is asked about them comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from plugin.days import day_of
from plugin.rules.actions import Given, left_of, limit_window
from plugin.rules.actions import Window as LimitWindow
from plugin.rules.running import Window
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_rewards import AroundBirthday, Available, Reward, SpanOfYear
from plugin.rules.yearly import began_at, in_year, is_known_long_enough

Why = Literal[
    "reward_not_yours",
    "reward_not_now",
    "reward_birthday_unknown",
    "reward_birthday",
    "reward_limit",
    "reward_sold_out",
]


@dataclass(frozen=True, slots=True)
class Locked:
    """Why a reward cannot be had now, in a machine word; `opens_on` is the first day on which that ends, where it is known."""

    why: Why
    opens_on: date | None = None


@dataclass(frozen=True, slots=True)
class Birthday:
    """A member's birthday, since when it is known, and the timezone by which it begins."""

    month: int
    day: int
    known_since: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Taker:
    """Who would have a reward, at an aware instant, by the programme's clock.

    `taken` is what they had before and did not give back, by reward; `sold` what all members together had, of rewards with a stock.
    """

    at: datetime
    timezone: str
    tier: str | None = None
    segments: frozenset[str] = frozenset()
    memberships: frozenset[str] = frozenset()
    birthday: Birthday | None = None
    taken: Sequence[Given] = ()
    sold: Mapping[str, Sequence[Given]] | None = None


def locked(document: ProgrammeDocument, reward: Reward, taker: Taker) -> Locked | None:
    """Say why somebody cannot have a reward now; None if they can."""
    if not _is_theirs(reward, taker):
        return Locked("reward_not_yours")
    if reward.available and (shut := _shut(reward.available, taker)):
        return shut
    if spent := _spent(document, reward, taker):
        return spent
    return _sold_out(reward, taker)


def _is_theirs(reward: Reward, taker: Taker) -> bool:
    when = reward.when
    return when is None or (
        (not when.tiers or taker.tier in when.tiers)
        and (not when.segments or not taker.segments.isdisjoint(when.segments))
        and (not when.memberships or not taker.memberships.isdisjoint(when.memberships))
    )


def _shut(available: Available, taker: Taker) -> Locked | None:
    today = day_of(taker.at, taker.timezone)
    if not Window.of(available).holds(taker.at, taker.timezone):
        starts = date.fromisoformat(available.starts[:10]) if available.starts else None
        return Locked("reward_not_now", starts if starts and starts >= today else None)
    if available.each_year and not any(_is_in(one, today) for one in available.each_year):
        return Locked("reward_not_now", min(_next(one.first, today) for one in available.each_year))
    return _not_around_birthday(available.birthday, taker) if available.birthday else None


def _is_in(span: SpanOfYear, today: date) -> bool:
    first, last = (_in_year(text, today.year) for text in (span.first, span.last))
    return first <= today <= last if first <= last else today >= first or today <= last


def opening(available: Available, at: datetime, timezone: str) -> date | None:
    """Say on which day the span of the year began that an instant is in; None outside of all."""
    today = day_of(at, timezone)
    began = []
    for span in available.each_year:
        if _is_in(span, today):
            first = _in_year(span.first, today.year)
            began.append(first if first <= today else _in_year(span.first, today.year - 1))
    return max(began, default=None)


def _next(text: str, today: date) -> date:
    found = _in_year(text, today.year)
    return found if found > today else _in_year(text, today.year + 1)


def _in_year(text: str, year: int) -> date:
    return in_year(year, int(text[:2]), int(text[3:]))


def _not_around_birthday(around: AroundBirthday, taker: Taker) -> Locked | None:
    """A birthday that was not known long enough before it does not open the days around it, but the next one will."""
    birthday = taker.birthday
    if birthday is None:
        return Locked("reward_birthday_unknown")
    today = day_of(taker.at, birthday.timezone)
    days = [in_year(year, birthday.month, birthday.day) for year in range(today.year - 1, today.year + 3)]
    known = [day for day in days if _is_known(birthday, day, around.known_days)]
    spans = [(day - timedelta(days=around.days_before), day + timedelta(days=around.days_after)) for day in known]
    if any(first <= today <= last for first, last in spans):
        return None
    return Locked("reward_birthday", min((first for first, _ in spans if first > today), default=None))


def _is_known(birthday: Birthday, day: date, known_days: int) -> bool:
    return is_known_long_enough(birthday.known_since, began_at(day, birthday.timezone), known_days)


def _spent(document: ProgrammeDocument, reward: Reward, taker: Taker) -> Locked | None:
    """A limit that leaves too little: no further time, or fewer points than the reward costs without campaigns."""
    shut: list[date | None] = []
    for window in _windows(document, reward, taker):
        left = left_of(window, taker.taken)
        if left.times == 0 or (left.points is not None and left.points < reward.points):
            shut.append(day_of(window.until, taker.timezone) if window.until and window.per != "days" else None)
    if not shut:
        return None
    known = [one for one in shut if one is not None]
    return Locked("reward_limit", max(known) if len(known) == len(shut) else None)


def _windows(document: ProgrammeDocument, reward: Reward, taker: Taker) -> Iterator[LimitWindow]:
    for limit in reward.limits:
        yield limit_window(limit, None, frozenset({reward.id}), taker.at, taker.timezone)
    for group in document.reward_groups:
        if not group.rewards or reward.id in group.rewards:
            for limit in group.limits:
                yield limit_window(limit, group.id, frozenset(group.rewards) or None, taker.at, taker.timezone)


def _sold_out(reward: Reward, taker: Taker) -> Locked | None:
    if reward.stock is None or taker.sold is None:
        return None
    window = limit_window(reward.stock, None, frozenset({reward.id}), taker.at, taker.timezone)
    if left_of(window, taker.sold.get(reward.id, ())).times:
        return None
    return Locked(
        "reward_sold_out", day_of(window.until, taker.timezone) if window.until and window.per != "days" else None
    )

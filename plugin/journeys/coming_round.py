"""Birthdays and anniversaries come round: each gives once a year, where the member is, also if we slept through the day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.actions.store import ActionAward, add_action_award, find_occurrences
from plugin.days import day_of
from plugin.errors import Conflict, NotFound
from plugin.journeys.acting import Deed, act, locked_member
from plugin.journeys.documents import current_document, version_in_force
from plugin.journeys.tools import Tools
from plugin.members.birthdays import list_brought_birthdays
from plugin.members.profiles import Profile, first_joined_at, list_birthdays, list_joined_on
from plugin.programme.store import get_programme, list_programmes
from plugin.rules import Action
from plugin.rules.schema_actions import KNOWN_DAYS
from plugin.rules.yearly import YearlyDay, begun_lately, days_around, is_known_long_enough

_PAGE = 200
_LEAP_DAY, _BEFORE_IT = (2, 29), (2, 28)


@dataclass(frozen=True, slots=True)
class Due:
    """A yearly day of one member's for one action. `why` says in a machine word why it gives nothing, whatever its limits leave."""

    member_id: UUID
    action: Action
    found: YearlyDay
    occurrence: str
    why: str | None = None


Look = Callable[[UUID | None], tuple[Sequence[Due], UUID | None]]
"""List what is due among a page of members after an id, and tell that page's last; None at the end."""


def due_yearly_days(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List programmes in which a birthday or an anniversary has begun that was not looked at yet."""
    with tools.reading() as session:
        found = (one.programme_id for one in list_programmes(session))
        return [str(one) for one in found if next(_all_due(session, one, now), None) is not None][:limit]


def settle_yearly_days(tools: Tools, key: str, now: datetime) -> None:
    """Give what the yearly days of a programme's members give, one member a transaction."""
    programme_id = UUID(key)
    with tools.reading() as session:
        pages = list(_all_due(session, programme_id, now))
    for one in pages:
        try:
            with tools.writing() as session:
                _settle(session, programme_id, one, now)
        except Conflict:
            continue  # merged at this moment; the next sweep finds them as they are then


def _settle(session: Session, programme_id: UUID, one: Due, now: datetime) -> None:
    """Give it, or note that it was looked at and gave nothing: either way it is not looked at again."""
    member = locked_member(session, programme_id, one.member_id)
    deed = Deed(programme_id, one.member_id, one.action.id, one.occurrence, one.found.began_at, "schedule")
    is_early = member.joined_at is None or member.joined_at > one.found.began_at
    why = "not_a_member" if is_early else one.why
    if why is None:
        outcome = act(session, deed, now)
        if not outcome.is_new:
            return
        why = outcome.why
    if why and not find_occurrences(session, [(programme_id, one.member_id, one.action.id, one.occurrence)]):
        version = version_in_force(session, programme_id, one.found.began_at)
        add_action_award(session, _looked_at(deed, one.action, why, version, now))


def _all_due(session: Session, programme_id: UUID, now: datetime) -> Iterator[Due]:
    try:
        _, document = current_document(session, programme_id)
    except NotFound:
        return
    timezone = get_programme(session, programme_id).timezone
    for action in document.actions:
        if action.is_active and action.kind in {"birthday", "anniversary"}:
            looks = (_birthdays, _brought_birthdays) if action.kind == "birthday" else (_anniversaries,)
            for look in looks:
                where = (programme_id, timezone)
                yield from _paged(session, programme_id, partial(look, session, where, action, now))


def _paged(session: Session, programme_id: UUID, look: Look) -> Iterator[Due]:
    """Go through all pages, and leave out what was looked at before."""
    after: UUID | None = None
    while True:
        page, after = look(after)
        keys = {(programme_id, one.member_id, one.action.id, one.occurrence): one for one in page}
        known = find_occurrences(session, keys)
        yield from (one for key, one in keys.items() if key not in known)
        if after is None:
            return


def _birthdays(
    session: Session, where: tuple[UUID, str], action: Action, now: datetime, after: UUID | None
) -> tuple[Sequence[Due], UUID | None]:
    programme_id, timezone = where
    members = list_birthdays(session, programme_id, _birthdays_around(now), after, _PAGE)
    due = [found for one in members if (found := _birthday(one, action, now, timezone))]
    return due, members[-1].member_id if len(members) == _PAGE else None


def _brought_birthdays(
    session: Session, where: tuple[UUID, str], action: Action, now: datetime, after: UUID | None
) -> tuple[Sequence[Due], UUID | None]:
    """Those that came along from another app, which may have given something for this year's already."""
    programme_id, timezone = where
    members = list_brought_birthdays(session, programme_id, _birthdays_around(now), after, _PAGE)
    due = []
    for one in members:
        if found := _birthday(one.profile, action, now, timezone):
            is_used = one.used_in is not None and one.used_in >= found.found.day.year
            due.append(replace(found, why="already_this_year") if is_used else found)
    return due, members[-1].profile.member_id if len(members) == _PAGE else None


def _birthdays_around(now: datetime) -> set[tuple[int, int]]:
    days = {(day.month, day.day) for day in days_around(now)}
    return days | ({_LEAP_DAY} if _BEFORE_IT in days else set())


def _birthday(one: Profile, action: Action, now: datetime, timezone: str) -> Due | None:
    if one.birthday is None or one.birthday_set_at is None:
        return None
    found = begun_lately(now, *one.birthday, one.timezone or timezone)
    if found is None:
        return None
    known_days = KNOWN_DAYS if action.known_days is None else action.known_days
    is_known = is_known_long_enough(one.birthday_set_at, found.began_at, known_days)
    return Due(one.member_id, action, found, str(found.day.year), None if is_known else "not_known_long_enough")


def _anniversaries(
    session: Session, where: tuple[UUID, str], action: Action, now: datetime, after: UUID | None
) -> tuple[Sequence[Due], UUID | None]:
    programme_id, timezone = where
    members = list_joined_on(session, programme_id, _past_days(session, programme_id, now), after, _PAGE)
    due = []
    for one in members:
        here = one.timezone or timezone
        joined = day_of(one.joined_at, here)
        found = begun_lately(now, joined.month, joined.day, here)
        if found and found.day.year > joined.year:
            due.append(Due(one.member_id, action, found, str(found.day.year)))
    return due, members[-1].member_id if len(members) == _PAGE else None


def _past_days(session: Session, programme_id: UUID, now: datetime) -> list[date]:
    """The days around today in each earlier year in which anybody joined."""
    first = first_joined_at(session, programme_id)
    years = range(first.year, now.year + 1) if first else range(0)
    days = [_moved(day, year) for day in days_around(now) for year in years if year < day.year]
    leaps = [date(day.year, *_LEAP_DAY) for day in days if (day.month, day.day) == _BEFORE_IT and _is_leap(day.year)]
    return [*days, *leaps]


def _moved(day: date, year: int) -> date:
    return day.replace(year=year) if (day.month, day.day) != _LEAP_DAY or _is_leap(year) else date(year, *_BEFORE_IT)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _looked_at(deed: Deed, action: Action, why: str, version: int, now: datetime) -> ActionAward:
    return ActionAward(
        programme_id=deed.programme_id,
        member_id=deed.member_id,
        action_id=action.id,
        occurrence=deed.occurrence,
        kind=action.kind,
        source=deed.source,
        points=0,
        why=why,
        wish_id=None,
        document_version=version,
        occurred_at=deed.occurred_at,
        recorded_at=now,
    )

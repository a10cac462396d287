"""A shopper says in the panel that they did something, or when their birthday is. Only actions that take their word are open to this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from plugin.actions.store import ActionAward, list_action_awards
from plugin.errors import BadInput, NotAllowed, WishReused
from plugin.journeys.acting import Deed, Outcome, act, find_action, locked_member, occurrence_of
from plugin.journeys.documents import current_document
from plugin.journeys.tools import Tools
from plugin.members import Member
from plugin.members.birthdays import known_profile
from plugin.members.profiles import Profile, keep_profile
from plugin.programme.store import get_programme
from plugin.rules import Action, ProgrammeDocument, Reward
from plugin.rules.schema_actions import KNOWN_DAYS
from plugin.rules.yearly import next_day

_OLDEST_YEARS = 120
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday as a shopper entered it; the year is theirs to keep. `timezone` is their browser's."""

    month: int
    day: int
    year: int | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """A birthday that is kept. `first_on` is the first one that is known long enough to give something; None where none gives."""

    first_on: date | None


def click(tools: Tools, member: Member, action_id: str, wish_id: str) -> Outcome:
    """Let a shopper's word count. The same wish again has the same answer.

    Raises:
        WishReused: an earlier click had this id and was for another action.
        NotAllowed: it gives nothing now; `code` says why.
    """
    now = tools.clock()
    with tools.writing() as session:
        locked_member(session, member.programme_id, member.member_id)
        before = list_action_awards(session, member.programme_id, member.member_id)
        if same := next((one for one in before if one.wish_id == wish_id), None):
            return _same_or_raise(same, action_id)
        action = _open_action(session, member, action_id)
        deed = Deed(
            programme_id=member.programme_id,
            member_id=member.member_id,
            action_id=action.id,
            occurrence=occurrence_of(action, "wish", wish_id),
            occurred_at=now,
            source="proxy",
            wish_id=wish_id,
        )
        outcome = act(session, deed, now)
        if not outcome.is_new:
            raise NotAllowed("this counts once", code="already_done")
        if outcome.why:
            raise NotAllowed("this gives nothing now", code=outcome.why)
    return outcome


def enter_birthday(tools: Tools, member: Member, birthday: Birthday) -> Entered:
    """Keep a member's birthday. Entering the same again changes nothing; another one has to be known anew before it counts.

    Raises:
        BadInput: there is no such day, or no such timezone.
        NotAllowed: the programme has no use for it.
    """
    now = tools.clock()
    _check(birthday, now)
    with tools.writing() as session:
        locked_member(session, member.programme_id, member.member_id)
        _, document = current_document(session, member.programme_id)
        if not wants_birthdays(document):
            raise NotAllowed("nobody asks for birthdays", code="action_unavailable")
        before = known_profile(session, member.programme_id, member.member_id)
        kept = _with_birthday(before, birthday, now)
        if kept != before:
            keep_profile(session, kept)
        timezone = kept.timezone or get_programme(session, member.programme_id).timezone
    return Entered(_first_on(document, kept, timezone, now))


def wants_birthdays(document: ProgrammeDocument) -> bool:
    """Say whether any action or any reward has a use for birthdays."""
    return bool(birthday_rewards(document)) or _actions_want_birthdays(document)


def birthday_rewards(document: ProgrammeDocument) -> Sequence[Reward]:
    """List the rewards that are to be had around a birthday."""
    return [one for one in document.rewards if one.is_active and one.available and one.available.birthday]


def asks_for_rewards_alone(document: ProgrammeDocument) -> bool:
    """Say whether rewards have a use for birthdays, and no action asks for them."""
    return bool(birthday_rewards(document)) and not _actions_want_birthdays(document)


def _actions_want_birthdays(document: ProgrammeDocument) -> bool:
    return any(one.is_active and one.kind in {"birthday", "profile_completion"} for one in document.actions)


def birthday_actions(document: ProgrammeDocument) -> Sequence[Action]:
    """List the actions that give something on a birthday."""
    return [one for one in document.actions if one.is_active and one.kind == "birthday"]


def _same_or_raise(earlier: ActionAward, action_id: str) -> Outcome:
    if earlier.action_id != action_id:
        raise WishReused("this wish was for another action before")
    return Outcome(earlier.action_id, earlier.kind, earlier.points, is_new=False)


def _open_action(session: Session, member: Member, action_id: str) -> Action:
    _, document = current_document(session, member.programme_id)
    action = find_action(document, action_id, "proxy")
    if action is None:
        raise NotAllowed("no such action takes a shopper's word now", code="action_unavailable")
    profile = known_profile(session, member.programme_id, member.member_id)
    if action.kind == "profile_completion" and profile.birthday is None:
        raise NotAllowed("the birthday is missing", code="profile_incomplete")
    return action


def _check(birthday: Birthday, now: datetime) -> None:
    try:
        told = date(birthday.year or _LEAP_YEAR, birthday.month, birthday.day)
    except (ValueError, OverflowError) as fault:
        raise BadInput("there is no such day", path="day", code="no_such_day") from fault
    today = now.date() + timedelta(days=1)
    if birthday.year and not (today.year - _OLDEST_YEARS <= told.year and told <= today):
        raise BadInput("nobody was born then", path="year", code="no_such_day")
    if birthday.timezone:
        _check_timezone(birthday.timezone)


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as fault:
        raise BadInput("no such timezone", path="timezone") from fault


def _with_birthday(before: Profile, told: Birthday, now: datetime) -> Profile:
    is_same = before.birthday == (told.month, told.day)
    return replace(
        before,
        birthday_month=told.month,
        birthday_day=told.day,
        birthday_year=told.year or (before.birthday_year if is_same else None),
        birthday_set_at=before.birthday_set_at if is_same else now,
        timezone=told.timezone or before.timezone,
    )


def _first_on(document: ProgrammeDocument, kept: Profile, timezone: str, now: datetime) -> date | None:
    """The first birthday that gives something, by the action that asks for the least patience."""
    actions = birthday_actions(document)
    if not actions or kept.birthday is None or kept.birthday_set_at is None:
        return None
    patience = min(KNOWN_DAYS if one.known_days is None else one.known_days for one in actions)
    known = max(now, kept.birthday_set_at + timedelta(days=patience) - timedelta(microseconds=1))
    return next_day(known, *kept.birthday, timezone)

"""Actions as a shopper sees them: what each gives, whether it is open to them now, and what they may do about it in the panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from plugin.actions.store import ActionAward, list_action_awards
from plugin.journeys.acting import IN_A_LIFE, Outcome, given_of
from plugin.journeys.clicking import Entered, asks_for_rewards_alone, birthday_actions, birthday_rewards
from plugin.journeys.phrasing import Phrases
from plugin.members import Member
from plugin.members.birthdays import known_profile
from plugin.members.profiles import Profile
from plugin.rules import Action, ProgrammeDocument, decide
from plugin.rules.schema_actions import ONCE, YEARLY


def shown_actions(
    session: Session, document: ProgrammeDocument, member: Member | None, phrases: Phrases, now: datetime
) -> list[dict[str, Any]]:
    """List the actions that are switched on as ways to earn; a guest sees what each gives."""
    actions = [one for one in document.actions if one.is_active]
    asks = asks_for_rewards_alone(document)
    if not (actions or asks) or member is None:
        return [_plain(one, phrases) for one in actions]
    given = list_action_awards(session, member.programme_id, member.member_id)
    profile = known_profile(session, member.programme_id, member.member_id)
    ways = [_way(one, document, given, profile, phrases, now) for one in actions]
    return [*ways, _birthday_of_rewards(document, profile, phrases)] if asks else ways


def shown_outcome(outcome: Outcome, document: ProgrammeDocument, phrases: Phrases) -> dict[str, Any]:
    """What a click gave, as JSON."""
    action = next((one for one in document.actions if one.id == outcome.action_id), None)
    if action and action.title:
        message = _titled(action, outcome.points, phrases)
    else:
        what = name_of(action, phrases) if action else ""
        message = phrases.words.say("action.done", points=phrases.points(outcome.points), action=what)
    return {
        "action": outcome.action_id,
        "state": "done",
        "points": outcome.points,
        "message": message,
    }


def shown_birthday(entered: Entered, phrases: Phrases) -> dict[str, Any]:
    """What became of a birthday that was entered, as JSON."""
    if entered.first_on is None:
        message = phrases.words.say("action.birthday.kept")
    else:
        message = phrases.words.say("action.birthday.counts_from", date=_day(entered.first_on, phrases))
    return {"action": "birthday", "state": "done", "points": 0, "message": message}


def name_of(action: Action, phrases: Phrases) -> str:
    """What an action is called: the merchant's title, or else its kind."""
    return phrases.words.pick(action.title) if action.title else phrases.words.say(f"action.{action.kind}")


def _plain(action: Action, phrases: Phrases) -> dict[str, Any]:
    if action.title:
        sentence = _titled(action, action.points, phrases)
    else:
        points = phrases.points(action.points)
        sentence = phrases.words.say("earn.action", points=points, action=name_of(action, phrases))
    return {"kind": action.kind, "sentence": sentence}


def _titled(action: Action, points: int, phrases: Phrases) -> str:
    """A merchant's title stands apart, as it was written: it need not fit into the middle of a sentence."""
    return phrases.words.say("earn.action.titled", points=phrases.points(points), action=name_of(action, phrases))


def _way(
    action: Action,
    document: ProgrammeDocument,
    given: Sequence[ActionAward],
    profile: Profile,
    phrases: Phrases,
    now: datetime,
) -> dict[str, Any]:
    verdict = decide(document, action, now, given_of(given), phrases.timezone)
    is_done = action.kind in ONCE and any(one.action_id == action.id and one.occurrence == IN_A_LIFE for one in given)
    is_open = not is_done and (action.kind in YEARLY or verdict.why is None)
    aside = None
    if is_done:
        aside = phrases.words.say("earn.action.done")
    elif verdict.why and action.kind not in YEARLY:
        again = verdict.again_at
        aside = phrases.words.say("earn.action.again", date=phrases.date(again)) if again else None
        aside = aside or phrases.words.say("earn.action.done")
    elif action.kind == "birthday" and profile.birthday:
        aside = phrases.words.say("earn.action.birthday", date=_birthday(profile.birthday, phrases))
    return {
        **_plain(action, phrases),
        "action": action.id,
        "name": name_of(action, phrases),
        "ask": _ask(action, document, profile) if is_open else None,
        "url": action.url,
        "aside": aside,
    }


def _birthday_of_rewards(document: ProgrammeDocument, profile: Profile, phrases: Phrases) -> dict[str, Any]:
    """Where only rewards look at birthdays, the panel asks for them all the same."""
    rewards = ", ".join(map(phrases.reward_title, birthday_rewards(document)))
    known = profile.birthday
    return {
        "kind": "birthday",
        "sentence": phrases.words.say("earn.birthday_rewards", rewards=rewards),
        "action": "birthday",
        "name": phrases.words.say("action.birthday"),
        "ask": None if known else "birthday",
        "url": None,
        "aside": phrases.words.say("earn.action.birthday", date=_birthday(known, phrases)) if known else None,
    }


def _ask(action: Action, document: ProgrammeDocument, profile: Profile) -> str | None:
    """What the panel may ask of the shopper: a click, a birthday (in one place only), nothing."""
    asks_birthday = action.kind == "birthday" or not birthday_actions(document)
    if profile.birthday is None and action.kind in {"birthday", "profile_completion"}:
        return "birthday" if asks_birthday else None
    return "click" if action.source == "proxy" else None


def _day(day: date, phrases: Phrases) -> str:
    return phrases.words.date(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def _birthday(birthday: tuple[int, int], phrases: Phrases) -> str:
    return phrases.words.day_of_year(*birthday)

"""The tier a member holds as people see it: its name, until when, what comes with it, and what is missing to the next one.

Always told anew, so that it is right in the very moment of an order, before the slow lane has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from plugin.facts import Holding
from plugin.journeys.phrasing import Phrases
from plugin.journeys.rising import tell_members
from plugin.journeys.telling_tiers import terms_of
from plugin.members import Member
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_tiers import Tier, Tiers
from plugin.rules.terms import kept_until
from plugin.rules.tiers import outlook

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TierStanding:
    """What a member holds now, under which levels, and how far it is to the next one and to keeping this one."""

    holding: Holding
    tiers: Tiers
    outlook: dict[str, Any]

    @property
    def last_moment(self) -> datetime | None:
        """The last instant at which the tier is held, whose day is what people are told."""
        return self.holding.until - _INSTANT if self.holding.until else None


def tier_standing(session: Session, member: Member, now: datetime) -> TierStanding | None:
    """Say what a member holds now; None in a programme without tiers. Writes nothing."""
    terms = terms_of(session, member.programme_id)
    if terms.latest is None:
        return None
    for person, telling in tell_members(session, member.programme_id, [member.member_id], terms, now):
        holding = telling.kept.holding
        past = person.past(terms.timezone, now)
        return TierStanding(holding, terms.latest, outlook(terms.latest, past, holding, now))
    return None


def shown_tier(
    session: Session, member: Member, document: ProgrammeDocument, phrases: Phrases, now: datetime
) -> dict[str, Any] | None:
    """The tier as the panel shows it: numbers, and sentences in the reader's language; None in a programme without tiers."""
    if document.tiers is None or (standing := tier_standing(session, member, now)) is None:
        return None
    held, level = standing.holding, standing.tiers.level(standing.holding.tier)
    name = phrases.words.pick(level.title) if level else None
    last_day = phrases.date(held.until - _INSTANT) if held.until else None
    return {
        "id": held.tier,
        "name": name,
        "since": held.since.isoformat(),
        "until": held.until.isoformat() if held.until else None,
        "why": held.why,
        "sentence": phrases.words.say("tier.until", tier=name, date=last_day) if name and last_day else name,
        **_shown_perks("tier.perks", level, phrases),
        "next": _shown_next(standing, phrases),
        "keep": _shown_keep(standing, phrases),
    }


def _shown_next(standing: TierStanding, phrases: Phrases) -> dict[str, Any] | None:
    told = standing.outlook["next"]
    level = standing.tiers.level(told["tier"]) if told else None
    if told is None or level is None:
        return None
    name = phrases.words.pick(level.title)
    sentence = _missing("tier.next", told["goals"], phrases, tier=name)
    return {**told, "name": name, "sentence": sentence, **_shown_perks("tier.perks.next", level, phrases)}


def _shown_perks(key: str, level: Tier | None, phrases: Phrases) -> dict[str, Any]:
    """What comes with a level, and a title over it; of no level, nothing."""
    return {
        "perks": [
            {"id": one.id, "kind": one.kind, "title": phrases.words.pick(one.title), "enforced_by": one.enforced_by}
            for one in (level.perks if level else ())
        ],
        "perks_title": phrases.words.say(key, tier=phrases.words.pick(level.title)) if level else None,
    }


def _shown_keep(standing: TierStanding, phrases: Phrases) -> dict[str, Any] | None:
    told, level = standing.outlook["keep"], standing.tiers.level(standing.holding.tier)
    if told is None or level is None or standing.holding.until is None:
        return None
    values = {"tier": phrases.words.pick(level.title), "date": phrases.date(standing.holding.until - _INSTANT)}
    return {**told, "sentence": _missing("tier.keep", told["goals"], phrases, **values)}


def kept_sentence(tier: dict[str, Any] | None, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say that points do not lapse, where the tier that is held keeps them from it."""
    if tier is None or not tier["name"] or kept_until(document, tier["id"], None, phrases.timezone) is None:
        return []
    return [phrases.words.say("tier.keeps_points", tier=tier["name"])]


def _missing(key: str, goals: dict[str, Any], phrases: Phrases, **values: Any) -> str | None:
    """Say what is missing, of several goals the one that decides; None where nothing is."""
    goal = deciding(goals)
    missing = Fraction(goal["missing"])
    if not missing:
        return None
    if goal["kind"] == "spend":
        amount = Decimal(missing.numerator) / Decimal(missing.denominator)
        return phrases.words.say(f"{key}.spend", amount=phrases.money(amount), **values)
    count = -(-missing.numerator // missing.denominator)
    if goal["kind"] == "points":
        return phrases.words.say(f"{key}.points", points=phrases.points(count), **values)
    return phrases.words.say(f"{key}.{goal['kind']}", count, **values)


def deciding(goals: dict[str, Any]) -> dict[str, Any]:
    """Find the goal that decides: where one will do the nearest, where all are asked the farthest."""
    if "of" not in goals:
        return goals
    parts = [deciding(part) for part in goals["of"]]
    return (min if goals["kind"] == "all" else max)(
        parts, key=lambda one: Fraction(one["have"]) / Fraction(one["need"])
    )

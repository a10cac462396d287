"""Challenges as the panel shows them: how far the member is, how far all are together, and what was completed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from plugin.journeys.challenging import Course, courses_of, deeds_of, together_so_far
from plugin.journeys.phrasing import Phrases
from plugin.journeys.standing_facts import persons_of
from plugin.members import Member
from plugin.rules import ProgrammeDocument
from plugin.rules.challenges import period_name, progress
from plugin.rules.exact import ONE, exact_text
from plugin.standing.challenges import KeptCompletion, list_completions


def shown_challenges(
    session: Session, member: Member, document: ProgrammeDocument, phrases: Phrases, now: datetime
) -> list[dict[str, Any]]:
    """List the challenges that run or were completed, with numbers for a bar and a sentence each; none costs nothing."""
    if not document.challenges:
        return []
    persons = persons_of(session, member.programme_id, [member.member_id])
    courses = courses_of(session, member.programme_id)
    deeds = deeds_of(session, member.programme_id, persons, courses)
    absorbed = [one for person in persons for one in person.absorbed]
    done = list_completions(session, member.programme_id, [member.member_id, *absorbed])
    shown = []
    for course in courses:
        completed = [one for one in done if one.challenge_id == course.challenge.id and not one.is_undone]
        if not course.span.holds(now) and not completed:
            continue
        told = (
            _together(session, member, course, now)
            if course.challenge.together
            else progress(
                course.challenge,
                deeds.get((member.member_id, course.challenge.id), ()),
                course.span,
                course.timezone,
                now,
            )
        )
        shown.append(_shown(course, told, completed, phrases))
    return shown


def _together(session: Session, member: Member, course: Course, now: datetime) -> dict[str, Any]:
    have, need = together_so_far(session, member.programme_id, course, now), Fraction(course.challenge.target.at_least)
    return {
        "kind": course.challenge.target.kind,
        "period": period_name(course.challenge, now, course.timezone),
        "have": exact_text(have),
        "need": exact_text(need),
        "missing": exact_text(max(need - have, Fraction(0))),
        "share": round(float(min(ONE, have / need)), 4),
    }


def _shown(course: Course, told: dict[str, Any], completed: list[KeptCompletion], phrases: Phrases) -> dict[str, Any]:
    challenge = course.challenge
    is_completed = any(one.period == told["period"] for one in completed)
    return {
        "id": challenge.id,
        "title": phrases.words.pick(challenge.title),
        "points": challenge.points,
        "points_text": phrases.points(challenge.points) if challenge.points else None,
        "is_badge": challenge.points is None,
        "is_together": challenge.together,
        "is_completed": is_completed,
        "times_completed": len(completed),
        "progress": told,
        "sentence": phrases.words.say("challenge.reached") if is_completed else _so_far(told, phrases),
    }


def _so_far(told: dict[str, Any], phrases: Phrases) -> str:
    """How far it is in this period, and for a streak how many periods in a row were reached."""
    have, need = (_number(told[name], told["kind"], phrases) for name in ("have", "need"))
    sentence = phrases.words.say("challenge.progress", have=have, need=need)
    streak = told.get("streak")
    if not streak:
        return sentence
    have, need = (phrases.words.number(streak[name]) for name in ("have", "need"))
    return phrases.words.say("challenge.streak", progress=sentence, have=have, need=need)


def _number(exact: str, kind: str, phrases: Phrases) -> str:
    number = Fraction(exact)
    if kind == "spend":
        return phrases.money((Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal("0.01")))
    return phrases.words.number(int(number))

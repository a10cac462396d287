"""Members complete challenges: each once in its period, with points where it gives some, taken back where a refund undoes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.actions.store import list_rewarded
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.standing_facts import Person, persons_of
from plugin.orders.counted import list_products, total_counted
from plugin.programme.store import get_programme, list_publications
from plugin.rules.challenges import Completion, Deed, Span, completions, period_bounds, period_name
from plugin.rules.exact import MICROS
from plugin.rules.schema_challenges import Challenge
from plugin.rules.windows import start_of_day
from plugin.standing.challenges import KeptCompletion, find_reached, keep_completions, list_completions, note_reached
from plugin.standing.marks import ask_for_review

Deeds = Mapping[tuple[UUID, str], Sequence[Deed]]
"""What members did that counts, by member and challenge."""


@dataclass(frozen=True, slots=True)
class Course:
    """A challenge as it is run: the instants that count, by the programme's clock."""

    challenge: Challenge
    span: Span
    timezone: str


def settle_challenges(session: Session, programme_id: UUID, member_ids: Collection[UUID], now: datetime) -> None:
    """Give these members what they completed and take back what they did not, as is known now; repeatable."""
    version, document = current_document(session, programme_id)
    if not document.challenges or not member_ids:
        return
    courses = courses_of(session, programme_id)
    persons = [one for one in persons_of(session, programme_id, member_ids) if one.member.standing == "joined"]
    deeds = deeds_of(session, programme_id, persons, courses)
    known = {one.key: one for one in list_completions(session, programme_id, _everybody(persons))}
    fresh: list[KeptCompletion] = []
    for course in courses:
        together = _together(session, programme_id, course, version, now) if course.challenge.together else None
        for person in persons:
            mine = deeds[person.member.member_id, course.challenge.id]
            found = _found(course, mine, together, now)
            fresh += _changed(person, course.challenge, found, known, version)
    keep_completions(session, programme_id, fresh)
    _post(session, programme_id, persons, fresh, now)


def courses_of(session: Session, programme_id: UUID) -> list[Course]:
    """List the active challenges of the newest document. Without a first day a period counts from the publication that brought it."""
    _, document = current_document(session, programme_id)
    timezone = get_programme(session, programme_id).timezone
    return [
        Course(one, _span(session, programme_id, one, timezone), timezone)
        for one in document.challenges
        if one.is_active
    ]


def deeds_of(session: Session, programme_id: UUID, persons: Sequence[Person], courses: Sequence[Course]) -> Deeds:
    """Look up what these members did that counts towards each challenge."""
    kinds = {one.challenge.target.kind for one in courses}
    owner = {who: one.member.member_id for one in persons for who in (one.member.member_id, *one.absorbed)}
    products: dict[UUID, list[Deed]] = {}
    for member_id, at, product_id in list_products(session, programme_id, owner) if "products" in kinds else ():
        products.setdefault(owner[member_id], []).append(Deed(at, thing=product_id))
    actions: dict[tuple[UUID, str], list[Deed]] = {}
    for member_id, action_id, at in list_rewarded(session, programme_id, owner) if "actions" in kinds else ():
        actions.setdefault((owner[member_id], action_id), []).append(Deed(at))
    found: dict[tuple[UUID, str], Sequence[Deed]] = {}
    for person in persons:
        member_id = person.member.member_id
        done = {action: told for (who, action), told in actions.items() if who == member_id}
        for course in courses:
            found[member_id, course.challenge.id] = _deeds(course, person, products.get(member_id, []), done)
    return found


def together_so_far(session: Session, programme_id: UUID, course: Course, now: datetime) -> Fraction:
    """Add up what all members did in the present period."""
    bounds = period_bounds(course.challenge, now, course.timezone)
    starts = [one for one in (course.span.start, bounds.start) if one]
    ends = [one for one in (course.span.end, bounds.end, now + _INSTANT) if one]
    micros, orders = total_counted(session, programme_id, (max(starts, default=None), min(ends)))
    return Fraction(micros, MICROS) if course.challenge.target.kind == "spend" else Fraction(orders)


_INSTANT = timedelta(microseconds=1)


def _deeds(
    course: Course, person: Person, products: Sequence[Deed], actions: Mapping[str, Sequence[Deed]]
) -> Sequence[Deed]:
    target = course.challenge.target
    if target.kind == "products":
        return products
    if target.kind == "actions":
        return [deed for action, some in actions.items() if target.action in (None, action) for deed in some]
    if target.kind == "referrals":
        return [Deed(one.at) for one in person.facts if one.referrals]
    amounts = {"spend": "spend_micros", "points": "points", "orders": "orders"}
    return [Deed(one.at, getattr(one, amounts[target.kind])) for one in person.facts if one.orders]


def _found(course: Course, deeds: Sequence[Deed], together: Completion | None, now: datetime) -> Iterable[Completion]:
    if not course.challenge.together:
        return completions(course.challenge, deeds, course.span, course.timezone, now)
    bounds = period_bounds(course.challenge, now, course.timezone)
    took_part = any(course.span.holds(one.at) and bounds.holds(one.at) and one.at <= now for one in deeds)
    return [together] if together and took_part else []


def _together(session: Session, programme_id: UUID, course: Course, version: int, now: datetime) -> Completion | None:
    """Say whether all together have reached the goal of the present period; the first to see it has everybody looked at."""
    period = period_name(course.challenge, now, course.timezone)
    if reached_at := find_reached(session, programme_id, course.challenge.id, period):
        return Completion(period, reached_at)
    if together_so_far(session, programme_id, course, now) < Fraction(course.challenge.target.at_least):
        return None
    note_reached(session, programme_id, course.challenge.id, period, now)
    ask_for_review(session, programme_id, version)
    return Completion(period, now)


def _changed(
    person: Person,
    challenge: Challenge,
    found: Iterable[Completion],
    known: Mapping[tuple[UUID, str, str], KeptCompletion],
    version: int,
) -> Iterable[KeptCompletion]:
    """What is completed and not written, and what is written and, as is known now, not completed."""
    periods = {one.period: one for one in found}
    mine = [one for one in known.values() if one.challenge_id == challenge.id and _is_of(one, person)]
    for period, one in periods.items():
        before = [other for other in mine if other.period == period]
        if any(not other.is_undone for other in before):
            continue
        again = next((other for other in before if other.member_id == person.member.member_id), None)
        yield KeptCompletion(
            member_id=person.member.member_id,
            challenge_id=challenge.id,
            period=period,
            completed_at=one.at,
            points=challenge.points or 0,
            document_version=version,
            round=again.round + 1 if again else 1,
        )
    if challenge.take_back and not challenge.together:
        yield from (replace(one, is_undone=True) for one in mine if not one.is_undone and one.period not in periods)


def _is_of(one: KeptCompletion, person: Person) -> bool:
    return one.member_id == person.member.member_id or one.member_id in person.absorbed


def _post(
    session: Session, programme_id: UUID, persons: Sequence[Person], fresh: Sequence[KeptCompletion], now: datetime
) -> None:
    accounts = {one.member.member_id: one.member.account_id for one in persons}
    wishes = [
        AwardWish(
            programme_id=programme_id,
            account_id=accounts[one.member_id],
            reference=one.reference,
            reason="challenge",
            points=one.points,
            occurred_at=one.completed_at,
            document_version=one.document_version,
            explanation={"rule_id": one.challenge_id, "period": one.period},
        )
        for one in fresh
        if one.points and not one.is_undone
    ]
    if wishes:
        award_points(session, wishes, now)
    for one in fresh:
        if one.points and one.is_undone:
            told = {"rule_id": one.challenge_id, "period": one.period}
            recall_award(
                session, Recall(programme_id, one.reference, f"{one.reference}:back", now, explanation=told), now
            )


def _everybody(persons: Sequence[Person]) -> list[UUID]:
    return [one for person in persons for one in (person.member.member_id, *person.absorbed)]


def _span(session: Session, programme_id: UUID, challenge: Challenge, timezone: str) -> Span:
    start = start_of_day(datetime.fromisoformat(challenge.starts_on).date(), timezone) if challenge.starts_on else None
    end = None
    if challenge.ends_on:
        end = start_of_day(datetime.fromisoformat(challenge.ends_on).date() + timedelta(days=1), timezone)
    if start is None and (challenge.period != "ever" or challenge.together):
        start = _published_at(session, programme_id, challenge.id)
    return Span(start, end)


def _published_at(session: Session, programme_id: UUID, challenge_id: str) -> datetime:
    """When a challenge of this id was first published."""
    for version, at in list_publications(session, programme_id):
        if any(one.id == challenge_id for one in document_of(session, programme_id, version).challenges):
            return at
    return datetime.max.replace(tzinfo=UTC)

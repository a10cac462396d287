"""Who is in which segment: counted live for merchants, and frozen with orders at their first evaluation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotAllowed, NotFound
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.rising import tell_members
from plugin.journeys.standing_facts import Person, persons_of
from plugin.journeys.telling_tiers import terms_of
from plugin.ledger import list_balances
from plugin.members import Member
from plugin.members.store import list_aliases, next_members
from plugin.orders import OrderState
from plugin.orders.states import OrderKey
from plugin.programme.store import get_programme
from plugin.rules.schema_segments import MemberSegment, Segment
from plugin.rules.segments import Standing, fits
from plugin.standing.shopify_segments import customers_in, find_reading

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Count:
    """How many members a segment has. `read_at` is when Shopify was asked for one of its own; None is now."""

    members: int
    read_at: datetime | None = None


def count_segment(session: Session, programme_id: UUID, segment_id: str, now: datetime) -> Count:
    """Count the joined members of a segment of the newest document.

    Raises:
        NotFound: the document has no such segment.
        NotAllowed: who is in a segment of Shopify's is not known: it was not read yet, or Shopify refused.
    """
    _, document = current_document(session, programme_id)
    segment = next((one for one in document.segments if one.id == segment_id), None)
    if segment is None:
        raise NotFound(f"the programme has no segment {segment_id!r}")
    if segment.kind == "members":
        return Count(sum(_matching(session, programme_id, segment, now)))
    readings = find_reading(session, programme_id, segment.segment_id)
    known = [one for one in readings if one.read_at is not None]
    if not known:
        refused = next((one.refused for one in readings if one.refused), None)
        why = f"Shopify refuses to say who is in it ({refused})" if refused else "it has not been read from Shopify yet"
        raise NotAllowed(f"who is in segment {segment_id!r} is not known: {why}", code="segment_unknown")
    return Count(sum(one.customers for one in known), min(one.read_at for one in known if one.read_at))


def add_segments(
    session: Session, states: Sequence[OrderState], members: dict[OrderKey, Member], now: datetime
) -> None:
    """Freeze into the contexts of orders that are evaluated for the first time which segments their members were in."""
    by_programme: dict[UUID, list[OrderState]] = {}
    for state in states:
        if state.key in members and _segments_of(session, state):
            by_programme.setdefault(state.programme_id, []).append(state)
    for programme_id, mine in by_programme.items():
        _freeze(session, programme_id, mine, members, now)


def segments_of_member(
    session: Session, member: Member, segments: Sequence[Segment], tier: str | None, now: datetime
) -> frozenset[str]:
    """Say which of these segments a member is in now; `tier` is what they hold."""
    persons = persons_of(session, member.programme_id, [member.member_id])
    if not persons:
        return frozenset()
    past = persons[0].past(get_programme(session, member.programme_id).timezone, now)
    points = _points(session, [member]).get(member.account_id, 0)
    standing = Standing(past, now, points, tier, member.joined_at)
    aliases = list_aliases(session, member.programme_id, member.member_id)
    return frozenset(one.id for one in segments if _holds(session, member, one, standing, aliases))


def _holds(
    session: Session, member: Member, segment: Segment, standing: Standing, aliases: Sequence[tuple[UUID, int]]
) -> bool:
    if isinstance(segment, MemberSegment):
        return fits(segment.facts, standing)
    keys = {shop_id: (member.programme_id, shop_id, segment.segment_id) for shop_id, _ in aliases}
    return any(customers_in(session, keys[shop_id], [customer]) for shop_id, customer in aliases)


def _freeze(
    session: Session, programme_id: UUID, states: Sequence[OrderState], members: dict[OrderKey, Member], now: datetime
) -> None:
    timezone = get_programme(session, programme_id).timezone
    persons = {
        one.member.member_id: one
        for one in persons_of(session, programme_id, {members[one.key].member_id for one in states})
    }
    points = _points(session, [one.member for one in persons.values()])
    for state in states:
        person = persons.get(members[state.key].member_id)
        if person is None or state.context is None or state.snapshot is None:
            continue
        at = state.snapshot.placed_at
        past = person.past(timezone, now, before=at)
        tier, spendable = state.context.tier, points.get(person.member.account_id, 0)
        standing = Standing(past, at, spendable, tier, person.member.joined_at)
        found = [one.id for one in _segments_of(session, state) if _is_in(session, state, one, standing)]
        state.context = replace(state.context, segments=tuple(sorted(found)))


def _is_in(session: Session, state: OrderState, segment: Segment, standing: Standing) -> bool:
    if isinstance(segment, MemberSegment):
        return fits(segment.facts, standing)
    customer = state.snapshot.customer if state.snapshot else None
    key = (state.programme_id, state.shop_id, segment.segment_id)
    return customer is not None and bool(customers_in(session, key, [customer.customer_id]))


def _matching(session: Session, programme_id: UUID, segment: MemberSegment, now: datetime) -> Iterator[bool]:
    """Look at all members in batches, so that memory does not grow with them."""
    behind: UUID | None = None
    while members := next_members(session, programme_id, behind, _BATCH):
        joined = [one for one in members if one.standing == "joined"]
        points = _points(session, joined)
        for person, tier in _persons(session, programme_id, [one.member_id for one in joined], segment, now):
            past = person.past(get_programme(session, programme_id).timezone, now)
            spendable = points.get(person.member.account_id, 0)
            yield fits(segment.facts, Standing(past, now, spendable, tier, person.member.joined_at))
        behind = members[-1].member_id


def _persons(
    session: Session, programme_id: UUID, member_ids: Collection[UUID], segment: MemberSegment, now: datetime
) -> Iterator[tuple[Person, str | None]]:
    """Their past, and their tier where it is asked for."""
    if not segment.facts.tiers:
        yield from ((one, None) for one in persons_of(session, programme_id, member_ids))
        return
    terms = terms_of(session, programme_id)
    for person, telling in tell_members(session, programme_id, member_ids, terms, now):
        yield person, telling.kept.holding.tier


def _points(session: Session, members: Sequence[Member]) -> dict[UUID, int]:
    keys = {(one.programme_id, one.account_id) for one in members}
    return {one.account_id: one.available for one in list_balances(session, keys)} if keys else {}


def _segments_of(session: Session, state: OrderState) -> Sequence[Segment]:
    if state.context is None:
        return ()
    return document_of(session, state.programme_id, state.context.document_version).segments

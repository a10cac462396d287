"""The tier a member held when an order was placed: frozen into its context at first evaluation.

The order that lifts a member is evaluated with the tier held before it. Whoever there is no news of has the tier that was found last;
whoever there is news of, or who placed several orders at once, is told anew through the very instant of the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.counting import counted_micros
from plugin.journeys.documents import document_of
from plugin.journeys.standing_facts import Person, persons_of
from plugin.journeys.telling_tiers import Terms, tell, terms_of
from plugin.members import Member
from plugin.members.store import AliasKey, find_members
from plugin.orders import OrderState
from plugin.rules import evaluate
from plugin.rules.measuring import Fact
from plugin.rules.schema_tiers import Tiers
from plugin.standing.marks import find_marked
from plugin.standing.store import KeptHolding, find_holdings


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order whose tier is asked for, by a member's earlier or later one."""

    state: OrderState
    member_id: UUID
    placed_at: datetime


def is_first(state: OrderState) -> bool:
    """Say whether an order is looked at for the first time, or for the first time as one that a back-fill lets count."""
    if state.context is None:
        return True
    return state.backfill_id is not None and state.revision == 0 and state.context.tier is None


def add_tiers(session: Session, states: Sequence[OrderState], now: datetime) -> None:
    """Freeze the tier that was held into the contexts of orders that are evaluated for the first time."""
    by_programme: dict[UUID, list[OrderState]] = {}
    for state in states:
        if _tiers_of(session, state) is not None:
            by_programme.setdefault(state.programme_id, []).append(state)
    for programme_id, mine in by_programme.items():
        members = find_members(session, {key for state in mine if (key := _alias_key(state))})
        if asked := _asked(mine, members):
            _add(session, programme_id, asked, now)
        for state in mine:
            if (key := _alias_key(state)) and key not in members and (tiers := _tiers_of(session, state)):
                _freeze(state, tiers.everybodys)  # weighed only: nobody we know yet


def _add(session: Session, programme_id: UUID, asked: Sequence[_Asked], now: datetime) -> None:
    terms = terms_of(session, programme_id)
    ids = {one.member_id for one in asked}
    found = find_holdings(session, programme_id, ids)
    unsure = find_marked(session, programme_id, ids)
    unsure |= {one.member_id for one in asked if not _is_sure(one, found.get(one.member_id), terms)}
    unsure |= {one.member_id for one in asked if sum(other.member_id == one.member_id for other in asked) > 1}
    persons = {one.member.member_id: one for one in persons_of(session, programme_id, unsure)} if unsure else {}
    for one in asked:
        held = found.get(one.member_id)
        is_sure = one.member_id not in unsure and held is not None
        _freeze(one.state, held.holding.tier if is_sure and held else _told(persons, one, held, terms, now))
        if person := persons.get(one.member_id):
            persons[one.member_id] = replace(person, facts=(*person.facts, *_counts(session, one.state)))


def _told(
    persons: Mapping[UUID, Person], one: _Asked, held: KeptHolding | None, terms: Terms, now: datetime
) -> str | None:
    """Tell through the order's instant what happened before it; a member not stored yet has no past."""
    person, at = persons.get(one.member_id), min(one.placed_at, now)
    if person is None:
        return None
    known = held if held is not None and held.told_from <= at else None
    return tell(person, known, terms, at, before=one.placed_at).kept.holding.tier


def _is_sure(one: _Asked, held: KeptHolding | None, terms: Terms) -> bool:
    """Whether the order was placed while what was found last held, under the terms of today."""
    if held is None or held.document_version != terms.spans[-1].version:
        return False
    until = held.holding.until
    return held.holding.since < one.placed_at and (until is None or one.placed_at < until)


def _asked(states: Sequence[OrderState], members: Mapping[AliasKey, Member]) -> list[_Asked]:
    """Whose orders these are, in the order in which they were placed."""
    asked = [
        _Asked(state, members[key].member_id, state.snapshot.placed_at)
        for state in states
        if (key := _alias_key(state)) in members and key is not None and state.snapshot is not None
    ]
    return sorted(asked, key=lambda one: (one.placed_at, str((one.state.shop_id, one.state.order_id))))


def _counts(session: Session, state: OrderState) -> Iterable[Fact]:
    """What an order of this batch is going to count for, for those of the same member that were placed after it."""
    if state.snapshot is None or state.context is None or state.needs is not None:
        return
    document = document_of(session, state.programme_id, state.context.document_version)
    given = evaluate(state.snapshot, document, state.context)
    if micros := counted_micros(given):
        yield Fact(state.snapshot.placed_at, micros, given.points, orders=1)


def _freeze(state: OrderState, tier: str | None) -> None:
    if state.context is not None:
        state.context = replace(state.context, tier=tier)


def _tiers_of(session: Session, state: OrderState) -> Tiers | None:
    if state.context is None:
        return None
    return document_of(session, state.programme_id, state.context.document_version).tiers


def _alias_key(state: OrderState) -> AliasKey | None:
    if state.snapshot is None or state.snapshot.customer is None:
        return None
    return state.programme_id, state.shop_id, state.snapshot.customer.customer_id

"""Which memberships ran when an order was placed, as far as we knew when it was first evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Bought
from plugin.journeys.documents import document_of
from plugin.members import Member
from plugin.members.store import list_members_of_account
from plugin.memberships import store
from plugin.memberships.store import Purchase
from plugin.orders import OrderState
from plugin.orders.states import OrderKey
from plugin.programme.store import get_programme
from plugin.rules.memberships import runs_at, terms_of


def freeze_memberships(session: Session, fresh: Sequence[OrderState], members: Mapping[OrderKey, Member]) -> None:
    """Put the memberships that ran into the new contexts of orders; `members` are by order.

    The order that buys one is not yet an order of its holder: it was paid for as everybody does.
    """
    asking = [state for state in fresh if state.key in members and _sells(session, state)]
    sharing = {state.key: _sharing(session, state, members[state.key]) for state in asking}
    keys = {(state.programme_id, one) for state in asking for one in sharing[state.key]}
    bought = store.find_of_members(session, keys)
    for state in asking:
        mine = _theirs(session, state, members[state.key], sharing[state.key], bought)
        if state.context is not None and mine:
            timezone = get_programme(session, state.programme_id).timezone
            state.context = replace(state.context, memberships=_running(state, mine, timezone))


def _sharing(session: Session, state: OrderState, member: Member) -> list[UUID]:
    """The member, and behind them whoever shares their account where a membership is for all of these."""
    if not _shared(session, state):
        return [member.member_id]
    everybody = list_members_of_account(session, member.programme_id, member.account_id)
    return [member.member_id, *(one.member_id for one in everybody if one.member_id != member.member_id)]


def _theirs(
    session: Session,
    state: OrderState,
    member: Member,
    sharing: Sequence[UUID],
    bought: Mapping[tuple[UUID, UUID], list[Purchase]],
) -> list[Purchase]:
    shared = _shared(session, state)
    return [
        one
        for who in sharing
        for one in bought.get((state.programme_id, who), [])
        if who == member.member_id or one.bought.membership_id in shared
    ]


def _shared(session: Session, state: OrderState) -> frozenset[str]:
    version = state.context.document_version if state.context else 0
    document = document_of(session, state.programme_id, version)
    return frozenset(one.id for one in document.memberships if one.is_shared)


def _sells(session: Session, state: OrderState) -> bool:
    context = state.context
    return context is not None and bool(document_of(session, state.programme_id, context.document_version).memberships)


def _running(state: OrderState, purchases: Sequence[Purchase], timezone: str) -> tuple[str, ...]:
    placed_at = state.snapshot.placed_at if state.snapshot else None
    others = [one for one in purchases if not one.is_void and (one.shop_id, one.order_id) != state.key[1:]]
    names = sorted({one.bought.membership_id for one in others})
    return tuple(name for name in names if placed_at and _runs(name, others, placed_at, timezone))


def _runs(name: str, purchases: Sequence[Purchase], at: datetime, timezone: str) -> bool:
    """Whether anybody's purchases make the membership run: each person's renew their own."""
    persons = {one.member_id for one in purchases}
    return any(runs_at(terms_of(_of(name, who, purchases), timezone), at) for who in sorted(persons))


def _of(name: str, member_id: UUID, purchases: Sequence[Purchase]) -> list[Bought]:
    return [one.bought for one in purchases if one.bought.membership_id == name and one.member_id == member_id]

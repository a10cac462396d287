"""Which memberships ran when an order was placed, as far as we knew when it was first evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from plugin.journeys.documents import document_of
from plugin.members import Member
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
    keys = {(state.programme_id, members[state.key].member_id) for state in asking}
    bought = store.find_of_members(session, keys)
    for state in asking:
        mine = bought.get((state.programme_id, members[state.key].member_id), [])
        if state.context is not None and mine:
            timezone = get_programme(session, state.programme_id).timezone
            state.context = replace(state.context, memberships=_running(state, mine, timezone))


def _sells(session: Session, state: OrderState) -> bool:
    context = state.context
    return context is not None and bool(document_of(session, state.programme_id, context.document_version).memberships)


def _running(state: OrderState, purchases: Sequence[Purchase], timezone: str) -> tuple[str, ...]:
    placed_at = state.snapshot.placed_at if state.snapshot else None
    others = [one for one in purchases if not one.is_void and (one.shop_id, one.order_id) != state.key[1:]]
    names = sorted({one.bought.membership_id for one in others})
    by_name = {name: [one.bought for one in others if one.bought.membership_id == name] for name in names}
    return tuple(name for name in names if placed_at and runs_at(terms_of(by_name[name], timezone), placed_at))

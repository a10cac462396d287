"""A member's orders that count, as later ones need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.orders.states import OrderKey
from plugin.orders.tables import order_state


@dataclass(frozen=True, slots=True)
class Earlier:
    """One order that counted already, and what it is worth, less refunds, in millionths of a major unit."""

    key: OrderKey
    member_id: UUID
    placed_at: datetime
    spend_micros: int


def list_earlier(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> list[Earlier]:
    """List the orders of these members that count so far, in whatever sequence."""
    if not member_ids:
        return []
    state = order_state.c
    rows = session.execute(
        select(state.shop_id, state.order_id, state.member_id, state.placed_at, state.spend_micros).where(
            state.programme_id == programme_id,
            state.member_id.in_(sorted(member_ids)),
            state.spend_micros.is_not(None),
        )
    )
    return [
        Earlier((programme_id, row.shop_id, row.order_id), row.member_id, row.placed_at, row.spend_micros)
        for row in rows
    ]

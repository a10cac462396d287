"""What members' orders count for: dated, net of refunds, set-wise."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugin.orders.tables import order_state, order_target


@dataclass(frozen=True, slots=True)
class Counted:
    """One order that counts: what it is worth in millionths of a major unit, and the points it gave."""

    member_id: UUID
    placed_at: datetime
    spend_micros: int
    points: int


def list_counted(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> list[Counted]:
    """List the counted orders of these members, oldest first."""
    if not member_ids:
        return []
    state, target = order_state.c, order_target.c
    mine = (state.programme_id == programme_id, state.member_id.in_(sorted(member_ids)))
    same = (
        (target.programme_id == state.programme_id)
        & (target.shop_id == state.shop_id)
        & (target.order_id == state.order_id)
    )
    points = select(func.coalesce(func.sum(target.points), 0)).where(same).scalar_subquery()
    rows = session.execute(
        select(state.member_id, state.placed_at, state.spend_micros, points.label("points"))
        .where(*mine, state.spend_micros.is_not(None))
        .order_by(state.placed_at, state.shop_id, state.order_id)
    )
    return [Counted(row.member_id, row.placed_at, row.spend_micros, int(row.points)) for row in rows]

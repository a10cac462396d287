"""What members' orders count for: dated, net of refunds, set-wise."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot
from plugin.orders.codec import load_snapshot
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


def list_products(
    session: Session, programme_id: UUID, member_ids: Collection[UUID]
) -> list[tuple[UUID, datetime, int]]:
    """List (member, when, product) for each product of a counted order that was not returned whole, oldest first."""
    state = order_state.c
    mine = (state.programme_id == programme_id, state.member_id.in_(sorted(member_ids)))
    query = select(state.member_id, state.placed_at, state.snapshot).where(*mine, state.spend_micros.is_not(None))
    rows = session.execute(query.order_by(state.placed_at, state.shop_id, state.order_id))
    return [
        (row.member_id, row.placed_at, product_id)
        for row in rows
        if row.snapshot
        for product_id in _kept_products(load_snapshot(row.snapshot))
    ]


def total_counted(
    session: Session, programme_id: UUID, span: tuple[datetime | None, datetime | None]
) -> tuple[int, int]:
    """Add up all counted orders of a programme placed from one instant on and before another: (millionths, orders)."""
    state = order_state.c
    start, end = span
    when = [state.placed_at >= start] if start else []
    when += [state.placed_at < end] if end else []
    summed = select(func.coalesce(func.sum(state.spend_micros), 0), func.count()).where(
        state.programme_id == programme_id, state.spend_micros.is_not(None), state.member_id.is_not(None), *when
    )
    micros, orders = session.execute(summed).one()
    return int(micros), int(orders)


def _kept_products(snapshot: OrderSnapshot) -> list[int]:
    returned: dict[int, int] = {}
    for refund in snapshot.refunds:
        for part in refund.lines:
            returned[part.line_id] = returned.get(part.line_id, 0) + part.quantity
    kept = {one.product_id for one in snapshot.lines if one.quantity > returned.get(one.line_id, 0)}
    return sorted(one for one in kept if one is not None)

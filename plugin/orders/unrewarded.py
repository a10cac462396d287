"""Orders that gave nothing: a shopper who looks for points must find the reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.orders.codec import load_snapshot
from plugin.orders.tables import order_state


@dataclass(frozen=True, slots=True)
class Unrewarded:
    """An order that gave no points. `why` is the machine word, `name` what the shopper knows the order by."""

    order_id: int
    name: str
    why: str
    placed_at: datetime


def find_last_unrewarded(
    session: Session, shop_key: tuple[UUID, UUID], customer_id: int, *, since: datetime, reasons: Collection[str]
) -> Unrewarded | None:
    """Return the customer's newest order if it was placed after `since` and gave nothing, for one of these reasons."""
    programme_id, shop_id = shop_key
    row = session.execute(
        select(order_state.c.order_id, order_state.c.snapshot, order_state.c.why_nothing, order_state.c.placed_at)
        .where(
            order_state.c.programme_id == programme_id,
            order_state.c.shop_id == shop_id,
            order_state.c.customer_id == customer_id,
            order_state.c.placed_at >= since,
        )
        .order_by(order_state.c.placed_at.desc(), order_state.c.order_id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.why_nothing not in reasons or not row.snapshot:
        return None
    return Unrewarded(row.order_id, load_snapshot(row.snapshot).name, row.why_nothing, row.placed_at)

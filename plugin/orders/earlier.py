"""Whether somebody ordered before: orders we know of, whatever they gave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.orders.codec import load_snapshot
from plugin.orders.tables import order_state

_LOOKED_AT = 50


def count_orders_before(
    session: Session, customers: Collection[tuple[UUID, UUID, int]], before: tuple[datetime, int] | None
) -> int:
    """Count the orders of these (programme, shop, customer) placed before one (when, its id); None is all of them.

    Tests and cancelled orders are none. More than fifty are not looked at: one is enough to know.
    """
    if not customers:
        return 0
    place = (order_state.c.placed_at, order_state.c.order_id)
    theirs = among((order_state.c.programme_id, order_state.c.shop_id, order_state.c.customer_id), customers)
    query = select(order_state.c.snapshot).where(theirs, order_state.c.snapshot.is_not(None))
    if before is not None:
        at, order_id = before
        is_before = (order_state.c.placed_at < at) | (
            (order_state.c.placed_at == at) & (order_state.c.order_id < order_id)
        )
        query = query.where(is_before)
    texts = session.scalars(query.order_by(*place).limit(_LOOKED_AT))
    orders = (load_snapshot(text) for text in texts)
    return sum(not one.is_test and one.cancelled_at is None for one in orders)

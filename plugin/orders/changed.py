"""Orders as they are kept, for who evaluates them once more: by when they were last kept, or by their accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Select, Uuid, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from plugin.db import Instant
from plugin.facts import Context, OrderSnapshot
from plugin.orders.codec import load_context, load_snapshot
from plugin.orders.tables import order_state

Place = tuple[datetime, UUID, int]
"""Behind which order to go on: when it was last kept, its shop, its id."""

_CHANGED = (order_state.c.changed_at, order_state.c.shop_id, order_state.c.order_id)


@dataclass(frozen=True, slots=True)
class Kept:
    """An order that can be evaluated again: what was known of it, and in what surroundings, when it last gave."""

    shop_id: UUID
    order_id: int
    snapshot: OrderSnapshot
    context: Context
    why_nothing: str | None


def next_changed(
    session: Session, programme_id: UUID, span: tuple[datetime, datetime], behind: Place | None, limit: int
) -> tuple[list[Kept], Place | None]:
    """List the next orders that were kept in a span of time (from, through); the place returned is where to go on, None at the end."""
    since, until = span
    query = select(order_state).where(
        order_state.c.programme_id == programme_id, order_state.c.changed_at >= since, order_state.c.changed_at <= until
    )
    if behind is not None:
        at, shop_id, order_id = behind
        place = tuple_(literal(at, Instant()), literal(shop_id, Uuid()), literal(order_id, BigInteger()))
        query = query.where(tuple_(*_CHANGED) > place)
    rows = session.execute(query.order_by(*_CHANGED).limit(limit)).all()
    last = (rows[-1].changed_at, rows[-1].shop_id, rows[-1].order_id) if rows else None
    return _kept(rows), last


def list_unchanged(session: Session, programme_id: UUID, account_ids: Collection[UUID], since: datetime) -> list[Kept]:
    """List the orders told on these accounts that were last kept before an instant."""
    older = or_(order_state.c.changed_at.is_(None), order_state.c.changed_at < since)
    return _kept(session.execute(_of_accounts(programme_id, account_ids).where(older)).all())


def has_frozen(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> bool:
    """Say whether orders of forgotten persons are told on these accounts."""
    frozen = _of_accounts(programme_id, account_ids).where(order_state.c.is_frozen)
    return session.execute(frozen.limit(1)).first() is not None


def _of_accounts(programme_id: UUID, account_ids: Collection[UUID]) -> Select[Any]:
    return select(order_state).where(
        order_state.c.programme_id == programme_id, order_state.c.account_id.in_(sorted(account_ids))
    )


def _kept(rows: Collection[Row[Any]]) -> list[Kept]:
    """Leave out those that wait for facts or for proof of their owner: what they gave is not of the newest that is known of them."""
    return [
        Kept(row.shop_id, row.order_id, load_snapshot(row.snapshot), load_context(row.context), row.why_nothing)
        for row in rows
        if row.snapshot and row.context and not row.is_frozen and row.needs is None and row.ownership != "disputed"
    ]

"""Orders as they stand, account by account: for who looks at the whole past of many members without keeping it.

An account's orders lie together in an index, so they are read in one stream, one account in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugin.facts import Context, OrderSnapshot
from plugin.orders.codec import load_context, read_snapshot
from plugin.orders.tables import order_state

Span = tuple[UUID | None, UUID | None]
"""Accounts from this one on, until just before that one; None is without end."""

_AT_ONCE = 500
_UNTOLD = ("disputed", "foreign")


@dataclass(frozen=True, slots=True)
class PastOrder:
    """One order as it stands, and what was frozen with it, where it was evaluated already."""

    snapshot: OrderSnapshot
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """All orders of one account, in the order in which they were placed."""

    orders: Sequence[PastOrder]


def past_of(orders: Iterable[PastOrder]) -> Past:
    """Put one account's orders in their order; those of one instant as a replay tells them."""
    return Past(
        sorted(orders, key=lambda one: (one.snapshot.placed_at, str(one.snapshot.shop_id), one.snapshot.order_id))
    )


def count_past(session: Session, programme_id: UUID) -> int:
    """Count the orders of a programme's accounts."""
    query = select(func.count()).select_from(order_state).where(*_of_accounts(programme_id))
    return int(session.execute(query).scalar_one())


def split_past(session: Session, programme_id: UUID, size: int) -> list[Span]:
    """Part a programme's accounts into spans of about so many orders each."""
    account = order_state.c.account_id
    place = func.row_number().over(order_by=account).label("place")
    numbered = select(account, place).where(*_of_accounts(programme_id)).subquery()
    found = session.execute(select(numbered.c.account_id).where(numbered.c.place % size == 0)).scalars()
    return list(pairwise([None, *sorted(set(found)), None]))


def read_pasts(session: Session, programme_id: UUID, span: Span) -> Iterator[Past]:
    """Read the accounts of a span, one after the other. What nobody was told to own, and forgotten persons' orders, are left out."""
    columns = (order_state.c.account_id, order_state.c.snapshot, order_state.c.context)
    query = select(*columns).where(
        *_of_accounts(programme_id),
        order_state.c.snapshot.is_not(None),
        order_state.c.is_frozen.is_(False),
        order_state.c.ownership.not_in(_UNTOLD),
    )
    since, until = span
    if since is not None:
        query = query.where(order_state.c.account_id >= since)
    if until is not None:
        query = query.where(order_state.c.account_id < until)
    rows = session.execute(query.order_by(order_state.c.account_id).execution_options(yield_per=_AT_ONCE))
    for _, mine in groupby(rows, key=lambda row: row[0]):
        yield past_of(
            PastOrder(read_snapshot(text), load_context(context) if context else None) for _, text, context in mine
        )


def read_unowned(session: Session, programme_id: UUID) -> Iterator[tuple[datetime, str]]:
    """Read when orders without an account were placed, and why they gave nothing."""
    query = select(order_state.c.placed_at, order_state.c.why_nothing).where(
        order_state.c.programme_id == programme_id,
        order_state.c.account_id.is_(None),
        order_state.c.placed_at.is_not(None),
        order_state.c.is_frozen.is_(False),
    )
    for placed_at, why in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield placed_at, why or "waiting"


def _of_accounts(programme_id: UUID) -> tuple[Any, ...]:
    return order_state.c.programme_id == programme_id, order_state.c.account_id.is_not(None)

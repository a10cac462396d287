"""An account's statement: what changed its points, newest first. Reads only; a journey makes sentences of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from plugin.ledger.tables import entry, lot, posting

_OWNED = ("pending", "available", "debt")
"""The buckets a member counts as theirs. Held points are on their way out: a hold takes them, a release gives them back."""


@dataclass(frozen=True, slots=True)
class Change:
    """One posting as it changed one account. `points` is signed; `pending` of them cannot be used before `matures_at`."""

    posting_id: UUID
    reason: str
    points: int
    explanation: dict[str, Any]
    occurred_at: datetime
    shop_id: UUID | None
    order_id: int | None
    redemption_id: UUID | None
    pending: int = 0
    matures_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a statement ended."""

    occurred_at: datetime
    posting_id: UUID


def list_changes(
    session: Session, programme_id: UUID, account_id: UUID, *, before: Cursor | None = None, limit: int
) -> list[Change]:
    """List what changed the account's points, newest first.

    Postings that only move points between a member's own buckets, or spend what was held, change no sum and are left out.
    """
    older = [] if before is None else [_is_older(before)]
    rows = session.execute(_changes(programme_id, account_id, *older).having(_EFFECT != 0).limit(limit)).all()
    waiting = _waiting(session, programme_id, account_id, [row.id for row in rows])
    return [_change(row, waiting) for row in rows]


def find_last_loss(
    session: Session, programme_id: UUID, account_id: UUID, *, reason: str, since: datetime
) -> Change | None:
    """Return the newest posting of a reason, not older than `since`, that took points away."""
    query = _changes(programme_id, account_id, posting.c.reason == reason, posting.c.occurred_at >= since)
    row = session.execute(query.having(_EFFECT < 0).limit(1)).one_or_none()
    return None if row is None else _change(row, {})


def find_next_maturity(session: Session, programme_id: UUID, account_id: UUID) -> datetime | None:
    """Return when the first pending points become usable; None where none are pending."""
    mine = (lot.c.programme_id == programme_id, lot.c.account_id == account_id, lot.c.pending > 0)
    found: datetime | None = session.execute(select(func.min(lot.c.matures_at)).where(*mine)).scalar()
    return found


_EFFECT = func.sum(
    case((entry.c.destination.in_(_OWNED), entry.c.points), else_=0)
    - case((entry.c.source.in_(_OWNED), entry.c.points), else_=0)
)


def _changes(programme_id: UUID, account_id: UUID, *conditions: ColumnElement[bool]) -> Select[Any]:
    same = and_(posting.c.programme_id == entry.c.programme_id, posting.c.id == entry.c.posting_id)
    return (
        select(posting, _EFFECT.label("points"))
        .join(entry, same)
        .where(entry.c.programme_id == programme_id, entry.c.account_id == account_id, *conditions)
        .group_by(posting.c.programme_id, posting.c.id)
        .order_by(posting.c.occurred_at.desc(), posting.c.id.desc())
    )


def _is_older(than: Cursor) -> ColumnElement[bool]:
    same_instant = and_(posting.c.occurred_at == than.occurred_at, posting.c.id < than.posting_id)
    return or_(posting.c.occurred_at < than.occurred_at, same_instant)


def _waiting(
    session: Session, programme_id: UUID, account_id: UUID, posting_ids: Collection[UUID]
) -> dict[UUID, tuple[int, datetime]]:
    """Say which of these postings' points are still pending: how many, and until when."""
    mine = (lot.c.programme_id == programme_id, lot.c.account_id == account_id, lot.c.posting_id.in_(posting_ids))
    rows = session.execute(select(lot.c.posting_id, lot.c.pending, lot.c.matures_at).where(*mine, lot.c.pending > 0))
    return {row.posting_id: (row.pending, row.matures_at) for row in rows}


def _change(row: Row[Any], waiting: Mapping[UUID, tuple[int, datetime]]) -> Change:
    pending, matures_at = waiting.get(row.id, (0, None))
    return Change(
        posting_id=row.id,
        reason=row.reason,
        points=int(row.points),
        explanation=row.explanation,
        occurred_at=row.occurred_at,
        shop_id=row.shop_id,
        order_id=row.order_id,
        redemption_id=row.redemption_id,
        pending=pending,
        matures_at=matures_at,
    )

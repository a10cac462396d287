"""An account's statement: what changed its points, newest first. Reads only; a journey makes sentences of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
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
    """List what changed the account's points, newest first; postings that only move points about (maturing, capturing) are left out."""
    older = [] if before is None else [_is_older(before)]
    rows = session.execute(_changes(programme_id, account_id, *older).having(_effect() != 0).limit(limit)).all()
    waiting = _waiting(session, programme_id, account_id, [row.id for row in rows])
    return [_change(row, waiting) for row in rows]


def find_last_loss(
    session: Session, programme_id: UUID, account_id: UUID, *, reason: str, since: datetime
) -> Change | None:
    """Return the newest posting of a reason since an instant if it took points away and nothing newer of that reason came."""
    query = _changes(programme_id, account_id, posting.c.reason == reason, posting.c.occurred_at >= since)
    row = session.execute(query.having(_effect() < 0).limit(1)).one_or_none()
    return None if row is None else _change(row, {})


def find_next_maturity(session: Session, programme_id: UUID, account_id: UUID) -> datetime | None:
    """Return when the first pending points become usable; None where none are pending."""
    mine = (lot.c.programme_id == programme_id, lot.c.account_id == account_id, lot.c.pending > 0)
    found: datetime | None = session.execute(select(func.min(lot.c.matures_at)).where(*mine)).scalar()
    return found


def _changes(programme_id: UUID, account_id: UUID, *conditions: ColumnElement[bool]) -> Any:
    mine = (entry.c.programme_id == programme_id, entry.c.account_id == account_id)
    same = and_(posting.c.programme_id == entry.c.programme_id, posting.c.id == entry.c.posting_id)
    moved = (
        select(posting.c.id, _effect().label("points"))
        .join(entry, same)
        .where(*mine, *conditions)
        .group_by(posting.c.programme_id, posting.c.id, posting.c.occurred_at)
        .order_by(posting.c.occurred_at.desc(), posting.c.id.desc())
    )
    return moved

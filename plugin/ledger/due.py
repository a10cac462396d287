"""Lots whose time has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.ledger.tables import lot


def list_programmes_maturing(session: Session, now: datetime, limit: int) -> list[UUID]:
    """List programmes with pending points past their return window."""
    due = select(lot.c.programme_id).where(lot.c.pending > 0, lot.c.matures_at <= now).distinct().limit(limit)
    return [programme_id for (programme_id,) in session.execute(due)]


def list_maturing_lots(session: Session, programme_id: UUID, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """List (lot id, account id) with pending points past their return window, oldest first."""
    due = (
        select(lot.c.id, lot.c.account_id)
        .where(lot.c.programme_id == programme_id, lot.c.pending > 0, lot.c.matures_at <= now)
        .order_by(lot.c.matures_at, lot.c.id)
        .limit(limit)
    )
    return [(lot_id, account_id) for lot_id, account_id in session.execute(due)]

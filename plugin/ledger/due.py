"""Lots whose time has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal_column, select, union
from sqlalchemy.orm import Session

from plugin.db import unindexed
from plugin.ledger.tables import lot

_NONE: ColumnElement[int] = literal_column("0")
"""Written out: a partial index is not used for a condition that comes as a parameter."""


def list_programmes_due(session: Session, now: datetime, limit: int) -> list[UUID]:
    """List programmes with points whose return window is over, or whose last day is."""
    maturing, expiring = (query.with_only_columns(lot.c.programme_id) for query in _due(now))
    return list(session.scalars(union(maturing, expiring).limit(limit)))


def list_accounts_due(session: Session, programme_id: UUID, now: datetime, limit: int) -> list[UUID]:
    """List a programme's accounts with such points."""
    mine = unindexed(lot.c.programme_id) == programme_id  # by its date, as what is due of all is little
    maturing, expiring = (query.with_only_columns(lot.c.account_id).where(mine) for query in _due(now))
    return list(session.scalars(union(maturing, expiring).limit(limit)))


def _due(now: datetime) -> tuple[Select[tuple[object, ...]], Select[tuple[object, ...]]]:
    """Each in a form that an index of its own answers."""
    maturing = select(lot).where(lot.c.pending > _NONE, lot.c.matures_at <= now)
    return maturing, select(lot).where(lot.c.available > _NONE, lot.c.expires_at <= now)

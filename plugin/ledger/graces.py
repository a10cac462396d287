"""Grace: expiry is switched on, and points that were to last for ever get an end after all.

One row of `extension` without an account says so for a whole programme: every lot that had no end at that instant has this one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select
from sqlalchemy.orm import Session

from plugin.db import among, new_id
from plugin.ledger.shapes import AccountKey, Signed
from plugin.ledger.tables import extension, lot, posting
from plugin.ledger.timeline import Extended


def give_grace(session: Session, programme_id: UUID, at: datetime, expires_at: datetime, by: Signed) -> None:
    """From `at` on, lots without an end end at `expires_at`."""
    session.execute(
        insert(extension).values(
            programme_id=programme_id,
            id=new_id(),
            account_id=None,
            lot_id=None,
            expires_at=expires_at,
            is_restoring=False,
            actor=by.actor,
            reason=by.reason,
            reference=by.reference,
            occurred_at=at,
        )
    )


def list_graces(session: Session, programme_id: UUID) -> list[Extended]:
    """List a programme's graces, oldest first."""
    ours = (extension.c.programme_id == programme_id, extension.c.account_id.is_(None))
    rows = session.execute(select(extension).where(*ours).order_by(extension.c.occurred_at, extension.c.id))
    return [Extended(row.occurred_at, None, row.expires_at, is_grace=True) for row in rows]


def endless_lots(session: Session, keys: Collection[AccountKey], at: datetime) -> list[tuple[UUID, UUID]]:
    """List the lots (programme id, lot id) of these accounts that have no end, though a grace given at `at` gave them one."""
    owned = among((lot.c.programme_id, lot.c.account_id), keys)
    rows = session.execute(select(lot.c.programme_id, lot.c.id).join(posting, _POSTED).where(owned, _is_endless(at)))
    return [(row.programme_id, row.id) for row in rows]


def list_accounts_without_grace(session: Session, programme_id: UUID, at: datetime, limit: int) -> list[UUID]:
    """List accounts with points that a grace given at `at` has not reached yet."""
    has_points = lot.c.pending + lot.c.available + lot.c.held > 0
    query = select(lot.c.account_id).join(posting, _POSTED).where(lot.c.programme_id == programme_id, has_points)
    return list(session.scalars(query.where(_is_endless(at)).distinct().limit(limit)))


def list_given_graces(session: Session, now: datetime) -> list[tuple[UUID, datetime]]:
    """List (programme id, instant) of all graces given until now, oldest first."""
    given = (extension.c.account_id.is_(None), extension.c.occurred_at <= now)
    instants = select(extension.c.programme_id, extension.c.occurred_at).where(*given)
    return [(row.programme_id, row.occurred_at) for row in session.execute(instants.order_by(extension.c.occurred_at))]


_POSTED = and_(posting.c.programme_id == lot.c.programme_id, posting.c.id == lot.c.posting_id)


def _is_endless(at: datetime) -> ColumnElement[bool]:
    """No end, there before `at`, and not given for ever by a merchant since.

    An order's points are as old as the order, and those of a hold that nothing covered as old as the hold, whenever they were posted.
    """
    is_dated = or_(lot.c.order_id.is_not(None), lot.c.redemption_id.is_not(None))
    was_there = or_(and_(is_dated, lot.c.occurred_at < at), and_(~is_dated, posting.c.occurred_at < at))
    for_ever = exists().where(
        extension.c.programme_id == lot.c.programme_id,
        extension.c.lot_id == lot.c.id,
        extension.c.expires_at.is_(None),
        extension.c.occurred_at >= at,
    )
    return and_(lot.c.expires_at.is_(None), was_there, ~for_ever)

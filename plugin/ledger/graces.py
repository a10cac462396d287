"""Grace: expiry is switched on, and points that were to last for ever get an end after all.

One row of `extension` without an account says so for a whole programme: every lot that had no end at that instant has this one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from plugin.db import among, new_id
from plugin.ledger.extensions import KEY_COLUMNS, key_of_lot, list_extensions
from plugin.ledger.merged import tellers
from plugin.ledger.shapes import AccountKey, Signed
from plugin.ledger.tables import account, extension, lot, posting
from plugin.ledger.timeline import Extended

_PAGE = 1_000
_Row = Row[tuple[Any, ...]]
_first = lot.alias()
_IS_FIRST = and_(
    _first.c.programme_id == lot.c.programme_id, _first.c.id == func.coalesce(lot.c.origin_lot_id, lot.c.id)
)


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
    return [(row.programme_id, row.lot_id) for row in _endless(session, at, owned)]


def list_accounts_without_grace(session: Session, programme_id: UUID, at: datetime, limit: int) -> list[UUID]:
    """List accounts with points that a grace given at `at` has not reached yet."""
    has_points = and_(lot.c.programme_id == programme_id, lot.c.pending + lot.c.available + lot.c.held > 0)
    found, after = list[UUID](), UUID(int=0)
    while len(found) < limit and (page := _page_of_endless(session, at, and_(has_points, lot.c.account_id > after))):
        found += sorted({row.account_id for row in _endless(session, at, and_(has_points, lot.c.account_id.in_(page)))})
        after = page[-1]
    return found[:limit]


def list_given_graces(session: Session, now: datetime) -> list[tuple[UUID, datetime]]:
    """List (programme id, instant) of all graces given until now, oldest first."""
    given = (extension.c.account_id.is_(None), extension.c.occurred_at <= now)
    instants = select(extension.c.programme_id, extension.c.occurred_at).where(*given)
    return [(row.programme_id, row.occurred_at) for row in session.execute(instants.order_by(extension.c.occurred_at))]


def _endless(session: Session, at: datetime, condition: ColumnElement[bool]) -> list[_Row]:
    """List lots without an end that were there before `at`, but those that a merchant gave for ever since.

    That may have been said of them on another account that is part of theirs by now.
    """
    rows = session.execute(_lots_without_end(at, condition)).all()
    if not rows:
        return []
    told = tellers(session, {(row.programme_id, row.account_id) for row in rows})
    since = (extension.c.expires_at.is_(None), extension.c.occurred_at >= at)
    for_ever = {(key, fact.key) for key, fact in list_extensions(session, told, *since)}
    return [row for row in rows if ((row.programme_id, row.account_id), key_of_lot(row)) not in for_ever]


def _page_of_endless(session: Session, at: datetime, condition: ColumnElement[bool]) -> list[UUID]:
    lots = _lots_without_end(at, condition).subquery()
    return list(session.scalars(select(lots.c.account_id).distinct().order_by(lots.c.account_id).limit(_PAGE)))


def _lots_without_end(at: datetime, condition: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    """No end, there before `at`, and not left empty by a merge.

    An order's points are as old as the order, and those of a hold that nothing covered as old as the hold, whenever they were posted.
    Others are as old as their first lot's posting, however often they moved on.
    """
    is_dated = or_(lot.c.order_id.is_not(None), lot.c.redemption_id.is_not(None))
    was_there = or_(and_(is_dated, lot.c.occurred_at < at), and_(~is_dated, posting.c.occurred_at < at))
    return (
        select(lot.c.programme_id, lot.c.account_id, lot.c.id.label("lot_id"), *KEY_COLUMNS)
        .join(_first, _IS_FIRST)
        .join(posting, and_(posting.c.programme_id == _first.c.programme_id, posting.c.id == _first.c.posting_id))
        .join(account, and_(account.c.programme_id == lot.c.programme_id, account.c.id == lot.c.account_id))
        .where(condition, lot.c.expires_at.is_(None), account.c.merged_into_id.is_(None), was_there)
    )

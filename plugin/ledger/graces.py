"""Grace: expiry is switched on, and points that were to last for ever get an end after all.

One row of `extension` without an account says so for a whole programme: every lot that had no end at that instant has this one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, and_, exists, func, insert, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from plugin.db import among, new_id
from plugin.ledger.shapes import AccountKey, Signed
from plugin.ledger.tables import account, extension, lot, posting
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
    promised = _promised_for_ever(at)
    for_ever = exists().where(
        promised.c.programme_id == lot.c.programme_id,
        promised.c.account_id == lot.c.account_id,
        _same_origin(promised.c, lot.c),
    )
    return and_(lot.c.expires_at.is_(None), was_there, ~for_ever)


def _promised_for_ever(at: datetime) -> CTE:
    """What merchants gave for ever since `at`: for what the points were granted, and the accounts they may be told on today.

    A merge opens a new lot on another account for them; the promise was written on the lot of before.
    """
    given = extension.join(lot, and_(lot.c.programme_id == extension.c.programme_id, lot.c.id == extension.c.lot_id))
    origin = (lot.c.shop_id, lot.c.order_id, lot.c.redemption_id, func.coalesce(lot.c.origin_lot_id, lot.c.id))
    names = ("shop_id", "order_id", "redemption_id", "first_lot_id")
    labelled = [column.label(name) for column, name in zip(origin, names, strict=True)]
    is_ours = and_(extension.c.expires_at.is_(None), extension.c.account_id.is_not(None), extension.c.occurred_at >= at)
    first = select(extension.c.programme_id, extension.c.account_id, *labelled).select_from(given).where(is_ours)
    told = first.cte("promised_for_ever", recursive=True)
    merged = and_(account.c.programme_id == told.c.programme_id, account.c.id == told.c.account_id)
    onwards = select(told.c.programme_id, account.c.merged_into_id, *(told.c[name] for name in names)).where(
        merged, account.c.merged_into_id.is_not(None)
    )
    return told.union(onwards)


def _same_origin(
    promised: ReadOnlyColumnCollection[str, Any], ours: ReadOnlyColumnCollection[str, Any]
) -> ColumnElement[bool]:
    """Whether two lots were granted for the same thing (`Lot.key`)."""
    no_order = and_(promised.order_id.is_(None), ours.order_id.is_(None))
    no_redemption = and_(promised.redemption_id.is_(None), ours.redemption_id.is_(None))
    return or_(
        and_(promised.order_id == ours.order_id, promised.shop_id == ours.shop_id),
        and_(no_order, promised.redemption_id == ours.redemption_id),
        and_(no_order, no_redemption, promised.first_lot_id == func.coalesce(ours.origin_lot_id, ours.id)),
    )

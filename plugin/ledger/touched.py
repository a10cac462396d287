"""Which accounts and orders were touched in a stretch of time, read slice by slice: for who goes through them without a lock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from plugin.db import Instant, among
from plugin.ledger.tables import account, entry, posting

Place = tuple[datetime, UUID]
"""Behind which posting to go on: when it was recorded, its id."""

_SAME_POSTING = (entry.c.programme_id == posting.c.programme_id) & (entry.c.posting_id == posting.c.id)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was recorded in one programme from `since` through `until`."""

    programme_id: UUID
    since: datetime
    until: datetime


def next_touched(
    session: Session, stretch: Stretch, behind: Place | None, limit: int
) -> tuple[list[UUID], Place | None]:
    """Read the next postings of a stretch and list the accounts they were the last to touch in it, so that each comes once.

    The place returned is where to go on; None at the end.
    """
    here = _within(stretch, behind)
    rows = session.execute(
        select(posting.c.recorded_at, posting.c.id)
        .where(*here)
        .order_by(posting.c.recorded_at, posting.c.id)
        .limit(limit)
    ).all()
    if not rows:
        return [], None
    last = (rows[-1].recorded_at, rows[-1].id)
    mine = (entry.c.programme_id == stretch.programme_id, entry.c.posting_id.in_([row.id for row in rows]))
    accounts = set(session.execute(select(entry.c.account_id).where(*mine).distinct()).scalars())
    return sorted(accounts - touched_among(session, stretch, accounts, behind=last)), last


def touched_among(
    session: Session, stretch: Stretch, account_ids: Collection[UUID], behind: Place | None = None
) -> set[UUID]:
    """Say which of these accounts were touched in a stretch, or behind a place in it."""
    here = _within(stretch, behind)
    mine = entry.c.account_id.in_(sorted(account_ids))
    found = select(entry.c.account_id).join(posting, _SAME_POSTING).where(*here, mine).distinct()
    return set(session.execute(found).scalars())


def next_in_turn(session: Session, programme_id: UUID, behind: UUID | None, limit: int) -> list[UUID]:
    """List the next accounts of a programme in the order of their ids."""
    here = [account.c.programme_id == programme_id]
    if behind is not None:
        here.append(account.c.id > behind)
    return list(session.execute(select(account.c.id).where(*here).order_by(account.c.id).limit(limit)).scalars())


def count_accounts(session: Session, programme_id: UUID) -> int:
    """Count a programme's accounts."""
    return session.execute(
        select(func.count()).select_from(account).where(account.c.programme_id == programme_id)
    ).scalar_one()


def count_entries(session: Session, programme_id: UUID) -> int:
    """Count a programme's entries."""
    return session.execute(
        select(func.count()).select_from(entry).where(entry.c.programme_id == programme_id)
    ).scalar_one()


def points_of_orders(
    session: Session, programme_id: UUID, orders: Collection[tuple[UUID, int]]
) -> dict[tuple[UUID, int], int]:
    """Sum what orders (shop, order) gave in all, less what came back, by what was posted."""
    given = case(
        (entry.c.source == "issued", entry.c.points), (entry.c.destination == "issued", -entry.c.points), else_=0
    )
    rows = session.execute(
        select(posting.c.shop_id, posting.c.order_id, func.sum(given))
        .join(entry, _SAME_POSTING)
        .where(
            posting.c.programme_id == programme_id,
            posting.c.reason == "order",
            among((posting.c.shop_id, posting.c.order_id), orders),
        )
        .group_by(posting.c.shop_id, posting.c.order_id)
    )
    return {(shop_id, order_id): int(points) for shop_id, order_id, points in rows}


def _within(stretch: Stretch, behind: Place | None) -> list[ColumnElement[bool]]:
    here = [
        posting.c.programme_id == stretch.programme_id,
        posting.c.recorded_at >= stretch.since,
        posting.c.recorded_at <= stretch.until,
    ]
    if behind is not None:
        recorded = tuple_(posting.c.recorded_at, posting.c.id)
        here.append(recorded > tuple_(literal(behind[0], Instant()), literal(behind[1], Uuid())))
    return here

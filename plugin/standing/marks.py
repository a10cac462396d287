"""Whose standing has to be looked at again: there is news of them, a date has come, or the programme has new terms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.standing.tables import standing_mark, standing_review, tier_holding


@dataclass(frozen=True, slots=True)
class Review:
    """Where the settler is with a programme's members: all up to `behind_id` were looked at under `version`."""

    version: int
    behind_id: UUID | None
    finished_at: datetime | None


def mark(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Say that there is news of these members. Waits for nobody."""
    rows = [{"programme_id": programme_id, "id": new_id(), "member_id": one} for one in sorted(member_ids)]
    if rows:
        session.execute(insert(standing_mark), rows)


def find_marked(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Say of which of these members there is news that nobody has looked at."""
    mine = (standing_mark.c.programme_id == programme_id, standing_mark.c.member_id.in_(sorted(member_ids)))
    return set(session.execute(select(standing_mark.c.member_id).where(*mine)).scalars())


def next_marks(session: Session, programme_id: UUID, limit: int) -> dict[UUID, UUID]:
    """List marks, oldest first: the member of each. Whoever looks at them takes these away, and no newer ones."""
    mine = standing_mark.c.programme_id == programme_id
    rows = session.execute(
        select(standing_mark.c.id, standing_mark.c.member_id).where(mine).order_by(standing_mark.c.id).limit(limit)
    )
    return {row.id: row.member_id for row in rows}


def drop_marks(session: Session, programme_id: UUID, mark_ids: Collection[UUID]) -> None:
    """Take marks away."""
    if mark_ids:
        mine = (standing_mark.c.programme_id == programme_id, standing_mark.c.id.in_(sorted(mark_ids)))
        session.execute(delete(standing_mark).where(*mine))


def next_dated(session: Session, programme_id: UUID, now: datetime, limit: int) -> list[UUID]:
    """List members whose period is over."""
    due = (tier_holding.c.programme_id == programme_id, tier_holding.c.review_at <= now)
    return list(session.execute(select(tier_holding.c.member_id).where(*due).limit(limit)).scalars())


def drop_dates(session: Session, programme_id: UUID, member_ids: Collection[UUID], now: datetime) -> None:
    """Say that time changes nothing any more for those of these members whose date has passed."""
    mine = (tier_holding.c.programme_id == programme_id, tier_holding.c.member_id.in_(sorted(member_ids)))
    session.execute(update(tier_holding).where(*mine, tier_holding.c.review_at <= now).values(review_at=None))


def ask_for_review(session: Session, programme_id: UUID, version: int) -> None:
    """Ask for every member to be looked at under a version."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = {"version": version, "behind_id": None, "finished_at": None}
    statement = dialect.insert(standing_review).values(programme_id=programme_id, **fresh)
    session.execute(statement.on_conflict_do_update(index_elements=["programme_id"], set_=fresh))


def lock_review(session: Session, programme_id: UUID) -> Review:
    """Be the only one to settle a programme's standings until the end of the transaction."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    empty = dialect.insert(standing_review).values(programme_id=programme_id, version=0).on_conflict_do_nothing()
    session.execute(empty)
    mine = standing_review.c.programme_id == programme_id
    row = session.execute(select(standing_review).where(mine).with_for_update()).one()
    return Review(row.version, row.behind_id, row.finished_at)


def note_reviewed(session: Session, programme_id: UUID, behind_id: UUID | None, finished_at: datetime | None) -> None:
    """Say how far the members were looked at; `finished_at` is given when all were."""
    mine = standing_review.c.programme_id == programme_id
    session.execute(update(standing_review).where(mine).values(behind_id=behind_id, finished_at=finished_at))


def programmes_with_news(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """List the programmes that have members to look at."""
    unfinished = (standing_review.c.finished_at.is_(None), standing_review.c.version > 0)
    found = [
        *session.execute(select(standing_mark.c.programme_id).distinct().limit(limit)).scalars(),
        *session.execute(
            select(tier_holding.c.programme_id).where(tier_holding.c.review_at <= now).distinct().limit(limit)
        ).scalars(),
        *session.execute(select(standing_review.c.programme_id).where(*unfinished).limit(limit)).scalars(),
    ]
    return list(dict.fromkeys(found))[:limit]

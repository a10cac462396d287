"""How far days may be sealed: only where no transaction that is still open can add to them.

A posting is dated by the database's clock when it is inserted, and seen when its transaction commits. So a day is closed a good
while after its midnight, and never while a transaction that began before then is still writing, however long it takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, and_, column, exists, func, select, table, text
from sqlalchemy.orm import Session

from plugin.db import Instant, database_now
from plugin.ledger.seal_lines import BEGINNING
from plugin.ledger.tables import posting, seal

WAIT = timedelta(hours=1)
"""Past midnight, for clocks that are set back."""

_programme = table("programme", column("id", Uuid()))

_OLDEST_WRITER = text("""
SELECT MIN(COALESCE(pg_stat_activity.xact_start, '1970-01-01+00'::timestamptz)) AS oldest
FROM pg_locks LEFT JOIN pg_stat_activity ON pg_stat_activity.pid = pg_locks.pid
WHERE pg_locks.relation = 'posting'::regclass AND pg_locks.mode = 'RowExclusiveLock' AND pg_locks.granted
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pg_locks.pid IS DISTINCT FROM pg_backend_pid()""").columns(oldest=Instant())


def closed_until(session: Session) -> datetime:
    """Return the instant before which nothing will be recorded any more. The session must be one that writes.

    On SQLite it holds the only write lock, so nobody else is writing. On Postgres whoever has inserted a posting holds a lock on
    the table until the end; one whose beginning is not told (prepared, or another role's) counts as older than everything.
    """
    now: datetime = session.execute(select(database_now())).scalar_one()
    closed = now - WAIT
    if session.get_bind().dialect.name == "sqlite":
        return closed
    oldest: datetime | None = session.execute(_OLDEST_WRITER).scalar_one()
    return min(closed, oldest) if oldest else closed


def list_unsealed_programmes(session: Session, until: datetime, limit: int) -> list[UUID]:
    """List programmes in which something older than `until` was recorded that no seal covers."""
    last = select(func.max(seal.c.closed_at)).where(seal.c.programme_id == _programme.c.id).scalar_subquery()
    open_past = and_(
        posting.c.programme_id == _programme.c.id,
        posting.c.recorded_at >= func.coalesce(last, BEGINNING, type_=Instant()),
        posting.c.recorded_at < until,
    )
    query = select(_programme.c.id).where(exists().where(open_past)).order_by(_programme.c.id).limit(limit)
    return list(session.execute(query).scalars())

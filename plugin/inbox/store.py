"""The inbox: one row a delivery, claimed in batches, finished in the transaction that did its work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.errors import NotFound
from plugin.facts import Delivery
from plugin.inbox.tables import delivery
from plugin.sealing import Sealer, Unsealable

ATTEMPTS_MAX = 8
_FIRST_WAIT = timedelta(seconds=2)
_PER_SHOP_MAX = 50
_WAITING: ColumnElement[str] = literal_column("'waiting'")
"""Written out: a partial index is not used for a condition that comes as a parameter."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery as listed: what came when, how it stands; the body stays sealed, or is erased by now."""

    programme_id: UUID
    delivery_id: UUID
    shop_id: UUID
    topic: str
    event_id: str
    webhook_id: str
    triggered_at: datetime
    received_at: datetime
    state: str
    attempts: int
    next_try_at: datetime
    finished_at: datetime | None
    error: str | None
    has_body: bool


def store(session: Session, sealer: Sealer, deliveries: Sequence[Delivery]) -> None:
    """Remember deliveries; a copy of one already stored is dropped."""
    if not deliveries:
        return
    rows = [
        {
            "programme_id": one.programme_id,
            "id": one.delivery_id,
            "shop_id": one.shop_id,
            "topic": one.topic,
            "event_id": one.event_id,
            "webhook_id": one.webhook_id,
            "triggered_at": one.triggered_at,
            "received_at": one.received_at,
            "body_hash": one.body_hash,
            "body_sealed": sealer.seal(one.body, _owner(one.delivery_id)),
            "state": "waiting",
            "attempts": 0,
            "next_try_at": one.received_at,
        }
        for one in deliveries
    ]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(delivery).on_conflict_do_nothing(), rows)


def claim(session: Session, sealer: Sealer, now: datetime, limit: int) -> list[Delivery]:
    """Lock deliveries that are due, oldest first and no shop more than its share, until this transaction ends."""
    rank = func.row_number().over(partition_by=delivery.c.shop_id, order_by=(delivery.c.next_try_at, delivery.c.id))
    waiting = (
        select(delivery.c.programme_id, delivery.c.id, delivery.c.next_try_at, rank.label("place"))
        .where(delivery.c.state == _WAITING, delivery.c.next_try_at <= now)
        .subquery()
    )
    fair = select(waiting.c.programme_id, waiting.c.id).order_by(
        case((waiting.c.place <= _PER_SHOP_MAX, 0), else_=1), waiting.c.next_try_at, waiting.c.id
    )
    chosen = [(row.programme_id, row.id) for row in session.execute(fair.limit(limit))]
    if not chosen:
        return []
    mine = among((delivery.c.programme_id, delivery.c.id), chosen)
    locked = select(delivery).where(mine, delivery.c.state == "waiting").order_by(delivery.c.id)
    return [_opened(row, sealer) for row in session.execute(locked.with_for_update(skip_locked=True))]


def claim_one(session: Session, one: Delivery) -> bool:
    """Lock a delivery already read; False where somebody else finished it meanwhile."""
    same = (
        delivery.c.programme_id == one.programme_id,
        delivery.c.id == one.delivery_id,
        delivery.c.state == "waiting",
    )
    return session.execute(select(delivery.c.id).where(*same).with_for_update()).first() is not None


def finish(session: Session, deliveries: Collection[Delivery], now: datetime) -> None:
    """Mark deliveries done; call it in the transaction that did their work."""
    if deliveries:
        mine = among(
            (delivery.c.programme_id, delivery.c.id), [(one.programme_id, one.delivery_id) for one in deliveries]
        )
        session.execute(update(delivery).where(mine).values(state="done", finished_at=now, error=None))


def fail(session: Session, one: Delivery, error: str, now: datetime, *, is_final: bool) -> None:
    """Try a delivery again later, or set it aside as a dead letter: at once where `is_final`, else after the last attempt."""
    same = (delivery.c.programme_id == one.programme_id, delivery.c.id == one.delivery_id)
    attempts = session.execute(select(delivery.c.attempts).where(*same)).scalar_one() + 1
    is_dead = is_final or attempts >= ATTEMPTS_MAX
    session.execute(
        update(delivery)
        .where(*same)
        .values(
            state="dead_letter" if is_dead else "waiting",
            attempts=attempts,
            error=error,
            next_try_at=now + _FIRST_WAIT * 2**attempts,
            finished_at=now if is_dead else None,
        )
    )


def list_deliveries(
    session: Session, programme_id: UUID, *, state: str | None = None, limit: int = 50
) -> list[Arrival]:
    """List a programme's deliveries, newest first."""
    query = select(delivery).where(delivery.c.programme_id == programme_id)
    if state is not None:
        query = query.where(delivery.c.state == state)
    rows = session.execute(query.order_by(delivery.c.received_at.desc(), delivery.c.id.desc()).limit(limit))
    return [_arrival(row) for row in rows]


def list_of_shop(
    session: Session, sealer: Sealer, shop: tuple[UUID, UUID], state: str, limit: int
) -> list[tuple[Arrival, bytes]]:
    """List the deliveries of one (programme, shop) in a state, newest first, each with its body, which is empty once erased."""
    mine = (delivery.c.programme_id == shop[0], delivery.c.shop_id == shop[1], delivery.c.state == state)
    newest = select(delivery).where(*mine).order_by(delivery.c.received_at.desc(), delivery.c.id.desc())
    return [(_arrival(row), _body(row, sealer)) for row in session.execute(newest.limit(limit))]


def list_replayable(session: Session, shop: tuple[UUID, UUID]) -> list[UUID]:
    """List the dead letters of one (programme, shop) that still have their bodies."""
    mine = (delivery.c.programme_id == shop[0], delivery.c.shop_id == shop[1], delivery.c.state == "dead_letter")
    return list(session.execute(select(delivery.c.id).where(*mine, delivery.c.body_sealed.is_not(None))).scalars())


def count_unfinished(session: Session, shop: tuple[UUID, UUID]) -> dict[str, int]:
    """Count what is not done of one (programme, shop), however old, by state; dead letters only while they can be replayed."""
    mine = (delivery.c.programme_id == shop[0], delivery.c.shop_id == shop[1], delivery.c.state != "done")
    kept = delivery.c.body_sealed.is_not(None)
    rows = session.execute(select(delivery.c.state, func.count()).where(*mine, kept).group_by(delivery.c.state))
    return {row[0]: row[1] for row in rows}


def summary_by_topic(session: Session, programme_id: UUID, since: datetime) -> list[dict[str, Any]]:
    """Count deliveries since an instant by topic: `topic`, `count`, `waiting`, `dead_letters`, `last_at`."""
    rows = session.execute(
        select(
            delivery.c.topic,
            func.count().label("count"),
            func.sum(case((delivery.c.state == "waiting", 1), else_=0)).label("waiting"),
            func.sum(case((delivery.c.state == "dead_letter", 1), else_=0)).label("dead_letters"),
            func.max(delivery.c.received_at).label("last_at"),
        )
        .where(delivery.c.programme_id == programme_id, delivery.c.received_at >= since)
        .group_by(delivery.c.topic)
        .order_by(delivery.c.topic)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for a row's columns


def read_delivery(session: Session, sealer: Sealer, programme_id: UUID, delivery_id: UUID) -> tuple[Arrival, bytes]:
    """Return one delivery with its body; the body is empty once its time has run out.

    Raises:
        NotFound: no such delivery of this programme.
    """
    same = (delivery.c.programme_id == programme_id, delivery.c.id == delivery_id)
    row = session.execute(select(delivery).where(*same)).one_or_none()
    if row is None:
        raise NotFound("no such delivery")
    return _arrival(row), _body(row, sealer)


def replay(session: Session, programme_id: UUID, delivery_ids: Collection[UUID], now: datetime) -> int:
    """Put deliveries back in line, whatever became of them; what was right already will change nothing. Returns how many."""
    mine = (delivery.c.programme_id == programme_id, delivery.c.id.in_(list(delivery_ids)))
    again = {"state": "waiting", "attempts": 0, "next_try_at": now, "finished_at": None, "error": None}
    found = session.execute(update(delivery).where(*mine, delivery.c.body_sealed.is_not(None)).values(**again))
    return int(found.rowcount)  # type: ignore[attr-defined]


def has_bodies(session: Session, before: datetime) -> bool:
    """Say whether finished deliveries received before an instant still have their bodies."""
    return session.execute(select(delivery.c.id).where(*_outlived(before)).limit(1)).first() is not None


def forget_bodies(session: Session, before: datetime) -> None:
    """Erase the bodies of finished deliveries received before an instant; the rows stay for the log."""
    session.execute(update(delivery).where(*_outlived(before)).values(body_sealed=None))


def _outlived(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return delivery.c.received_at < before, delivery.c.body_sealed.is_not(None), delivery.c.state != "waiting"


def _owner(delivery_id: UUID) -> str:
    return f"delivery:{delivery_id}"


def _body(row: Row[tuple[Any, ...]], sealer: Sealer) -> bytes:
    """Open the body; one that cannot be opened is empty, which its topic refuses, so that it ends as a dead letter."""
    try:
        return sealer.open(row.body_sealed, _owner(row.id)) if row.body_sealed else b""
    except Unsealable:
        return b""


def _opened(row: Row[tuple[Any, ...]], sealer: Sealer) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        programme_id=row.programme_id,
        shop_id=row.shop_id,
        topic=row.topic,
        event_id=row.event_id,
        webhook_id=row.webhook_id,
        triggered_at=row.triggered_at,
        received_at=row.received_at,
        body=_body(row, sealer),
        body_hash=row.body_hash,
    )


def _arrival(row: Row[tuple[Any, ...]]) -> Arrival:
    return Arrival(
        row.programme_id,
        row.id,
        row.shop_id,
        row.topic,
        row.event_id,
        row.webhook_id,
        row.triggered_at,
        row.received_at,
        row.state,
        row.attempts,
        row.next_try_at,
        row.finished_at,
        row.error,
        row.body_sealed is not None,
    )

"""Proofs kept: what a day's proof has gone through so far, what it found, and where the next one goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    Row,
    String,
    Table,
    Uuid,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import Instant, metadata, tenant_key
from plugin.errors import NotFound
from plugin.facts.proofs import Proof

KEPT_MAX = 20
"""Differences kept with their details; the rest are counted."""

proof = Table(
    "proof",
    metadata,
    *tenant_key(Column("day", Date, primary_key=True)),
    Column("stage", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("place", JSON(none_as_null=True)),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("settled_until", Instant, nullable=False),
    Column("turn_left", BigInteger, nullable=False),
    Column("turn_until", Uuid),
    Column("entries", BigInteger, nullable=False),
    Column("orders", BigInteger, nullable=False),
    Column("accounts", BigInteger, nullable=False),
    Column("differences", BigInteger, nullable=False),
    Column("details", JSON, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    CheckConstraint("stage IN ('books', 'orders', 'touched', 'turn', 'done')", name="stage"),
)


def get_proof(session: Session, programme_id: UUID, day: date) -> Proof:
    """Read a day's proof, finished or not.

    Raises:
        NotFound: none was begun.
    """
    row = session.execute(_of(programme_id).where(proof.c.day == day)).one_or_none()
    if row is None:
        raise NotFound("no proof of this day")
    return _proof(row)


def last_finished(session: Session, programme_id: UUID) -> Proof | None:
    """Read the newest proof that came to its end."""
    finished = _of(programme_id).where(proof.c.finished_at.is_not(None)).order_by(proof.c.day.desc()).limit(1)
    row = session.execute(finished).one_or_none()
    return _proof(row) if row else None


def list_proofs(session: Session, programme_id: UUID, since: date) -> list[Proof]:
    """List the proofs of a day and all days after it, oldest first."""
    return [_proof(row) for row in session.execute(_of(programme_id).where(proof.c.day >= since).order_by(proof.c.day))]


def list_proved(session: Session, since: date) -> set[tuple[UUID, date]]:
    """Say which (programme, day) are proved, of a day and all days after it."""
    done = select(proof.c.programme_id, proof.c.day).where(proof.c.day >= since, proof.c.finished_at.is_not(None))
    return {(programme_id, day) for programme_id, day in session.execute(done)}


def begin_proof(session: Session, fresh: Proof, *, is_again: bool = False) -> None:
    """Keep a proof that begins; one of the same day that somebody else began stands, unless this one is to replace it."""
    if is_again:
        session.execute(delete(proof).where(proof.c.programme_id == fresh.programme_id, proof.c.day == fresh.day))
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(proof).on_conflict_do_nothing(), [asdict(fresh)])


def advance_proof(session: Session, after: Proof) -> bool:
    """Keep how far a proof has come by one more step; False where another process took that step first."""
    same = (proof.c.programme_id == after.programme_id, proof.c.day == after.day, proof.c.step == after.step - 1)
    begun = (proof.c.started_at == after.started_at, proof.c.finished_at.is_(None))
    done = session.execute(update(proof).where(*same, *begun).values(**asdict(after)))
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result is a cursor's


def _of(programme_id: UUID) -> Any:
    return select(proof).where(proof.c.programme_id == programme_id)


def _proof(row: Row[Any]) -> Proof:
    return Proof(**{one.name: getattr(row, one.name) for one in fields(Proof)})


def kept(details: Sequence[dict[str, Any]], more: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the first differences with their details."""
    return [*details, *more][:KEPT_MAX]

"""What a merchant says about a change made by hand, kept apart from the ledger so that it can be erased; and what one may give a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Uuid,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import metadata, tenant_fk, tenant_key, unindexed
from plugin.errors import NotAllowed

adjustment = Table(
    "adjustment",
    metadata,
    *tenant_key(Column("posting_id", Uuid, primary_key=True)),
    Column("account_id", Uuid, nullable=False),
    Column("public_note", String),
    Column("internal_note", String),
    tenant_fk("posting", "posting_id"),
    tenant_fk("account", "account_id"),
    Index("ix_adjustment_account", "programme_id", "account_id"),
)

adjusting_day = Table(
    "adjusting_day",
    metadata,
    *tenant_key(Column("actor", String, primary_key=True), Column("day", Date, primary_key=True)),
    Column("points", BigInteger, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    CheckConstraint("points >= 0", name="points"),
)


@dataclass(frozen=True, slots=True)
class Notes:
    """What the shopper may read about a change, and what only the merchant may."""

    public: str | None = None
    internal: str | None = None


def keep_notes(session: Session, programme_id: UUID, kept: Sequence[tuple[UUID, UUID, Notes]]) -> None:
    """Remember (posting, account, notes) of changes made by hand."""
    rows = [
        {
            "programme_id": programme_id,
            "posting_id": posting_id,
            "account_id": account_id,
            "public_note": notes.public,
            "internal_note": notes.internal,
        }
        for posting_id, account_id, notes in kept
    ]
    if rows:
        session.execute(insert(adjustment), rows)


def find_notes(session: Session, programme_id: UUID, posting_ids: Collection[UUID]) -> Mapping[UUID, Notes]:
    """Return the notes of these postings; most have none."""
    mine = (adjustment.c.programme_id == programme_id, adjustment.c.posting_id.in_(list(posting_ids)))
    rows = session.execute(select(adjustment).where(*mine))
    return {row.posting_id: Notes(row.public_note, row.internal_note) for row in rows}


def list_public_notes(session: Session, programme_id: UUID, account_id: UUID) -> list[str]:
    """List what an account's holder may read about changes made by hand, oldest first."""
    mine = (adjustment.c.programme_id == programme_id, adjustment.c.account_id == account_id)
    query = select(adjustment.c.public_note).where(*mine, adjustment.c.public_note.is_not(None))
    return list(session.execute(query.order_by(unindexed(adjustment.c.posting_id))).scalars())


def find_adjusted_account(session: Session, programme_id: UUID, posting_id: UUID) -> UUID | None:
    """Return the account a change by hand was made to, as it was then."""
    mine = (adjustment.c.programme_id == programme_id, adjustment.c.posting_id == posting_id)
    return session.execute(select(adjustment.c.account_id).where(*mine)).scalar()


def erase_notes(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> None:
    """Forget what was written about these accounts; the changes themselves stay."""
    mine = (adjustment.c.programme_id == programme_id, adjustment.c.account_id.in_(list(account_ids)))
    session.execute(update(adjustment).where(*mine).values(public_note=None, internal_note=None))


def charge_day(session: Session, day: tuple[UUID, str, date], points: int, points_max: int) -> None:
    """Count points (given or taken) against what one person may move by hand on one day; the database decides, not a look before.

    Raises:
        NotAllowed: it would be more than `points_max`.
    """
    programme_id, actor, on = day
    row = {"programme_id": programme_id, "actor": actor, "day": on, "points": 0}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(adjusting_day).values(row).on_conflict_do_nothing())
    counter = adjusting_day.c
    mine = (counter.programme_id == programme_id, counter.actor == actor, counter.day == on)
    charged = session.execute(
        update(adjusting_day)
        .where(*mine, counter.points + points <= points_max)
        .values(points=counter.points + points)
        .returning(counter.points)
    )
    if charged.first() is None:
        raise NotAllowed(f"{actor} may move {points_max} points a day by hand", code="limit_per_day")

"""Points given for something else than one order: which lot they went to, and how many of them were taken back since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table, Uuid, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import metadata, tenant_fk, tenant_key
from plugin.ledger import moves
from plugin.ledger.books import Books
from plugin.ledger.shapes import Fact, Terms
from plugin.ledger.tables import posting

award = Table(
    "award",
    metadata,
    *tenant_key(Column("reference", String, primary_key=True)),
    Column("posting_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("lot_id", Uuid, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("taken_back", BigInteger, nullable=False),
    tenant_fk("posting", "posting_id"),
    tenant_fk("account", "account_id"),
    tenant_fk("lot", "lot_id"),
    CheckConstraint("points > 0 AND taken_back BETWEEN 0 AND points", name="points"),
    Index("ix_award_account", "programme_id", "account_id"),
)


@dataclass(frozen=True, slots=True)
class Award:
    """An award as it was given: `account_id` is the one of then, `points` are in whole points, `left` is what was not taken back."""

    reference: str
    posting_id: UUID
    account_id: UUID
    lot_id: UUID
    points: int
    taken_back: int

    @property
    def left(self) -> int:
        """How many of its points were not taken back."""
        return self.points - self.taken_back


def find_awards(session: Session, programme_id: UUID, references: Collection[str]) -> dict[str, Award]:
    """Return those of these awards that were given, by reference."""
    mine = (award.c.programme_id == programme_id, award.c.reference.in_(list(references)))
    names = ("reference", "posting_id", "account_id", "lot_id", "points", "taken_back")
    rows = session.execute(select(*(award.c[name] for name in names)).where(*mine))
    return {row.reference: Award(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Earned:
    """Points that an account earned by something else than an order, less what was taken back."""

    account_id: UUID
    reason: str
    occurred_at: datetime
    left: int
    reference: str


def list_earned(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> list[Earned]:
    """List what these accounts earned by something else than orders and tiers, oldest first; what was taken back whole is left out."""
    mine = (award.c.programme_id == programme_id, award.c.account_id.in_(sorted(account_ids)))
    same = (posting.c.programme_id == award.c.programme_id) & (posting.c.id == award.c.posting_id)
    left = award.c.points - award.c.taken_back
    rows = session.execute(
        select(award.c.account_id, posting.c.reason, posting.c.occurred_at, left.label("left"), award.c.reference)
        .join(posting, same)
        .where(*mine, left > 0, posting.c.reason != "tier")
        .order_by(posting.c.occurred_at, posting.c.id)
    )
    return [Earned(row.account_id, row.reason, row.occurred_at, int(row.left), row.reference) for row in rows]


def give_award(books: Books, fact: Fact, account_id: UUID, points: int, terms: Terms, *, is_pending: bool) -> None:
    """Issue points under `terms` into a lot of their own; debt is filled first unless they still wait."""
    owner = books.accounts[fact.programme_id, account_id]
    lot = books.new_lot(fact, owner, terms)
    books.post(fact)
    books.move(fact, moves.grant(owner, lot, points, is_pending=is_pending))
    row = {
        "programme_id": fact.programme_id,
        "reference": fact.reference,
        "posting_id": fact.posting_id,
        "account_id": account_id,
        "lot_id": lot.lot_id,
        "points": points,
        "taken_back": 0,
    }
    books.after_writing(lambda: _keep(books.session, row))


def take_award(books: Books, fact: Fact, one: Award, account_id: UUID, points: int, *, is_forgiven: bool) -> None:
    """Take back points of an award from the account that holds them now: its own first, then others, then as debt."""
    owner = books.accounts[fact.programme_id, account_id]
    lots = books.lots_of(owner)
    own = [lot for lot in lots if lot.key == one.lot_id]
    others = [lot for lot in lots if lot not in own]
    books.post(fact)
    books.move(fact, moves.claw_back(owner, own, others, points, is_forgiven=is_forgiven))
    same = (award.c.programme_id == fact.programme_id, award.c.reference == one.reference)
    books.session.execute(update(award).where(*same).values(taken_back=award.c.taken_back + points))


def _keep(session: Session, row: dict[str, object]) -> None:
    session.execute(insert(award), [row])

"""Changes made by hand, planned against locked accounts: points given, points taken away, debt written off, imports taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.errors import InsufficientPoints, NotAllowed
from plugin.ledger import moves
from plugin.ledger.books import Books
from plugin.ledger.shapes import Fact, Terms
from plugin.ledger.tables import entry, posting


@dataclass(frozen=True, slots=True)
class ByHand:
    """One change: `points` above zero are given under `terms`, below zero taken away; `may_owe` lets what is missing become debt."""

    fact: Fact
    account_id: UUID
    points: int
    terms: Terms | None = None
    may_owe: bool = False

    @property
    def key(self) -> tuple[UUID, UUID]:
        """The account's key: (programme, account)."""
        return self.fact.programme_id, self.account_id


def told_terms(terms: Terms | None) -> dict[str, Any]:
    """What an explanation has to hold so that the replay knows the terms of points given by hand."""
    if terms is None:
        return {}
    told: dict[str, Any] = {"expires_at": terms.expires_at.isoformat() if terms.expires_at else None}
    if terms.rolling_days:
        told |= {"rolling_days": terms.rolling_days, "rolling_zone": terms.rolling_zone}
    if terms.rolling_months is not None:
        told |= {"rolling_months": terms.rolling_months, "rolling_zone": terms.rolling_zone}
    return told


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Points of one lot taken back as if they had never been given; `lot_id` is the lot's first one where it was moved since."""

    fact: Fact
    account_id: UUID
    lot_id: UUID
    points: int

    @property
    def key(self) -> tuple[UUID, UUID]:
        """The account's key: (programme, account)."""
        return self.fact.programme_id, self.account_id


@dataclass(frozen=True, slots=True)
class Made:
    """What a posting by hand changed: the account, and the lot and points it gave (no lot: it took something away)."""

    account_id: UUID
    lot_id: UUID | None
    points: int


def find_made(session: Session, programme_id: UUID, posting_ids: Collection[UUID]) -> dict[UUID, Made]:
    """Return what these postings changed, as it was then: the account may be part of another one since."""
    mine = (entry.c.programme_id == programme_id, entry.c.posting_id.in_(list(posting_ids)))
    rows = session.execute(
        select(entry.c.posting_id, entry.c.account_id, entry.c.lot_id, entry.c.source, entry.c.points).where(*mine)
    )
    made: dict[UUID, Made] = {}
    for row in rows:
        before = made.get(row.posting_id) or Made(row.account_id, None, 0)
        is_gift = row.source == "adjusted" and row.lot_id is not None
        more = Made(row.account_id, row.lot_id, before.points + row.points)
        made[row.posting_id] = more if is_gift else before
    return made


def find_postings(
    session: Session, programme_id: UUID, references: Collection[str]
) -> dict[str, Row[tuple[object, ...]]]:
    """Return those of these references that were posted, by reference."""
    same = (posting.c.programme_id == programme_id, posting.c.reference.in_(list(references)))
    return {row.reference: row for row in session.execute(select(posting).where(*same))}


def change_by_hand(books: Books, change: ByHand) -> None:
    """Give or take away; debt is filled first, points that expire soonest go first.

    Raises:
        InsufficientPoints: there are fewer than are to be taken, and nothing may be owed; nothing is planned then.
    """
    owner = books.accounts[change.key]
    if change.points > 0:
        if change.terms is None:
            raise ValueError("points that are given need terms")
        lot = books.new_lot(change.fact, owner, change.terms)
        planned = moves.add_by_hand(owner, lot, change.points)
    else:
        if not change.may_owe and owner.available < -change.points:
            raise InsufficientPoints(available=owner.available, needed=-change.points)
        planned = moves.take_away(owner, books.lots_of(owner), -change.points)
    books.post(change.fact)
    books.move(change.fact, planned)


def forgive_by_hand(books: Books, fact: Fact, account_id: UUID, points: int) -> None:
    """Write off debt.

    Raises:
        NotAllowed: the account owes less.
    """
    owner = books.accounts[fact.programme_id, account_id]
    if points <= 0 or -owner.debt < points:
        raise NotAllowed(f"the account owes {-owner.debt} points", code="no_such_debt")
    books.post(fact)
    books.move(fact, moves.forgive(owner, points))


def take_back(books: Books, change: TakenBack) -> None:
    """Take back what a lot was given: its own points first, expired ones at no cost, then others, then as debt."""
    books.load_all([change.key])
    owner = books.accounts[change.key]
    lots = books.lots_of(owner)
    own = [lot for lot in lots if lot.key == change.lot_id]
    others = [lot for lot in lots if lot not in own]
    books.post(change.fact)
    books.move(change.fact, moves.claw_back(owner, own, others, change.points, house="adjusted"))

"""Points of a redemption: held, then captured, released, or given back later. Each happens once per redemption."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.errors import Conflict, NotFound, WishReused
from plugin.ledger import moves
from plugin.ledger.books import Books
from plugin.ledger.shapes import Account, AccountKey, Fact, Lot, Move
from plugin.ledger.tables import entry, posting

Step = Callable[[Account, Lot, int], Iterator[Move]]


def find_posting(session: Session, programme_id: UUID, reference: str) -> Row[tuple[object, ...]] | None:
    """Return the posting with this reference, if there is one."""
    same = (posting.c.programme_id == programme_id, posting.c.reference == reference)
    return session.execute(select(posting).where(*same)).one_or_none()


def hold_points(session: Session, account_id: UUID, points: int, fact: Fact) -> UUID:
    """Set points aside for `fact.redemption_id`; the same reference again returns the first posting's id.

    Raises:
        InsufficientPoints: fewer are available.
        WishReused: the reference was used for another redemption.
    """
    books = _locked(session, fact.programme_id, account_id)
    if earlier := find_posting(session, fact.programme_id, fact.reference):
        return _same_or_raise(earlier, fact)
    owner = books.accounts[fact.programme_id, account_id]
    books.load_spendable([(fact.programme_id, account_id)])
    books.post(fact)
    books.move(fact, moves.hold(owner, books.lots_of(owner), points))
    books.write()
    return fact.posting_id


def capture_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Spend what is held for `fact.redemption_id`."""
    return _follow_up(session, account_id, fact, ("available", "held"), moves.capture)


def release_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Give back what is held for `fact.redemption_id`, to the lots it came from."""
    return _follow_up(session, account_id, fact, ("available", "held"), moves.release)


def return_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Give back what was spent on `fact.redemption_id`, to the lots it came from."""
    return _follow_up(session, account_id, fact, ("held", "redeemed"), moves.give_back)


def _follow_up(session: Session, account_id: UUID, fact: Fact, earlier_flow: tuple[str, str], step: Step) -> UUID:
    books = _locked(session, fact.programme_id, account_id)
    if earlier := find_posting(session, fact.programme_id, fact.reference):
        return _same_or_raise(earlier, fact)
    taken = _taken_from(session, fact, earlier_flow)
    if not taken:
        raise Conflict(f"nothing is {earlier_flow[1]} for this redemption")
    books.load_by_id([(fact.programme_id, lot_id) for lot_id in taken])
    owner = books.accounts[fact.programme_id, account_id]
    fact = replace(fact, explanation={"points": sum(taken.values()), **fact.explanation})
    books.post(fact)
    for lot_id, points in taken.items():
        books.move(fact, step(owner, books.lots[lot_id], points))
    books.write()
    return fact.posting_id


def _taken_from(session: Session, fact: Fact, flow: tuple[str, str]) -> dict[UUID, int]:
    """How many points of each lot went through `flow` for the redemption; empty once they have moved on."""
    rows = session.execute(
        select(entry.c.lot_id, entry.c.source, entry.c.destination, entry.c.points)
        .join(posting, (posting.c.programme_id == entry.c.programme_id) & (posting.c.id == entry.c.posting_id))
        .where(posting.c.programme_id == fact.programme_id, posting.c.redemption_id == fact.redemption_id)
        .order_by(entry.c.id)
    )
    taken: dict[UUID, int] = {}
    for lot_id, source, destination, points in rows:
        if (source, destination) == flow:
            taken[lot_id] = taken.get(lot_id, 0) + points
        elif source == flow[1]:
            taken[lot_id] = taken.get(lot_id, 0) - points
    return {lot_id: points for lot_id, points in taken.items() if points > 0}


def _locked(session: Session, programme_id: UUID, account_id: UUID) -> Books:
    books = Books(session)
    key: AccountKey = (programme_id, account_id)
    books.lock([key])
    if key not in books.accounts:
        raise NotFound("no such account")
    return books


def _same_or_raise(earlier: Row[tuple[object, ...]], fact: Fact) -> UUID:
    if (earlier.redemption_id, earlier.reason) != (fact.redemption_id, fact.reason):
        raise WishReused(f"{fact.reference} was posted for something else")
    found: UUID = earlier.id
    return found

"""Points of a redemption: held, then captured, released, or given back later. Each happens once per redemption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.errors import Conflict, NotFound, WishReused
from plugin.ledger import moves
from plugin.ledger.books import Books
from plugin.ledger.holds_kept import drop_parts, keep_parts, parts_of
from plugin.ledger.moves import Step
from plugin.ledger.notices import postpone_unwarned
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import Account, AccountKey, Fact, Lot, Move, Terms, soonest_expiring
from plugin.ledger.tables import posting


def find_posting(session: Session, programme_id: UUID, reference: str) -> Row[tuple[object, ...]] | None:
    """Return the posting with this reference, if there is one."""
    same = (posting.c.programme_id == programme_id, posting.c.reference == reference)
    return session.execute(select(posting).where(*same)).one_or_none()


def hold_points(session: Session, account_id: UUID, points: int, fact: Fact) -> UUID:
    """Set points aside for `fact.redemption_id`; the same reference again returns the first posting's id.

    Raises:
        InsufficientPoints: fewer are available, once what is due on the account has happened.
        WishReused: the reference was used for another redemption.
    """
    books = Books(session)
    key = books.lock_surviving((fact.programme_id, account_id))
    if earlier := find_posting(session, fact.programme_id, fact.reference):
        return _same_or_raise(earlier, fact)
    owner = books.accounts[key]
    fact = books.dated(owner, fact)
    pass_time(books, [key], fact.occurred_at)
    books.load_spendable([key])
    books.load_rolling([key], fact.occurred_at)
    books.post(fact)
    taken = books.move(fact, moves.hold(owner, books.lots_of(owner), points))
    books.keep_alive(owner, fact.occurred_at)
    books.write()
    keep_parts(session, fact.programme_id, owner.account_id, {_redemption(fact): _parts(taken)})
    return fact.posting_id


def capture_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Spend what is held for `fact.redemption_id`."""
    return _follow_up(session, account_id, fact, moves.capture, "held")


def release_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Give back what is held for `fact.redemption_id`, to the lots it came from."""
    return _follow_up(session, account_id, fact, moves.release, "held")


def return_points(session: Session, account_id: UUID, fact: Fact) -> UUID:
    """Give back what was spent on `fact.redemption_id`, to the lots it came from."""
    return _follow_up(session, account_id, fact, moves.give_back, "spent")


def charge_again(books: Books, key: AccountKey, points: int, fact: Fact) -> None:
    """Spend points once more that had come back for `fact.redemption_id`, on a locked account; the caller tells it anew and writes.

    `fact` is dated by the instant at which they had come back, since the use that came to light made that wrong.
    """
    books.load_all([key])
    owner = books.accounts[key]
    lots = books.lots_of(owner)
    overdraft = next((one for one in lots if one.redemption_id == _redemption(fact)), None)
    if overdraft is None:
        overdraft = books.new_lot(fact, owner, Terms(fact.occurred_at, fact.occurred_at))
        overdraft.redemption_id = fact.redemption_id
    books.post(fact)
    books.move(fact, moves.charge(owner, lots, overdraft, points))


def came_back_at(session: Session, programme_id: UUID, redemption_id: UUID) -> datetime:
    """Say when a redemption's points came back.

    Raises:
        NotFound: they never did.
    """
    given = select(posting.c.occurred_at).where(
        posting.c.programme_id == programme_id,
        posting.c.reference.in_([f"redeem_release:{redemption_id}", f"redeem_return:{redemption_id}"]),
    )
    found: datetime | None = session.execute(given).scalar_one_or_none()
    if found is None:
        raise NotFound("this redemption's points never came back")
    return found


def _follow_up(session: Session, account_id: UUID, fact: Fact, step: Step, column: str) -> UUID:
    books = Books(session)
    key = books.lock_surviving((fact.programme_id, account_id))
    if earlier := find_posting(session, fact.programme_id, fact.reference):
        return _same_or_raise(earlier, fact)
    owner = books.accounts[key]
    fact = books.dated(owner, fact)
    pass_time(books, [key], fact.occurred_at)
    taken = parts_of(session, fact.programme_id, _redemption(fact))
    books.load_by_id([(fact.programme_id, lot_id) for lot_id in taken])
    if not taken or any(getattr(books.lots[lot_id], column) < points for lot_id, points in taken.items()):
        raise Conflict(f"nothing is {column} for this redemption")
    owner = books.accounts[key]
    fact = replace(fact, explanation={"points": sum(taken.values()), **fact.explanation})
    books.post(fact)
    if step is not moves.capture:
        _postpone(books, owner, [books.lots[lot_id] for lot_id in taken], fact.occurred_at)
    for lot in soonest_expiring(books.lots[lot_id] for lot_id in taken):
        books.move(fact, step(owner, lot, taken[lot.lot_id]))
    pass_time(books, [key], fact.occurred_at)
    books.write()
    if step is not moves.capture:
        drop_parts(session, fact.programme_id, [_redemption(fact)])
    return fact.posting_id


def _postpone(books: Books, owner: Account, lots: Sequence[Lot], at: datetime) -> None:
    """Give lots that ended meanwhile their later end, where they may not end unwarned, before it shows whose points fill debt.

    The later end is dated before the old one, so a replay knows of it when the points come back.
    """
    for lot in lots:
        if lot.expires_at is not None and lot.expires_at <= at:
            postpone_unwarned(books, owner, lot, lot.expires_at, at)


def _parts(taken: Sequence[Move]) -> dict[UUID, int]:
    parts: dict[UUID, int] = {}
    for one in taken:
        if one.lot is not None:
            parts[one.lot.lot_id] = parts.get(one.lot.lot_id, 0) + one.points
    return parts


def _redemption(fact: Fact) -> UUID:
    if fact.redemption_id is None:
        raise ValueError("points are held for a redemption")
    return fact.redemption_id


def _same_or_raise(earlier: Row[tuple[object, ...]], fact: Fact) -> UUID:
    if (earlier.redemption_id, earlier.reason) != (fact.redemption_id, fact.reason):
        raise WishReused(f"{fact.reference} was posted for something else")
    found: UUID = earlier.id
    return found

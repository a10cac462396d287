"""A merchant gives points more time, or brings back expired ones: each lot's new end is a fact with its reason, told by the replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.days import end_of_day
from plugin.errors import BadInput, NotFound
from plugin.journeys.retelling import retell
from plugin.ledger import Account, Books, Fact, Lot
from plugin.ledger.moves import restore
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import Signed
from plugin.ledger.tables import extension
from plugin.ledger.timeline import Extended
from plugin.programme.store import get_programme

REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Extending:
    """What a merchant asks for. Points stay good through the whole of `last_day` in the programme's timezone; None is for ever.

    `is_restoring` brings expired points back as well. `lot_ids` narrows it to some lots. `key` is the asker's own: the same again is one.
    """

    programme_id: UUID
    account_id: UUID
    last_day: date | None
    actor: str
    reason: str
    key: str
    is_restoring: bool = False
    lot_ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """What came of it: how many lots got a later end, how many points they hold, and how many of these were expired before."""

    lots: int
    points: int
    restored: int


def extend(session: Session, asked: Extending, now: datetime) -> Extension:
    """Give an account's points a later end; no end is moved back.

    Raises:
        BadInput: the day is over, or there is no reason.
        NotFound: no such account.
    """
    expires_at = _checked_end(session, asked, now)
    books = Books(session)
    key = books.lock_surviving((asked.programme_id, asked.account_id))
    if earlier := _done_before(session, asked):
        return earlier
    owner = books.accounts[key]
    pass_time(books, [key], now)
    books.load_all([key])
    is_late = owner.latest_at is not None and owner.latest_at >= now
    done = [
        _extend_lot(books, owner, one, (asked, expires_at), now) for one in _chosen(books, owner, asked, expires_at)
    ]
    if is_late:
        retell(session, books, [key], "extension", now)
    books.write()
    return Extension(len(done), sum(points for points, _ in done), sum(restored for _, restored in done))


def _checked_end(session: Session, asked: Extending, now: datetime) -> datetime | None:
    if not asked.reason.strip() or len(asked.reason) > REASON_MAX:
        raise BadInput(f"say why, in at most {REASON_MAX} characters", path="reason")
    if asked.last_day is None:
        return None
    expires_at = end_of_day(asked.last_day, get_programme(session, asked.programme_id).timezone)
    if expires_at <= now:
        raise BadInput("that day is over", path="last_day")
    return expires_at


def _done_before(session: Session, asked: Extending) -> Extension | None:
    """Return what came of the same key before; the lots' points are those of now and not told again."""
    mine = (
        extension.c.programme_id == asked.programme_id,
        extension.c.reference.startswith(f"extension:{asked.key}:", autoescape=True),
    )
    lots = len(session.execute(select(extension.c.id).where(*mine)).all())
    return Extension(lots, 0, 0) if lots else None


def _chosen(books: Books, owner: Account, asked: Extending, expires_at: datetime | None) -> list[Lot]:
    lots = [one for one in books.lots_of(owner) if asked.lot_ids is None or one.lot_id in asked.lot_ids]
    if asked.lot_ids is not None and len(lots) < len(asked.lot_ids):
        raise NotFound("no such lot on this account")
    return [
        one
        for one in lots
        if (one.expired and asked.is_restoring)
        or (
            one.pending + one.available + one.held
            and one.expires_at is not None
            and (expires_at is None or one.expires_at < expires_at)
        )
    ]


def _extend_lot(
    books: Books, owner: Account, lot: Lot, asked: tuple[Extending, datetime | None], now: datetime
) -> tuple[int, int]:
    """Give one lot its new end and bring its expired points back where that is wanted; return (points it keeps, restored)."""
    wish, expires_at = asked
    restored = lot.expired if wish.is_restoring else 0
    extended = Extended(now, lot.key, expires_at, is_restoring=wish.is_restoring)
    by = Signed(wish.actor, wish.reason.strip(), f"extension:{wish.key}:{lot.lot_id}")
    books.extend(owner, lot, extended, by=by)
    if restored:
        fact = Fact(
            programme_id=owner.programme_id,
            reference=f"restoration:{wish.key}:{lot.lot_id}",
            reason="restoration",
            actor=wish.actor,
            explanation={"points": restored, "expires_at": expires_at.isoformat() if expires_at else None},
            occurred_at=now,
            shop_id=lot.shop_id,
            order_id=lot.order_id,
        )
        books.post(fact)
        books.move(fact, restore(owner, lot))
    return lot.pending + lot.available + lot.held, restored

"""Accounts and orders are derived once more and held against what is booked. Nothing is changed here; what differs is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.journeys.documents import document_of
from plugin.journeys.retelling import BARRED, facts_of, facts_of_all
from plugin.ledger import Books
from plugin.ledger.flows import ACCOUNT_BUCKETS
from plugin.ledger.merged import accounts_told_on
from plugin.ledger.passing import pass_time
from plugin.ledger.replay import replay
from plugin.ledger.tables import account
from plugin.ledger.touched import points_of_orders
from plugin.orders.changed import Kept, has_frozen
from plugin.rules import evaluate


@dataclass(frozen=True, slots=True)
class Drift:
    """An account whose buckets are not what its dated facts make."""

    programme_id: UUID
    account_id: UUID
    booked: dict[str, int]
    expected: dict[str, int]


@dataclass(frozen=True, slots=True)
class OrderDrift:
    """An order that gave something else than its newest state, its context and its document version make."""

    programme_id: UUID
    shop_id: UUID
    order_id: int
    booked: int
    expected: int


def drift_among(session: Session, programme_id: UUID, account_ids: Collection[UUID], now: datetime) -> list[Drift]:
    """Tell these accounts anew as at `now` and name those whose books say something else."""
    mine = (account.c.programme_id == programme_id, account.c.id.in_(sorted(account_ids)))
    rows = session.execute(select(account).where(*mine).order_by(account.c.id)).all()
    facts = facts_of_all(session, [(programme_id, row.id) for row in rows if row.merged_into_id is None])
    told = {key[1]: replay(kept, now).account for key, kept in facts.items()}
    found = [_drift(programme_id, row.id, row, told.get(row.id)) for row in rows]
    return [one for one in found if one.booked != one.expected]


def still_drifted(
    session: Session, programme_id: UUID, account_id: UUID, clock: Callable[[], datetime]
) -> Drift | None:
    """Look at an account once more under its lock, with all that came due on it; the session must be one that writes, and writes nothing.

    What forgetting a person took away cannot be told anew: accounts with their orders are passed over.
    """
    books, key = Books(session), (programme_id, account_id)
    books.lock([key])
    if has_frozen(session, programme_id, accounts_told_on(session, programme_id, account_id)):
        return None
    now = clock()
    pass_time(books, [key], now)
    one = books.accounts[key]
    facts = [*facts_of(session, programme_id, account_id), *books.extended(one)]
    told = replay(facts, now).account if one.merged_into_id is None else None
    drift = _drift(programme_id, account_id, one, told)
    return drift if drift.booked != drift.expected else None


def order_drift_among(session: Session, programme_id: UUID, orders: Sequence[Kept]) -> list[OrderDrift]:
    """Evaluate these orders once more and name those that gave something else, by what was posted."""
    posted = points_of_orders(session, programme_id, [(one.shop_id, one.order_id) for one in orders])
    found = []
    for one in orders:
        document = document_of(session, programme_id, one.context.document_version)
        barred = one.why_nothing if one.why_nothing in BARRED else None
        expected = evaluate(one.snapshot, document, one.context, barred=barred).points
        booked = posted.get((one.shop_id, one.order_id), 0)
        if booked != expected:
            found.append(OrderDrift(programme_id, one.shop_id, one.order_id, booked, expected))
    return found


def _drift(programme_id: UUID, account_id: UUID, booked: object, told: object | None) -> Drift:
    return Drift(
        programme_id,
        account_id,
        {name: getattr(booked, name) for name in ACCOUNT_BUCKETS},
        {name: getattr(told, name) if told else 0 for name in ACCOUNT_BUCKETS},
    )

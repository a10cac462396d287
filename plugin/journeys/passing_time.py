"""Time passes: return windows end, points expire, and points that were to last for ever get the end a grace gave them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.retelling import retell
from plugin.journeys.tools import Tools
from plugin.ledger import Books
from plugin.ledger.due import list_accounts_due, list_programmes_due
from plugin.ledger.graces import list_accounts_without_grace, list_given_graces
from plugin.ledger.passing import pass_time

_BATCH = 200


def due_lots(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes to whose points time has done something that is not posted."""
    with tools.reading() as session:
        return [str(programme_id) for programme_id in list_programmes_due(session, now, limit)]


def settle_lots(tools: Tools, key: str, now: datetime) -> None:
    """Bring a programme's accounts up to now, a batch a transaction: each maturity and expiry once, dated by the lot's own term."""
    while _settle_batch(tools, UUID(key), now) == _BATCH:
        pass


def due_graces(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes with accounts that a grace has not reached: it also reaches an account with any other work on it."""
    found: dict[UUID, None] = {}
    with tools.reading() as session:
        for programme_id, at in list_given_graces(session, now):
            if programme_id not in found and list_accounts_without_grace(session, programme_id, at, 1):
                found[programme_id] = None
    return [str(programme_id) for programme_id in found][:limit]


def settle_graces(tools: Tools, key: str, now: datetime) -> None:
    """Give a programme's accounts the ends that its graces gave them, a batch a transaction."""
    programme_id = UUID(key)
    with tools.reading() as session:
        graces = [at for owner, at in list_given_graces(session, now) if owner == programme_id]
    for at in graces:
        while _give_grace(tools, programme_id, at, now) == _BATCH:
            pass


def _settle_batch(tools: Tools, programme_id: UUID, now: datetime) -> int:
    with tools.writing() as session:
        due = list_accounts_due(session, programme_id, now, _BATCH)
        _bring_up(session, programme_id, due, now)
    return len(due)


def _give_grace(tools: Tools, programme_id: UUID, at: datetime, now: datetime) -> int:
    """Give a batch its grace. Who spent at the very moment of the publication may have done so in the old order: told anew."""
    with tools.writing() as session:
        found = list_accounts_without_grace(session, programme_id, at, _BATCH)
        books = _bring_up(session, programme_id, found, now)
        behind = [key for key, one in books.accounts.items() if one.latest_at is not None and one.latest_at >= at]
        retell(session, books, behind, "grace", now)
        books.write()
    return len(found)


def _bring_up(session: Session, programme_id: UUID, account_ids: Collection[UUID], now: datetime) -> Books:
    books = Books(session)
    books.lock([(programme_id, account_id) for account_id in account_ids])
    pass_time(books, list(books.accounts), now)
    books.write()
    return books

"""Accounts: opened, and read without a lock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.errors import NotFound
from plugin.ledger.shapes import Account, AccountKey
from plugin.ledger.tables import account, entry, posting


def open_accounts(session: Session, keys: Collection[AccountKey], now: datetime, *, kind: str = "person") -> None:
    """Open empty accounts under ids the caller made."""
    if not keys:
        return
    empty = {"kind": kind, "pending": 0, "available": 0, "held": 0, "debt": 0, "version": 0, "published_version": 0}
    rows = [
        {"programme_id": programme_id, "id": account_id, "created_at": now, **empty}
        for programme_id, account_id in keys
    ]
    session.execute(insert(account), rows)


def balances(session: Session, programme_id: UUID, account_id: UUID) -> Account:
    """Read an account as it is committed now: for showing, never for deciding.

    Raises:
        NotFound: no such account.
    """
    found = list_balances(session, [(programme_id, account_id)])
    if not found:
        raise NotFound("no such account")
    return found[0]


def list_balances(session: Session, keys: Collection[AccountKey]) -> list[Account]:
    """Read several accounts, without a lock."""
    rows = session.execute(select(account).where(among((account.c.programme_id, account.c.id), keys)))
    return [Account(r.programme_id, r.id, r.pending, r.available, r.held, r.debt, r.version) for r in rows]


def list_references(session: Session, programme_id: UUID, account_id: UUID) -> list[str]:
    """List the references of every posting that touched an account, oldest first."""
    touched = select(entry.c.posting_id).where(entry.c.programme_id == programme_id, entry.c.account_id == account_id)
    rows = session.execute(
        select(posting.c.reference)
        .where(posting.c.programme_id == programme_id, posting.c.id.in_(touched))
        .order_by(posting.c.id)
    )
    return [reference for (reference,) in rows]

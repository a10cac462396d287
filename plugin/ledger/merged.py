"""Accounts that were merged into others: their points are told on the one that survives, and they stay empty for ever."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.ledger.shapes import AccountKey
from plugin.ledger.tables import account


def mark_merged(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Say that an account is part of another from now on; both must be locked, and told anew afterwards."""
    same = (account.c.programme_id == programme_id, account.c.id == loser_id)
    session.execute(update(account).where(*same).values(merged_into_id=winner_id))


def absorbed_accounts(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return every account whose points are told on one of these now, these included: each with the one that survives."""
    found = {one: one for one in account_ids}
    newest = set(found)
    while newest:
        merged = (account.c.programme_id == programme_id, account.c.merged_into_id.in_(sorted(newest)))
        rows = session.execute(select(account.c.id, account.c.merged_into_id).where(*merged)).all()
        newest = {row.id for row in rows} - found.keys()
        found |= {row.id: found[row.merged_into_id] for row in rows}
    return found


def surviving_accounts(session: Session, keys: Collection[AccountKey]) -> dict[AccountKey, AccountKey]:
    """Return, for each of these accounts, the one its points are told on now: itself, unless it was merged."""
    found = {key: key for key in keys}
    is_merged = account.c.merged_into_id.is_not(None)
    while found:
        these = among((account.c.programme_id, account.c.id), set(found.values()))
        rows = session.execute(
            select(account.c.programme_id, account.c.id, account.c.merged_into_id).where(and_(these, is_merged))
        )
        onwards = {(row.programme_id, row.id): (row.programme_id, row.merged_into_id) for row in rows}
        if not onwards:
            break
        found = {key: onwards.get(last, last) for key, last in found.items()}
    return found


def accounts_told_on(session: Session, programme_id: UUID, account_id: UUID) -> list[UUID]:
    """List an account and all that were merged into it, directly or by way of others."""
    return [own_id for _, own_id in tellers(session, [(programme_id, account_id)])]


def tellers(session: Session, keys: Collection[AccountKey]) -> dict[AccountKey, AccountKey]:
    """Return, for these accounts and all that were merged into them, on which of these each is told; none of them may be merged."""
    found = {key: key for key in keys}
    newest = set(found)
    while newest:
        into = among((account.c.programme_id, account.c.merged_into_id), newest)
        rows = session.execute(select(account.c.programme_id, account.c.id, account.c.merged_into_id).where(into))
        merged = {(row.programme_id, row.id): found[row.programme_id, row.merged_into_id] for row in rows}
        newest = merged.keys() - found.keys()
        found = merged | found
    return found

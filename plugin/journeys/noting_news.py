"""News of members is noted in the transaction that brings it, and looked at at once by the slow lane.

Crediting only adds a row a member, and waits for nobody. To tell a tier takes a member's whole past and may post an entry reward, which
would make every order as slow as the slowest; nothing is lost by it, since an order that comes before the look tells the tier itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.documents import document_of, version_in_force
from plugin.ledger.shapes import AccountKey
from plugin.members.store import list_members_of_accounts
from plugin.standing.marks import mark


def note_news(session: Session, members: Collection[tuple[UUID, UUID]], now: datetime) -> None:
    """Say that these members (programme, member) did something, where their programme has anything that depends on it."""
    for programme_id in sorted({programme_id for programme_id, _ in members}):
        if _depends(session, programme_id, now):
            mark(session, programme_id, {member_id for owner, member_id in members if owner == programme_id})


def note_earned(session: Session, accounts: Collection[AccountKey], now: datetime) -> None:
    """Say that these accounts earned points by something else than an order, or lost such."""
    for programme_id in sorted({programme_id for programme_id, _ in accounts}):
        if _depends(session, programme_id, now):
            own = {account_id for owner, account_id in accounts if owner == programme_id}
            mark(session, programme_id, list_members_of_accounts(session, programme_id, own))


def _depends(session: Session, programme_id: UUID, now: datetime) -> bool:
    document = document_of(session, programme_id, version_in_force(session, programme_id, now))
    return document.tiers is not None or bool(document.challenges)

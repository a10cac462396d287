"""Times in which an account's points do not lapse, since somebody whose account it is holds a tier that keeps them.

They are told from the tiers' own dated facts and replaced whenever these are told anew; the account has to be told anew then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, String, Table, Uuid, delete, insert, select
from sqlalchemy.orm import Session

from plugin.db import Instant, among, metadata, new_id, tenant_fk, tenant_key
from plugin.ledger.shapes import AccountKey
from plugin.ledger.timeline import Kept

expiry_keep = Table(
    "expiry_keep",
    metadata,
    *tenant_key(),
    Column("account_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("tier", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("expires_at", Instant),
    tenant_fk("account", "account_id"),
    Index("ix_expiry_keep_account", "programme_id", "account_id"),
    Index("ix_expiry_keep_member", "programme_id", "member_id"),
)


@dataclass(frozen=True, slots=True)
class Keep:
    """A tier held from `since` until just before `until`; points alive meanwhile last until `expires_at` at least. None is for ever."""

    member_id: UUID
    account_id: UUID
    tier: str
    since: datetime
    until: datetime | None
    expires_at: datetime | None


def has_keeps(session: Session, programme_id: UUID) -> bool:
    """Say whether any tier of a programme keeps any points."""
    return (
        session.execute(select(expiry_keep.c.id).where(expiry_keep.c.programme_id == programme_id).limit(1)).first()
        is not None
    )


def list_keeps(session: Session, told: Mapping[AccountKey, AccountKey]) -> Iterator[tuple[AccountKey, Kept]]:
    """List what keeps the points of accounts, by the account that each is told on (`merged.tellers`)."""
    owned = among((expiry_keep.c.programme_id, expiry_keep.c.account_id), told)
    for row in session.execute(select(expiry_keep).where(owned)) if told else ():
        yield told[row.programme_id, row.account_id], Kept(row.since, row.until, row.expires_at)


def keeps_of_members(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, list[Keep]]:
    """List what members' tiers keep, as it was told last."""
    mine = (expiry_keep.c.programme_id == programme_id, expiry_keep.c.member_id.in_(sorted(member_ids)))
    found: dict[UUID, list[Keep]] = {}
    for row in session.execute(select(expiry_keep).where(*mine)):
        one = Keep(row.member_id, row.account_id, row.tier, row.since, row.until, row.expires_at)
        found.setdefault(row.member_id, []).append(one)
    return found


def replace_keeps(session: Session, programme_id: UUID, member_ids: Collection[UUID], keeps: Sequence[Keep]) -> None:
    """Let these be all that these members' tiers keep."""
    gone = (expiry_keep.c.programme_id == programme_id, expiry_keep.c.member_id.in_(sorted(member_ids)))
    session.execute(delete(expiry_keep).where(*gone))
    rows = [
        {
            "programme_id": programme_id,
            "id": new_id(),
            "account_id": one.account_id,
            "member_id": one.member_id,
            "tier": one.tier,
            "since": one.since,
            "until": one.until,
            "expires_at": one.expires_at,
        }
        for one in keeps
    ]
    if rows:
        session.execute(insert(expiry_keep), rows)

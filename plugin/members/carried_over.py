"""What members brought along from another loyalty app, besides points: tier, referral code, birthday. Erasable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Uuid, delete, insert, select
from sqlalchemy.orm import Session

from plugin.db import Instant, metadata, tenant_fk, tenant_key
from plugin.members.tables import member

carried_over = Table(
    "carried_over",
    metadata,
    *tenant_key(Column("member_id", Uuid, primary_key=True)),
    Column("sheet_id", Uuid, nullable=False),
    Column("source", String, nullable=False),
    Column("joined_at", Instant),
    Column("tier", String),
    Column("tier_since", Instant),
    Column("tier_until", Instant),
    Column("referral_code", String),
    Column("birthday", String(5)),
    Column("birthday_used_in", Integer),
    tenant_fk("member", "member_id"),
    tenant_fk("sheet", "sheet_id"),
    CheckConstraint("birthday_used_in BETWEEN 1900 AND 9999", name="year"),
    Index("ix_carried_over_sheet", "programme_id", "sheet_id"),
    Index("ix_carried_over_referral_code", "programme_id", "referral_code"),
    Index("ix_carried_over_birthday", "programme_id", "birthday"),
)


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What one member brought along. `birthday` is MM-DD; `birthday_used_in` the last year in which the app gave something for it."""

    member_id: UUID
    sheet_id: UUID
    source: str
    joined_at: datetime | None = None
    tier: str | None = None
    tier_since: datetime | None = None
    tier_until: datetime | None = None
    referral_code: str | None = None
    birthday: str | None = None
    birthday_used_in: int | None = None

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is anything but the source."""
        return any((self.joined_at, self.tier, self.referral_code, self.birthday, self.birthday_used_in))


_NAMES = tuple(column.name for column in carried_over.c if column.name != "programme_id")


def keep_carried_over(session: Session, programme_id: UUID, kept: Sequence[CarriedOver]) -> None:
    """Remember; what an earlier import said of the same member is replaced."""
    newest = {one.member_id: one for one in kept if one.is_worth_keeping}
    if not newest:
        return
    _drop(session, programme_id, newest)
    rows = [{"programme_id": programme_id} | {name: getattr(one, name) for name in _NAMES} for one in newest.values()]
    session.execute(insert(carried_over), rows)


def find_carried_over(session: Session, programme_id: UUID, member_id: UUID) -> CarriedOver | None:
    """Return what a member brought along, if anything."""
    mine = (carried_over.c.programme_id == programme_id, carried_over.c.member_id == member_id)
    row = session.execute(select(carried_over).where(*mine)).one_or_none()
    return None if row is None else CarriedOver(**{name: getattr(row, name) for name in _NAMES})


def list_carried_over(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, CarriedOver]:
    """Return what these members brought along; those who brought nothing are left out."""
    mine = (carried_over.c.programme_id == programme_id, carried_over.c.member_id.in_(sorted(member_ids)))
    rows = session.execute(select(carried_over).where(*mine))
    return {row.member_id: CarriedOver(**{name: getattr(row, name) for name in _NAMES}) for row in rows}


def drop_of_sheet(session: Session, programme_id: UUID, sheet_id: UUID) -> list[UUID]:
    """Forget what one import brought along; return whose it was."""
    mine = (carried_over.c.programme_id == programme_id, carried_over.c.sheet_id == sheet_id)
    return list(session.execute(delete(carried_over).where(*mine).returning(carried_over.c.member_id)).scalars())


def drop_of_members(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what these members brought along, and those who were merged into them."""
    found, newest = set(member_ids), set(member_ids)
    while newest:
        merged = select(member.c.id).where(
            member.c.programme_id == programme_id, member.c.merged_into_id.in_(list(newest))
        )
        newest = set(session.execute(merged).scalars()) - found
        found |= newest
    _drop(session, programme_id, found)


def _drop(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    mine = (carried_over.c.programme_id == programme_id, carried_over.c.member_id.in_(list(member_ids)))
    session.execute(delete(carried_over).where(*mine))

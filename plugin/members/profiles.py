"""What members told of themselves that actions need: a birthday, where they are, whether they want to hear from the shop. Erasable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Uuid, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import Instant, among, metadata, tenant_fk, tenant_key, unindexed
from plugin.members.tables import member

Channel = Literal["email", "sms"]

member_profile = Table(
    "member_profile",
    metadata,
    *tenant_key(Column("member_id", Uuid, primary_key=True)),
    Column("birthday_month", Integer),
    Column("birthday_day", Integer),
    Column("birthday_year", Integer),
    Column("birthday_set_at", Instant),
    Column("timezone", String),
    Column("email_consent", String),
    Column("email_consent_at", Instant),
    Column("sms_consent", String),
    Column("sms_consent_at", Instant),
    tenant_fk("member", "member_id"),
    CheckConstraint("birthday_month BETWEEN 1 AND 12 AND birthday_day BETWEEN 1 AND 31", name="birthday"),
    Index("ix_member_profile_birthday", "programme_id", "birthday_month", "birthday_day"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one member. A consent is Shopify's word for it, such as `subscribed`, and holds since its instant."""

    programme_id: UUID
    member_id: UUID
    birthday_month: int | None = None
    birthday_day: int | None = None
    birthday_year: int | None = None
    birthday_set_at: datetime | None = None
    timezone: str | None = None
    email_consent: str | None = None
    email_consent_at: datetime | None = None
    sms_consent: str | None = None
    sms_consent_at: datetime | None = None

    @property
    def birthday(self) -> tuple[int, int] | None:
        """Month and day."""
        if self.birthday_month is None or self.birthday_day is None:
            return None
        return self.birthday_month, self.birthday_day

    def consent(self, channel: Channel) -> tuple[str | None, datetime | None]:
        """What was said last of a channel, and when."""
        return (
            (self.email_consent, self.email_consent_at)
            if channel == "email"
            else (self.sms_consent, self.sms_consent_at)
        )


_NAMES = tuple(column.name for column in member_profile.c)


def get_profile(session: Session, programme_id: UUID, member_id: UUID) -> Profile:
    """Return what a member told of themselves, an empty profile where that is nothing."""
    mine = (member_profile.c.programme_id == programme_id, member_profile.c.member_id == member_id)
    row = session.execute(select(member_profile).where(*mine)).one_or_none()
    if row is None:
        return Profile(programme_id, member_id)
    return Profile(**{name: getattr(row, name) for name in _NAMES})


def keep_profile(session: Session, profile: Profile) -> None:
    """Keep a profile in place of what was there; the lock of the member's account is held."""
    row = {name: getattr(profile, name) for name in _NAMES}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = dialect.insert(member_profile).values(**row)
    session.execute(added.on_conflict_do_update(index_elements=["programme_id", "member_id"], set_=row))


def merge_profiles(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Give a member what only the other one had told; of two birthdays the one entered first is kept."""
    theirs, ours = get_profile(session, programme_id, loser_id), get_profile(session, programme_id, winner_id)
    if theirs == Profile(programme_id, loser_id):
        return
    kept = replace(ours, timezone=ours.timezone or theirs.timezone)
    if theirs.birthday_set_at and (ours.birthday_set_at is None or theirs.birthday_set_at < ours.birthday_set_at):
        kept = replace(
            kept,
            birthday_month=theirs.birthday_month,
            birthday_day=theirs.birthday_day,
            birthday_year=theirs.birthday_year,
            birthday_set_at=theirs.birthday_set_at,
        )
    if _is_newer(theirs.email_consent_at, ours.email_consent_at):
        kept = replace(kept, email_consent=theirs.email_consent, email_consent_at=theirs.email_consent_at)
    if _is_newer(theirs.sms_consent_at, ours.sms_consent_at):
        kept = replace(kept, sms_consent=theirs.sms_consent, sms_consent_at=theirs.sms_consent_at)
    keep_profile(session, kept)
    drop_profiles(session, programme_id, [loser_id])


def drop_profiles(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what these members told of themselves."""
    mine = (member_profile.c.programme_id == programme_id, member_profile.c.member_id.in_(list(member_ids)))
    session.execute(delete(member_profile).where(*mine))


def list_birthdays(
    session: Session, programme_id: UUID, days: Collection[tuple[int, int]], after: UUID | None, limit: int
) -> Sequence[Profile]:
    """List members who joined and have their birthday on one of these (month, day), by id, those after an id."""
    birthday = among((member_profile.c.birthday_month, member_profile.c.birthday_day), days)
    query = (
        select(member_profile)
        .join(
            member,
            (member.c.programme_id == member_profile.c.programme_id) & (member.c.id == member_profile.c.member_id),
        )
        .where(member_profile.c.programme_id == programme_id, member.c.standing == "joined", birthday)
        .order_by(unindexed(member_profile.c.member_id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(unindexed(member_profile.c.member_id) > after)
    return [Profile(**{name: getattr(row, name) for name in _NAMES}) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Joined:
    """Since when somebody is a member, and where they are, as far as they told."""

    member_id: UUID
    joined_at: datetime
    timezone: str | None


def list_joined_on(
    session: Session, programme_id: UUID, days: Sequence[date], after: UUID | None, limit: int
) -> Sequence[Joined]:
    """List members who joined on one of these days, give or take one for where they are, by id, those after an id."""
    if not days:
        return []
    stretches = [member.c.joined_at.between(*_around(day)) for day in days]
    query = (
        select(member.c.id, member.c.joined_at, member_profile.c.timezone)
        .outerjoin(
            member_profile,
            (member_profile.c.programme_id == member.c.programme_id) & (member_profile.c.member_id == member.c.id),
        )
        .where(member.c.programme_id == programme_id, member.c.standing == "joined", or_(*stretches))
        .order_by(unindexed(member.c.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(unindexed(member.c.id) > after)
    return [Joined(row.id, row.joined_at, row.timezone) for row in session.execute(query)]


def first_joined_at(session: Session, programme_id: UUID) -> datetime | None:
    """Return when the first of all members joined."""
    found: datetime | None = session.execute(
        select(func.min(member.c.joined_at)).where(member.c.programme_id == programme_id)
    ).scalar()
    return found


def _around(day: date) -> tuple[datetime, datetime]:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return noon - timedelta(hours=38), noon + timedelta(hours=38)


def _is_newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)

"""Birthdays that came along from another app: as good as told to us, and known for long, until the member tells another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from plugin.db import unindexed
from plugin.members.carried_over import carried_over, find_carried_over
from plugin.members.profiles import Profile, get_profile, member_profile
from plugin.members.tables import member

KNOWN_FOR_LONG = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BroughtBirthday:
    """A birthday that came along; `used_in` is the last year in which the other app gave something for it."""

    profile: Profile
    used_in: int | None


def known_profile(session: Session, programme_id: UUID, member_id: UUID) -> Profile:
    """Return what is known of a member; a birthday they brought along stands where they told none."""
    profile = get_profile(session, programme_id, member_id)
    brought = find_carried_over(session, programme_id, member_id) if profile.birthday is None else None
    return _with(profile, brought.birthday) if brought and brought.birthday else profile


def list_brought_birthdays(
    session: Session, programme_id: UUID, days: Collection[tuple[int, int]], after: UUID | None, limit: int
) -> Sequence[BroughtBirthday]:
    """List members who joined, told no birthday and brought along one on these (month, day), by id, those after an id."""
    same_member = and_(member.c.programme_id == carried_over.c.programme_id, member.c.id == carried_over.c.member_id)
    same_profile = and_(
        member_profile.c.programme_id == carried_over.c.programme_id,
        member_profile.c.member_id == carried_over.c.member_id,
    )
    query = (
        select(
            carried_over.c.member_id,
            carried_over.c.birthday,
            carried_over.c.birthday_used_in,
            member_profile.c.timezone,
        )
        .join(member, same_member)
        .outerjoin(member_profile, same_profile)
        .where(
            carried_over.c.programme_id == programme_id,
            carried_over.c.birthday.in_([f"{month:02}-{day:02}" for month, day in sorted(days)]),
            member_profile.c.birthday_month.is_(None),
            member.c.standing == "joined",
        )
        .order_by(unindexed(carried_over.c.member_id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(unindexed(carried_over.c.member_id) > after)
    return [
        BroughtBirthday(
            _with(Profile(programme_id, row.member_id, timezone=row.timezone), row.birthday), row.birthday_used_in
        )
        for row in session.execute(query)
    ]


def _with(profile: Profile, birthday: str) -> Profile:
    month, day = (int(part) for part in birthday.split("-"))
    return replace(profile, birthday_month=month, birthday_day=day, birthday_set_at=KNOWN_FOR_LONG)

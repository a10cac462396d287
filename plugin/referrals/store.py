"""Referrals as they are kept: who brought whom, with which code, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select
from sqlalchemy.orm import Session

from plugin.db import new_id, unindexed
from plugin.errors import NotFound
from plugin.referrals.tables import referral, referral_event

COUNTING = ("waiting", "review", "rewarded")
"""Referrals whose order counts: they take a place within a member's limits."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One friend brought. `order_id` is the order that used the code; `counted_before` what stood in the way of a limit then.

    `claimed_by` is the customer the code was made for, None where a guest claimed it; `friend_customer_id` whoever ordered with it.
    `marks` counts how often others said that it is due, `round` how often the points were taken back; `referrer_points` and
    `friend_points` are what stands given now.
    """

    programme_id: UUID
    referral_id: UUID
    shop_id: UUID
    referrer_id: UUID
    link_code: str
    document_version: int
    friend_key: str | None
    friend_email: str | None
    claimed_by: int | None
    state: str
    code: str
    claimed_at: datetime
    expires_at: datetime
    due_at: datetime | None
    marks: int = 0
    friend_customer_id: int | None = None
    reasons: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    code_attempt: int = 1
    discount_gid: str | None = None
    refusal: str | None = None
    attempts: int = 0
    unanswered_at: datetime | None = None
    order_id: int | None = None
    ordered_at: datetime | None = None
    matures_at: datetime | None = None
    counted_before: dict[str, int] | None = None
    round: int = 0
    referrer_points: int = 0
    friend_points: int = 0
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a referral."""

    at: datetime
    state: str
    actor: str
    reasons: tuple[str, ...]


def add_referral(session: Session, one: Referral) -> None:
    """Store a claim."""
    row = asdict(one)
    row["id"] = row.pop("referral_id")
    session.execute(insert(referral), [row])
    add_event(session, one, one.claimed_at, "friend")


def find_referral(
    session: Session, programme_id: UUID, referral_id: UUID, *, for_update: bool = False
) -> Referral | None:
    """Return one referral of the programme; locked until the transaction ends if asked."""
    query = select(referral).where(referral.c.programme_id == programme_id, referral.c.id == referral_id)
    row = session.execute(query.with_for_update() if for_update else query).one_or_none()
    return None if row is None else _from_row(row)


def get_referral(session: Session, programme_id: UUID, referral_id: UUID, *, for_update: bool = False) -> Referral:
    """Return one referral of the programme.

    Raises:
        NotFound: there is none.
    """
    if (found := find_referral(session, programme_id, referral_id, for_update=for_update)) is None:
        raise NotFound("no such referral")
    return found


def find_by_friend(session: Session, programme_id: UUID, friend_keys: Collection[str]) -> Referral | None:
    """Return the referral of a friend, by any of their keyed names."""
    mine = (referral.c.programme_id == programme_id, referral.c.friend_key.in_(list(friend_keys)))
    row = session.execute(select(referral).where(*mine).order_by(unindexed(referral.c.id)).limit(1)).one_or_none()
    return None if row is None else _from_row(row)


def list_by_codes(
    session: Session, programme_id: UUID, shop_id: UUID, codes: Collection[str], *, for_update: bool = False
) -> list[Referral]:
    """List the shop's referrals with any of these codes, by id; a code is the same in capitals and in small letters."""
    wanted = sorted({code.upper() for code in codes if code.isascii() and code.isprintable()})
    if not wanted:
        return []
    of_shop = (referral.c.programme_id == programme_id, referral.c.shop_id == shop_id)
    query = select(referral).where(*of_shop, referral.c.code.in_(wanted)).order_by(unindexed(referral.c.id))
    return [_from_row(row) for row in session.execute(query.with_for_update() if for_update else query)]


def list_of_referrer(session: Session, programme_id: UUID, referrer_id: UUID) -> list[Referral]:
    """List whom a member brought, oldest first."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == referrer_id)
    rows = session.execute(select(referral).where(*mine).order_by(referral.c.claimed_at, referral.c.id))
    return [_from_row(row) for row in rows]


def list_counting(session: Session, programme_id: UUID, referrer_id: UUID) -> list[Referral]:
    """List a member's referrals whose orders count, oldest first."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == referrer_id)
    counting = select(referral).where(*mine, referral.c.state.in_(COUNTING))
    return [_from_row(row) for row in session.execute(counting.order_by(referral.c.claimed_at, referral.c.id))]


def list_of_friend(session: Session, programme_id: UUID, customers: Collection[tuple[UUID, int]]) -> list[Referral]:
    """List the referrals in which these (shop, customer) are the friend."""
    numbers = sorted({customer_id for _, customer_id in customers})
    theirs = or_(referral.c.claimed_by.in_(numbers), referral.c.friend_customer_id.in_(numbers))
    rows = session.execute(select(referral).where(referral.c.programme_id == programme_id, theirs))
    return [one for one in map(_from_row, rows) if {one.claimed_by, one.friend_customer_id} & _at(one, customers)]


def list_in_state(
    session: Session, programme_id: UUID, shop_id: UUID, states: Sequence[str], limit: int
) -> list[Referral]:
    """List a shop's referrals in any of these states, longest waiting first."""
    mine = (referral.c.programme_id == programme_id, referral.c.shop_id == shop_id)
    by_age = (referral.c.claimed_at, referral.c.id)
    rows = session.execute(
        select(referral).where(*mine, referral.c.state.in_(list(states))).order_by(*by_age).limit(limit)
    )
    return [_from_row(row) for row in rows]


def list_newest(
    session: Session, programme_id: UUID, shop_id: UUID, states: Sequence[str] | None, limit: int
) -> list[Referral]:
    """List a shop's referrals, newest first; only those in some states where these are given."""
    mine = [referral.c.programme_id == programme_id, referral.c.shop_id == shop_id]
    if states is not None:
        mine.append(referral.c.state.in_(list(states)))
    by_age = (referral.c.claimed_at.desc(), referral.c.id.desc())
    return [_from_row(row) for row in session.execute(select(referral).where(*mine).order_by(*by_age).limit(limit))]


def count_by_state(session: Session, programme_id: UUID, shop_id: UUID) -> dict[str, int]:
    """Count a shop's referrals by state."""
    mine = (referral.c.programme_id == programme_id, referral.c.shop_id == shop_id)
    rows = session.execute(select(referral.c.state, func.count()).where(*mine).group_by(referral.c.state))
    return {state: int(count) for state, count in rows}


def tally_of_referrer(session: Session, programme_id: UUID, referrer_id: UUID) -> tuple[int, int]:
    """Say how many friends of a member count, and how many points stand given for them."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == referrer_id)
    query = select(func.count(), func.coalesce(func.sum(referral.c.referrer_points), 0))
    row = session.execute(query.where(*mine, referral.c.state.in_(("waiting", "rewarded")))).one()
    return int(row[0]), int(row[1])


def count_claims(session: Session, one: Referral, within: timedelta) -> int:
    """Count the claims of the same member's friends that came shortly before this one."""
    mine = (referral.c.programme_id == one.programme_id, referral.c.referrer_id == one.referrer_id)
    lately = (referral.c.claimed_at > one.claimed_at - within, referral.c.claimed_at <= one.claimed_at)
    earlier = or_(referral.c.claimed_at < one.claimed_at, referral.c.id < one.referral_id)
    query = select(func.count()).select_from(referral).where(*mine, *lately, earlier)
    return int(session.scalar(query.where(referral.c.id != one.referral_id)) or 0)


def count_claims_since(session: Session, programme_id: UUID, referrer_id: UUID, since: datetime) -> int:
    """Count a member's claims since an instant."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == referrer_id)
    query = select(func.count()).select_from(referral).where(*mine, referral.c.claimed_at > since)
    return int(session.scalar(query) or 0)


def list_events(session: Session, programme_id: UUID, referral_id: UUID) -> list[Event]:
    """Tell a referral's steps, oldest first."""
    mine = (referral_event.c.programme_id == programme_id, referral_event.c.referral_id == referral_id)
    rows = session.execute(select(referral_event).where(*mine).order_by(referral_event.c.id))
    return [Event(row.at, row.state, row.actor, tuple(row.reasons)) for row in rows]


def add_event(session: Session, one: Referral, at: datetime, actor: str) -> None:
    """Append a step."""
    row = {
        "programme_id": one.programme_id,
        "id": new_id(),
        "referral_id": one.referral_id,
        "at": at,
        "state": one.state,
        "actor": actor,
        "reasons": list(one.reasons),
    }
    session.execute(insert(referral_event), [row])


def _at(one: Referral, customers: Collection[tuple[UUID, int]]) -> set[int | None]:
    return {customer_id for shop_id, customer_id in customers if shop_id == one.shop_id}


def _from_row(row: Row[Any]) -> Referral:
    values = row._asdict()
    values |= {"reasons": tuple(values["reasons"]), "unchecked": tuple(values["unchecked"])}
    return Referral(referral_id=values.pop("id"), **values)

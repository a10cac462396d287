"""Members: found by alias, made when first seen, joined and left."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among, new_id, unindexed
from plugin.errors import NotFound
from plugin.members.tables import alias, member

AliasKey = tuple[UUID, UUID, int]
_CARD_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Member:
    """A shopper we know. `standing` is waiting, joined, left, merged or forgotten; only a joined one earns and spends.

    `left_at` is set while they are out of the programme; `moved_at` is when they last left an account that others stayed in.
    """

    programme_id: UUID
    member_id: UUID
    account_id: UUID
    standing: str
    has_account: bool | None
    card_number: str
    joined_at: datetime | None
    left_at: datetime | None = None
    moved_at: datetime | None = None


def find_member(session: Session, programme_id: UUID, shop_id: UUID, customer_id: int) -> Member | None:
    """Return the member behind a Shopify customer, if we have seen them."""
    return find_members(session, [(programme_id, shop_id, customer_id)]).get((programme_id, shop_id, customer_id))


def find_members(session: Session, keys: Collection[AliasKey]) -> dict[AliasKey, Member]:
    """Return the members behind several (programme, shop, customer) aliases; unknown ones are left out."""
    if not keys:
        return {}
    rows = session.execute(
        select(member, alias.c.shop_id, alias.c.customer_id)
        .join(alias, (alias.c.programme_id == member.c.programme_id) & (alias.c.member_id == member.c.id))
        .where(among((alias.c.programme_id, alias.c.shop_id, alias.c.customer_id), keys))
    )
    return {(row.programme_id, row.shop_id, row.customer_id): _member(row) for row in rows}


def get_member(session: Session, programme_id: UUID, member_id: UUID) -> Member:
    """Return one member.

    Raises:
        NotFound: no such member of this programme.
    """
    same = (member.c.programme_id == programme_id, member.c.id == member_id)
    if (row := session.execute(select(member).where(*same)).one_or_none()) is None:
        raise NotFound("no such member")
    return _member(row)


def list_members(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> list[Member]:
    """List these members, whatever their standing, in the order of their ids."""
    mine = (member.c.programme_id == programme_id, member.c.id.in_(sorted(member_ids)))
    return [_member(row) for row in session.execute(select(member).where(*mine).order_by(member.c.id))]


def next_members(session: Session, programme_id: UUID, behind_id: UUID | None, limit: int) -> list[Member]:
    """List the next present members of a programme, in the order of their ids."""
    mine = (member.c.programme_id == programme_id, member.c.standing.not_in(("merged", "forgotten")))
    query = select(member).where(*mine).order_by(member.c.id).limit(limit)
    query = query if behind_id is None else query.where(member.c.id > behind_id)
    return [_member(row) for row in session.execute(query)]


def list_merged_into(
    session: Session, programme_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Return who was merged into each of these members, directly or through others; those without are left out."""
    owner = {one: one for one in member_ids}
    found: dict[UUID, tuple[UUID, ...]] = {}
    newest = set(owner)
    while newest:
        merged = (member.c.programme_id == programme_id, member.c.merged_into_id.in_(sorted(newest)))
        rows = session.execute(
            select(member.c.id, member.c.merged_into_id).where(*merged).order_by(unindexed(member.c.id))
        ).all()
        newest = {row.id for row in rows} - owner.keys()
        for row in rows:
            owner[row.id] = owner[row.merged_into_id]
            found[owner[row.id]] = (*found.get(owner[row.id], ()), row.id)
    return found


def draft_member(key: AliasKey, now: datetime, *, has_account: bool | None, joins: bool) -> Member:
    """Make a member for an alias not seen before; `add_members` stores it."""
    programme_id, _, _ = key
    return Member(
        programme_id=programme_id,
        member_id=new_id(),
        account_id=new_id(),
        standing="joined" if joins else "waiting",
        has_account=has_account,
        card_number=_new_card_number(),
        joined_at=now if joins else None,
    )


def add_members(session: Session, drafts: dict[AliasKey, Member], now: datetime) -> None:
    """Store drafted members with their first aliases; their accounts must be open."""
    if not drafts:
        return
    rows = [
        {
            "programme_id": one.programme_id,
            "id": one.member_id,
            "account_id": one.account_id,
            "standing": one.standing,
            "has_account": one.has_account,
            "card_number": one.card_number,
            "seen_at": now,
            "joined_at": one.joined_at,
        }
        for one in drafts.values()
    ]
    aliases = [
        {
            "programme_id": programme_id,
            "shop_id": shop_id,
            "customer_id": customer_id,
            "member_id": one.member_id,
            "created_at": now,
        }
        for (programme_id, shop_id, customer_id), one in drafts.items()
    ]
    session.execute(insert(member), rows)
    session.execute(insert(alias), aliases)


def set_standing(session: Session, one: Member, standing: str, now: datetime) -> None:
    """Let a member join or leave; the first joining date is kept."""
    joined_at = one.joined_at or (now if standing == "joined" else None)
    _update(session, one, standing=standing, joined_at=joined_at, left_at=now if standing == "left" else None)


def set_has_account(session: Session, one: Member, *, has_account: bool) -> None:
    """Remember whether the customer has an account in the shop."""
    _update(session, one, has_account=has_account)


def list_aliases(session: Session, programme_id: UUID, member_id: UUID) -> list[tuple[UUID, int]]:
    """List (shop id, customer id) of a member."""
    rows = session.execute(
        select(alias.c.shop_id, alias.c.customer_id)
        .where(alias.c.programme_id == programme_id, alias.c.member_id == member_id)
        .order_by(unindexed(alias.c.shop_id), alias.c.customer_id)
    )
    return [(row.shop_id, row.customer_id) for row in rows]


def list_members_of_account(session: Session, programme_id: UUID, account_id: UUID) -> list[Member]:
    """List the people who share an account now, in the order of their ids; those merged into others or forgotten are none."""
    mine = (member.c.programme_id == programme_id, member.c.account_id == account_id)
    present = member.c.standing.not_in(("merged", "forgotten"))
    rows = session.execute(select(member).where(*mine, present).order_by(unindexed(member.c.id)))
    return [_member(row) for row in rows]


def list_members_of_accounts(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> list[UUID]:
    """List the ids of the people who have these accounts now."""
    mine = (member.c.programme_id == programme_id, member.c.account_id.in_(sorted(account_ids)))
    present = member.c.standing.not_in(("merged", "forgotten"))
    return list(session.execute(select(member.c.id).where(*mine, present).order_by(unindexed(member.c.id))).scalars())


def add_alias(session: Session, key: AliasKey, member_id: UUID, now: datetime) -> None:
    """Let one more customer id stand for a member, unless somebody gave it to one in this very moment."""
    programme_id, shop_id, customer_id = key
    row = {"programme_id": programme_id, "shop_id": shop_id, "customer_id": customer_id}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(alias).values(**row, member_id=member_id, created_at=now).on_conflict_do_nothing())


def absorb_member(session: Session, loser: Member, winner: Member) -> None:
    """Let all aliases of one member stand for another, who keeps the better of both: an account, a standing, the first joining date."""
    mine = (alias.c.programme_id == loser.programme_id, alias.c.member_id == loser.member_id)
    session.execute(update(alias).where(*mine).values(member_id=winner.member_id))
    _update(session, loser, standing="merged", merged_into_id=winner.member_id)
    is_joined = "joined" in {loser.standing, winner.standing}
    dates = [one for one in (loser.joined_at, winner.joined_at) if one]
    moves = [one for one in (loser.moved_at, winner.moved_at) if one]
    _update(
        session,
        winner,
        standing="joined" if is_joined else winner.standing,
        left_at=None if is_joined else winner.left_at,
        has_account=loser.has_account or winner.has_account,
        joined_at=min(dates, default=None),
        moved_at=max(moves, default=None),
    )


def move_members(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let everybody who has the one account have the other."""
    mine = (member.c.programme_id == programme_id, member.c.account_id == loser_id)
    session.execute(update(member).where(*mine).values(account_id=winner_id))


def set_account(session: Session, one: Member, account_id: UUID, *, moved_at: datetime | None = None) -> None:
    """Let a member have another account; `moved_at` is given where others stay in the old one."""
    values: dict[str, object] = {"account_id": account_id}
    if moved_at is not None:
        values["moved_at"] = moved_at
    _update(session, one, **values)


def _update(session: Session, one: Member, **values: object) -> None:
    same = (member.c.programme_id == one.programme_id, member.c.id == one.member_id)
    session.execute(update(member).where(*same).values(**values))


def _member(row: Row[tuple[object, ...]]) -> Member:
    return Member(
        row.programme_id,
        row.id,
        row.account_id,
        row.standing,
        row.has_account,
        row.card_number,
        row.joined_at,
        row.left_at,
        row.moved_at,
    )


def _new_card_number() -> str:
    digits = str(secrets.randbelow(9 * 10 ** (_CARD_DIGITS - 1)) + 10 ** (_CARD_DIGITS - 1))
    return digits + _luhn_digit(digits)


def _luhn_digit(digits: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)

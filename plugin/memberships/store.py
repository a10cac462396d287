"""Keep purchases and holdings. Orders bring purchases, the slow lane settles them, and neither waits for the other's locks.

An order of somebody who left a household is told on the household's account, so the lock of the buyer's own account does not hold
it up. What is settled is therefore marked by what it said when it was read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.facts import Bought
from plugin.memberships.tables import membership_holding, membership_purchase

OrderKey = tuple[UUID, UUID, int]
MemberKey = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Purchase:
    """A line that bought terms for a member. `first_member_id` is whose it was first: merges change the owner, not that.

    `is_void`: the order is not this member's any more, or no longer buys a membership.
    """

    programme_id: UUID
    shop_id: UUID
    order_id: int
    line_id: int
    first_member_id: UUID
    member_id: UUID
    document_version: int
    bought: Bought
    is_void: bool = False

    @property
    def reference(self) -> str:
        """What awards for this purchase are called by, before the word that tells which."""
        return f"membership:{self.bought.membership_id}:{self.first_member_id}:{self.shop_id}:{self.order_id}:{self.line_id}"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a member holds of a membership: its present or latest unbroken time, and until when its perks last."""

    membership_id: str
    starts_at: datetime
    ends_at: datetime
    perks_until: datetime
    next_due_at: datetime | None = None


def find_of_orders(session: Session, keys: Collection[OrderKey]) -> dict[OrderKey, list[Purchase]]:
    """Return what is kept of these orders."""
    columns = membership_purchase.c
    rows = session.execute(
        select(membership_purchase).where(among((columns.programme_id, columns.shop_id, columns.order_id), keys))
    )
    found: dict[OrderKey, list[Purchase]] = {}
    for row in rows:
        found.setdefault((row.programme_id, row.shop_id, row.order_id), []).append(_purchase(row))
    return found


def find_of_members(session: Session, keys: Collection[MemberKey]) -> dict[MemberKey, list[Purchase]]:
    """Return all purchases of these members, void ones too, in one fixed sequence."""
    if not keys:
        return {}
    columns = membership_purchase.c
    rows = session.execute(select(membership_purchase).where(among((columns.programme_id, columns.member_id), keys)))
    found: dict[MemberKey, list[Purchase]] = {}
    for one in sorted(map(_purchase, rows), key=lambda one: (one.bought.placed_at, one.order_id, one.line_id)):
        found.setdefault((one.programme_id, one.member_id), []).append(one)
    return found


def replace_purchases(session: Session, gone: Iterable[Purchase], come: Sequence[Purchase]) -> None:
    """Put purchases in the place of others, in the order of their keys; all of them wait to be settled then."""
    for one in sorted(gone, key=_place):
        session.execute(delete(membership_purchase).where(*_same(one)))
    if come:
        session.execute(insert(membership_purchase), [_row(one) for one in sorted(come, key=_place)])


def list_unsettled(session: Session, now: datetime, limit: int) -> list[MemberKey]:
    """List members for whom something changed, or on whose holdings something is due."""
    purchases, holdings = membership_purchase.c, membership_holding.c
    changed = select(purchases.programme_id, purchases.member_id).where(purchases.is_settled.is_(False))
    due = select(holdings.programme_id, holdings.member_id).where(holdings.next_due_at <= now)
    found: dict[MemberKey, None] = {}
    for query in (changed, due):
        for row in session.execute(query.distinct().limit(limit)):
            found[row.programme_id, row.member_id] = None
    return list(found)[:limit]


def mark_settled(session: Session, purchases: Sequence[Purchase]) -> None:
    """Note that these are accounted for as they stand here; what has come or changed since they were read still waits."""
    rows = [{f"of_{name}": value for name, value in _row(one).items()} for one in sorted(purchases, key=_place)]
    if rows:
        columns = [column for column in membership_purchase.c if column.name != "is_settled"]
        same = [one.is_not_distinct_from(bindparam(f"of_{one.name}", type_=one.type)) for one in columns]
        settled = update(membership_purchase).where(*same, membership_purchase.c.is_settled.is_(False))
        session.connection().execute(settled.values(is_settled=True), rows)


def keep_holdings(session: Session, key: MemberKey, holdings: Sequence[Holding]) -> None:
    """Replace what a member holds."""
    columns = membership_holding.c
    session.execute(delete(membership_holding).where(columns.programme_id == key[0], columns.member_id == key[1]))
    if holdings:
        names = ("membership_id", "starts_at", "ends_at", "perks_until", "next_due_at")
        rows = [{name: getattr(one, name) for name in names} for one in holdings]
        session.execute(
            insert(membership_holding), [{"programme_id": key[0], "member_id": key[1]} | row for row in rows]
        )


def list_holdings(session: Session, programme_id: UUID, member_id: UUID) -> list[Holding]:
    """List what a member holds or held, by the membership's id."""
    columns = membership_holding.c
    mine = (columns.programme_id == programme_id, columns.member_id == member_id)
    rows = session.execute(select(membership_holding).where(*mine).order_by(columns.membership_id))
    return [Holding(row.membership_id, row.starts_at, row.ends_at, row.perks_until, row.next_due_at) for row in rows]


def follow_member(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let what one member bought be another's, who is the same person; it is settled anew."""
    columns = membership_purchase.c
    mine = (columns.programme_id == programme_id, or_(columns.member_id == loser_id, columns.member_id == winner_id))
    session.execute(update(membership_purchase).where(*mine).values(member_id=winner_id, is_settled=False))
    keep_holdings(session, (programme_id, loser_id), [])


def drop_of_members(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what these members bought and hold; the points it gave stay."""
    for table in (membership_holding, membership_purchase):
        mine = (table.c.programme_id == programme_id, table.c.member_id.in_(sorted(member_ids)))
        session.execute(delete(table).where(*mine))


def _place(one: Purchase) -> tuple[UUID, UUID, int, int, UUID]:
    return one.programme_id, one.shop_id, one.order_id, one.line_id, one.first_member_id


def _same(one: Purchase) -> tuple[Any, ...]:
    columns = membership_purchase.c
    return (
        columns.programme_id == one.programme_id,
        columns.shop_id == one.shop_id,
        columns.order_id == one.order_id,
        columns.line_id == one.line_id,
        columns.first_member_id == one.first_member_id,
    )


def _row(one: Purchase) -> Mapping[str, Any]:
    return {
        "programme_id": one.programme_id,
        "shop_id": one.shop_id,
        "order_id": one.order_id,
        "line_id": one.line_id,
        "first_member_id": one.first_member_id,
        "member_id": one.member_id,
        "membership_id": one.bought.membership_id,
        "offer_id": one.bought.offer_id,
        "document_version": one.document_version,
        "units": one.bought.units,
        "placed_at": one.bought.placed_at,
        "length_unit": one.bought.length_unit,
        "length_count": one.bought.length_count,
        "grace_days": one.bought.grace_days,
        "ended_at": one.bought.ended_at,
        "is_void": one.is_void,
        "is_settled": False,
    }


def _purchase(row: Row[tuple[Any, ...]]) -> Purchase:
    which = (row.membership_id, row.offer_id, row.line_id, row.units, row.placed_at)
    bought = Bought(*which, row.length_unit, row.length_count, row.grace_days, row.ended_at)
    return Purchase(
        row.programme_id,
        row.shop_id,
        row.order_id,
        row.line_id,
        row.first_member_id,
        row.member_id,
        row.document_version,
        bought,
        row.is_void,
    )

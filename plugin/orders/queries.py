"""Questions about order states, and marks set on them, that need no lock of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.facts import Context, OrderSnapshot
from plugin.orders.codec import dump_context, load_context, load_snapshot, read_context, updated_at_of
from plugin.orders.states import OrderKey
from plugin.orders.tables import order_state, order_target


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits for a fetch: of itself or of its products. `touched_at` is the touch this fetch will answer."""

    order_id: int
    needs: str
    touched_at: datetime | None
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An order as a replay needs it: its newest snapshot, its frozen context, and why it gave nothing, if it did not.

    Of a forgotten person's order, and of one that waits to be evaluated, there is no snapshot to tell; `points` is what it has given.
    """

    key: OrderKey
    account_id: UUID
    snapshot: OrderSnapshot | None
    context: Context
    why_nothing: str | None
    placed_at: datetime
    points: int


_PAGE = 5000
"""A statement names no more: PostgreSQL takes 65 535 parameters."""
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def find_rival_claims(session: Session, order_ids: Collection[int]) -> dict[int, set[tuple[UUID, UUID]]]:
    """Say which (programme, shop) claim each of these orders and are not known to be wrong.

    Shopify's order ids are unique over all shops, but the header that names the shop is not signed: two claims mean that one of
    the deliveries was a replay.
    """
    claims: dict[int, set[tuple[UUID, UUID]]] = {}
    rows = session.execute(
        select(order_state.c.order_id, order_state.c.programme_id, order_state.c.shop_id).where(
            order_state.c.order_id.in_(sorted(order_ids)), order_state.c.ownership != "foreign"
        )
    )
    for order_id, programme_id, shop_id in rows:
        claims.setdefault(order_id, set()).add((programme_id, shop_id))
    return claims


def list_orders_of_customers(session: Session, keys: Collection[tuple[UUID, UUID, int]]) -> list[OrderKey]:
    """List the orders that name one of these (programme, shop, customer)."""
    if not keys:
        return []
    named = among((order_state.c.programme_id, order_state.c.shop_id, order_state.c.customer_id), keys)
    rows = session.execute(
        select(order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id).where(named)
    )
    return [(programme_id, shop_id, order_id) for programme_id, shop_id, order_id in rows]


def list_orders_of_account(session: Session, programme_id: UUID, account_id: UUID) -> list[OrderKey]:
    """List the orders that are told on an account."""
    mine = (order_state.c.programme_id == programme_id, order_state.c.account_id == account_id)
    rows = session.execute(select(order_state.c.shop_id, order_state.c.order_id).where(*mine))
    return [(programme_id, shop_id, order_id) for shop_id, order_id in rows]


def orders_told_on(session: Session, accounts: Collection[tuple[UUID, UUID]]) -> list[Told]:
    """List what is told of the orders that give to these accounts (programme, account), or would if they gave anything."""
    mine = among((order_state.c.programme_id, order_state.c.account_id), accounts)
    same = (order_target.c.programme_id == order_state.c.programme_id) & (
        order_target.c.shop_id == order_state.c.shop_id
    )
    given = select(func.coalesce(func.sum(order_target.c.points), 0)).where(
        same, order_target.c.order_id == order_state.c.order_id
    )
    rows = session.execute(select(order_state, given.scalar_subquery().label("points")).where(mine))
    return [
        Told(
            (row.programme_id, row.shop_id, row.order_id),
            row.account_id,
            load_snapshot(row.snapshot) if row.snapshot and not _is_unsettled(row) else None,
            load_context(row.context),
            row.why_nothing,
            row.placed_at,
            int(row.points),
        )
        for row in sorted(rows, key=lambda row: (row.shop_id, row.order_id))
        if row.context is not None and row.placed_at is not None
    ]


def _is_unsettled(row: Any) -> bool:
    """Whether what the order posted is not of its newest snapshot: that one waits for product facts, or for proof of its owner."""
    return bool(row.needs == "products" or row.ownership == "disputed")


def shops_with_needs(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """List the shops that have orders waiting for a fetch that is due."""
    rows = session.execute(select(order_state.c.shop_id).where(*_waits(now)).distinct().limit(limit))
    return [shop_id for (shop_id,) in rows]


def orders_with_needs(session: Session, programme_id: UUID, shop_id: UUID, now: datetime, limit: int) -> list[Waiting]:
    """List one shop's orders whose fetch is due."""
    mine = (order_state.c.programme_id == programme_id, order_state.c.shop_id == shop_id)
    rows = session.execute(
        select(order_state.c.order_id, order_state.c.needs, order_state.c.touched_at, order_state.c.snapshot)
        .where(*mine, *_waits(now))
        .order_by(order_state.c.order_id)
        .limit(limit)
    )
    return [Waiting(r.order_id, "order" if r.touched_at else r.needs, r.touched_at, r.snapshot) for r in rows]


def mark_touched(session: Session, keys: Collection[OrderKey], now: datetime) -> None:
    """Ask for the newest state of these orders to be fetched; a fetch begun before `now` does not count as the answer."""
    if keys:
        ask = {"touched_at": now, "attempts": 0, "next_try_at": now}
        session.execute(update(order_state).where(_among(keys)).values(**ask))


def put_off(session: Session, keys: Collection[OrderKey], next_try_at: datetime) -> None:
    """Try the fetch of these orders again later."""
    if keys:
        _lock_in_order(session, keys)
        later = {"attempts": order_state.c.attempts + 1, "next_try_at": next_try_at}
        session.execute(update(order_state).where(_among(keys)).values(**later))


def freeze_orders(session: Session, keys: Collection[OrderKey]) -> None:
    """Take the customer out of these orders and let nothing change them again; what they gave stays."""
    gone = dict.fromkeys(("snapshot", "customer_id", "needs", "touched_at", "next_try_at"))
    ordered = sorted(keys)
    for start in range(0, len(ordered), _PAGE):
        page = ordered[start : start + _PAGE]
        _lock_in_order(session, page)
        session.execute(update(order_state).where(_among(page)).values(is_frozen=True, **gone))
        _forget_tags(session, page)


def _forget_tags(session: Session, keys: Collection[OrderKey]) -> None:
    """Take the customer's tags out of these orders' contexts; the rest of a context is what the books are proved by."""
    columns = order_state.c
    tagged = _among(keys) & columns.context.like('%"customer_tags":[%')
    of_order = [columns[name] == bindparam(f"of_{name}") for name in ("programme_id", "shop_id", "order_id")]
    rows = [
        {
            "of_programme_id": row.programme_id,
            "of_shop_id": row.shop_id,
            "of_order_id": row.order_id,
            "untagged": dump_context(replace(read_context(row.context), customer_tags=None)),
        }
        for row in session.execute(
            select(columns.programme_id, columns.shop_id, columns.order_id, columns.context).where(tagged)
        )
    ]
    if rows:
        session.connection().execute(update(order_state).where(*of_order).values(context=bindparam("untagged")), rows)


def list_orders_of_shop(session: Session, programme_id: UUID, shop_id: UUID) -> list[OrderKey]:
    """List all orders of a shop."""
    rows = session.execute(
        select(order_state.c.order_id).where(
            order_state.c.programme_id == programme_id, order_state.c.shop_id == shop_id
        )
    )
    return [(programme_id, shop_id, order_id) for (order_id,) in rows]


def known_states(
    session: Session, programme_id: UUID, shop_id: UUID, order_ids: Collection[int]
) -> dict[int, datetime]:
    """Say how new our states of these orders are, in Shopify's time; unknown orders are left out, frozen ones are never old."""
    rows = session.execute(
        select(order_state.c.order_id, order_state.c.snapshot_key, order_state.c.is_frozen).where(
            order_state.c.programme_id == programme_id,
            order_state.c.shop_id == shop_id,
            order_state.c.order_id.in_(sorted(order_ids)),
        )
    )
    return {
        order_id: _FAR_FUTURE if is_frozen else updated_at_of(snapshot_key)
        for order_id, snapshot_key, is_frozen in rows
        if is_frozen or snapshot_key
    }


def challenge_claims(session: Session, claims: Collection[OrderKey], now: datetime) -> None:
    """Ask for proof of claims that a rival contests; what they gave stays until the answer."""
    if claims:
        unproven = order_state.c.ownership == "unchallenged"
        ask = {"ownership": "disputed", "needs": "order", "attempts": 0, "next_try_at": now}
        session.execute(update(order_state).where(_among(claims), unproven).values(**ask))


def _lock_in_order(session: Session, keys: Collection[OrderKey]) -> None:
    """Lock orders as everybody does, by their keys: an UPDATE of several rows promises no order."""
    by_key = (order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id)
    session.execute(select(order_state.c.order_id).where(_among(keys)).order_by(*by_key).with_for_update()).all()


def _among(keys: Collection[OrderKey]) -> ColumnElement[bool]:
    return among((order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id), keys)


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    waiting = or_(order_state.c.needs.is_not(None), order_state.c.touched_at.is_not(None))
    return waiting, _is_due(now), order_state.c.is_frozen.is_(False)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(order_state.c.next_try_at.is_(None), order_state.c.next_try_at <= now)

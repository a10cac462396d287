"""Back-fills kept while they are worked through, page by page: where the next page begins, and what each order would give or gave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.orders.backfill_tables import WORKING, backfill, backfill_order


@dataclass(frozen=True, slots=True)
class NewBackfill:
    """What a merchant asks for: orders placed from `since` until just before `until`, under one version of the document.

    `asked_since` is what was asked where not all of that can be reached.
    """

    programme_id: UUID
    shop_id: UUID
    since: datetime
    until: datetime
    asked_since: datetime
    document_version: int
    actor: str


@dataclass(frozen=True, slots=True)
class Backfill:
    """A back-fill as it stands: counting, counted, running, done or cancelled.

    `cursor` is where the next page begins, `reached_at` when the newest order seen so far was placed. `fault` says why it does not
    get on at the moment.
    """

    programme_id: UUID
    backfill_id: UUID
    shop_id: UUID
    state: str
    since: datetime
    until: datetime
    asked_since: datetime
    document_version: int
    actor: str
    cursor: str | None
    reached_at: datetime | None
    fault: str | None
    created_at: datetime
    counted_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_working(self) -> bool:
        """Whether pages are left to be worked on."""
        return self.state in WORKING


@dataclass(frozen=True, slots=True)
class PastOrder:
    """One order in a back-fill: points it gives more than it has given already, and why it gives nothing where that is so.

    `lapsed` are those points whose term is over by now.
    """

    order_id: int
    customer_id: int | None
    points: int
    why: str | None = None
    lapsed: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """Orders of a back-fill added up: all, those that give points, whose they are, and points in all."""

    orders: int
    giving: int
    customers: int
    points: int


@dataclass(frozen=True, slots=True)
class Count:
    """What a back-fill would give (`expected`, of which `lapsed` would have expired already) and gave (`given`); reasons counted."""

    expected: Sum
    given: Sum
    lapsed: int
    whys: Mapping[str, int]


def add_backfill(session: Session, new: NewBackfill, now: datetime) -> Backfill:
    """Keep a back-fill, to be counted first."""
    backfill_id = new_id()
    values = {name: getattr(new, name) for name in NewBackfill.__dataclass_fields__}
    session.execute(insert(backfill).values(id=backfill_id, state="counting", created_at=now, **values))
    return get_backfill(session, new.programme_id, backfill_id)


def get_backfill(session: Session, programme_id: UUID, backfill_id: UUID, *, is_locked: bool = False) -> Backfill:
    """Return a back-fill; locked, nobody else changes it until the transaction ends.

    Raises:
        NotFound: this programme has no such back-fill.
    """
    query = select(backfill).where(backfill.c.programme_id == programme_id, backfill.c.id == backfill_id)
    row = session.execute(query.with_for_update() if is_locked else query).one_or_none()
    if row is None:
        raise NotFound("no such back-fill")
    return _kept(row)


def list_backfills(session: Session, programme_id: UUID, shop_id: UUID, limit: int) -> list[Backfill]:
    """List a shop's back-fills, newest first."""
    mine = (backfill.c.programme_id == programme_id, backfill.c.shop_id == shop_id)
    return [
        _kept(row) for row in session.execute(select(backfill).where(*mine).order_by(backfill.c.id.desc()).limit(limit))
    ]


def is_any_working(session: Session, programme_id: UUID, shop_id: UUID) -> bool:
    """Say whether one of a shop's back-fills is being worked on."""
    mine = (backfill.c.programme_id == programme_id, backfill.c.shop_id == shop_id, backfill.c.state.in_(WORKING))
    return session.execute(select(backfill.c.id).where(*mine).limit(1)).first() is not None


def list_working_backfills(session: Session, now: datetime, limit: int) -> list[tuple[UUID, UUID, UUID]]:
    """List (programme, back-fill, shop) of those with pages to be worked on now."""
    is_due = backfill.c.next_try_at.is_(None) | (backfill.c.next_try_at <= now)
    query = select(backfill.c.programme_id, backfill.c.id, backfill.c.shop_id).where(
        backfill.c.state.in_(WORKING), is_due
    )
    rows = session.execute(query.order_by(backfill.c.created_at).limit(limit))
    return [(row.programme_id, row.id, row.shop_id) for row in rows]


def change_backfill(session: Session, one: Backfill, **values: Any) -> None:
    """Write what changed of a back-fill; `fault` and its pause go with any step forward."""
    same = (backfill.c.programme_id == one.programme_id, backfill.c.id == one.backfill_id)
    session.execute(update(backfill).where(*same).values({"fault": None, "next_try_at": None} | values))


def save_expected(session: Session, one: Backfill, orders: Sequence[PastOrder]) -> None:
    """Note what these orders would give; noting it again changes nothing."""
    _save(session, [{**_row(one, order), "expected": order.points, "lapsed": order.lapsed} for order in orders])


def save_given(session: Session, one: Backfill, orders: Sequence[PastOrder]) -> None:
    """Note what these orders gave."""
    _save(session, [{**_row(one, order), "given": order.points} for order in orders])


def count_orders(session: Session, one: Backfill) -> Count:
    """Add up a back-fill's orders."""
    mine = (backfill_order.c.programme_id == one.programme_id, backfill_order.c.backfill_id == one.backfill_id)
    lapsed = select(func.coalesce(func.sum(backfill_order.c.lapsed), 0)).where(*mine)
    number = func.count()
    reasons = (
        select(backfill_order.c.why, number)
        .where(*mine, backfill_order.c.why.is_not(None))
        .group_by(backfill_order.c.why)
        .order_by(number.desc(), backfill_order.c.why)
    )
    return Count(
        expected=_summed(session, one, "expected"),
        given=_summed(session, one, "given"),
        lapsed=int(session.execute(lapsed).scalar_one()),
        whys={str(why): int(count) for why, count in session.execute(reasons)},
    )


def forget_customers(session: Session, programme_id: UUID, customers: Collection[tuple[UUID, int]]) -> None:
    """Forget whose orders these (shop, customer) were; what they gave stays."""
    for shop_id, customer_id in customers:
        mine = (backfill_order.c.programme_id == programme_id, backfill_order.c.shop_id == shop_id)
        theirs = backfill_order.c.customer_id == customer_id
        session.execute(update(backfill_order).where(*mine, theirs).values(customer_id=None))


def forget_all_customers(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Forget whose orders all back-fills of a shop were."""
    mine = (backfill_order.c.programme_id == programme_id, backfill_order.c.shop_id == shop_id)
    session.execute(update(backfill_order).where(*mine).values(customer_id=None))


def _summed(session: Session, one: Backfill, name: str) -> Sum:
    points, customer = backfill_order.c[name], backfill_order.c.customer_id
    row = session.execute(
        select(
            func.count(points),
            func.count().filter(points > 0),
            func.count(customer.distinct()).filter(points > 0),
            func.coalesce(func.sum(points), 0),
        ).where(backfill_order.c.programme_id == one.programme_id, backfill_order.c.backfill_id == one.backfill_id)
    ).one()
    return Sum(*(int(value) for value in row))


def _save(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(backfill_order)
    key = ("programme_id", "backfill_id", "order_id")
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=fresh), rows)


def _row(one: Backfill, order: PastOrder) -> dict[str, Any]:
    return {
        "programme_id": one.programme_id,
        "backfill_id": one.backfill_id,
        "order_id": order.order_id,
        "shop_id": one.shop_id,
        "customer_id": order.customer_id,
        "why": order.why,
    }


def _kept(row: Row[Any]) -> Backfill:
    names = [name for name in Backfill.__dataclass_fields__ if name != "backfill_id"]
    return Backfill(backfill_id=row.id, **{name: getattr(row, name) for name in names})

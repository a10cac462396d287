"""Order states: locked, changed in memory, saved set-wise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among, database_now
from plugin.facts import Context, OrderSnapshot
from plugin.orders.codec import dump_context, dump_snapshot, is_complete_key, load_context, load_snapshot, snapshot_key
from plugin.orders.tables import order_state, order_target

OrderKey = tuple[UUID, UUID, int]
_TARGET_OF = (order_target.c.programme_id, order_target.c.shop_id, order_target.c.order_id)


@dataclass(slots=True)
class OrderState:
    """One order, locked. `targets` says what it has given so far, by account; `needs` what must be fetched first.

    `account_id` is where it is told: the account that its customer had when it was placed, even where it gave nothing.
    `spend_micros` is the eligible spend it counts for, less refunds, in millionths; None where it does not count.
    `touched_at` is when something last happened to it that no body told whole; only a fetch begun after that settles it.
    `backfill_id` names the back-fill by which the merchant let it count although it is older than the shop's start line.
    """

    programme_id: UUID
    shop_id: UUID
    order_id: int
    snapshot: OrderSnapshot | None = None
    snapshot_text: str | None = None
    snapshot_key: str | None = None
    context: Context | None = None
    revision: int = 0
    member_id: UUID | None = None
    account_id: UUID | None = None
    why_nothing: str | None = None
    explanation: dict[str, Any] | None = None
    spend_micros: int | None = None
    needs: str | None = None
    touched_at: datetime | None = None
    ownership: str = "unchallenged"
    backfill_id: UUID | None = None
    is_frozen: bool = False
    attempts: int = 0
    next_try_at: datetime | None = None
    targets: dict[UUID, int] = field(default_factory=dict)
    previous: OrderSnapshot | None = None
    is_changed: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the newest state we know of came with all its facts."""
        return self.snapshot_key is not None and is_complete_key(self.snapshot_key)

    @property
    def has_moved(self) -> bool:
        """Whether the newest snapshot gives the order another date than the one that was stored before this batch."""
        now, before = self.snapshot, self.previous
        return before is not None and now is not None and before.placed_at != now.placed_at

    @property
    def key(self) -> OrderKey:
        """The order's identity: programme, shop, Shopify's order id."""
        return self.programme_id, self.shop_id, self.order_id

    @property
    def place(self) -> tuple[datetime, str]:
        """Orders give in the order in which they were placed, those of one instant as a replay tells them."""
        if self.snapshot is None:
            raise ValueError("an order without snapshot has no place among others")
        return self.snapshot.placed_at, str((self.shop_id, self.order_id))

    def absorb(self, snapshot: OrderSnapshot) -> bool:
        """Keep the newer of two snapshots; return whether this one is.

        A body that lacks facts says only that there is something newer: it asks for a fetch, and what the order was before stands
        until then. So does a claim that another shop disputes. A state that withholds its customer is of the customer another named.
        """
        key = snapshot_key(snapshot, dump_snapshot(snapshot))
        if self.is_frozen or key == self.snapshot_key:
            return False
        if self.snapshot_key is not None and key < self.snapshot_key:
            return self._learn_customer(snapshot)
        self.snapshot_key = key
        if snapshot.is_complete:
            if not self.is_changed:  # several states of a batch together replace the one that was stored
                self.previous, self.is_changed = self.snapshot, True
            self._keep(_with_customer(snapshot, self.snapshot))
        if self.touched_at is None:
            self.attempts, self.next_try_at = 0, None
        self._ask(snapshot)
        return True

    def admit(self, backfill_id: UUID, document_version: int) -> None:
        """Let an order from before the start line count under the version the merchant named; whoever admitted it first stays.

        Barred it gave nothing, so what was frozen with it until now has decided nothing yet.
        """
        if self.backfill_id is None and not self.is_frozen:
            self.backfill_id, self.context = backfill_id, Context(document_version)

    def _ask(self, newest: OrderSnapshot) -> None:
        """Say what must be fetched. What was kept and waits for its products goes on doing so: it has not been evaluated."""
        if self.needs == "products" and self.ownership != "disputed" and not newest.is_complete:
            self.touched_at = max(self.touched_at or newest.updated_at, newest.updated_at)
        else:
            self.needs = "order" if self.ownership == "disputed" or not newest.is_complete else None

    def _learn_customer(self, older: OrderSnapshot) -> bool:
        """Take from an older state whose the order is, where the newest withholds it; return whether that told anything."""
        if self.snapshot is None or self.snapshot.customer_standing != "unknown" or older.customer is None:
            return False
        self._keep(_with_customer(self.snapshot, older))
        return True

    def _keep(self, snapshot: OrderSnapshot) -> None:
        self.snapshot, self.snapshot_text = snapshot, dump_snapshot(snapshot)


def _with_customer(snapshot: OrderSnapshot, other: OrderSnapshot | None) -> OrderSnapshot:
    """Protected data may be withheld from one day to the next; an order does not lose its customer by that."""
    if snapshot.customer_standing != "unknown" or other is None or other.customer is None:
        return snapshot
    return replace(snapshot, customer=other.customer, customer_standing="present")


def lock_states(session: Session, keys: Collection[OrderKey], now: datetime) -> list[OrderState]:
    """Lock the orders, making empty states for new ones; in the order of their ids, so that batches cannot deadlock."""
    if not keys:
        return []
    _insert_missing(session, keys, now)
    mine = among((order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id), keys)
    by_id = (order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id)
    rows = session.execute(select(order_state).where(mine).order_by(*by_id).with_for_update())
    states = {(row.programme_id, row.shop_id, row.order_id): _state(row) for row in rows}
    _load_targets(session, states)
    return list(states.values())


def find_states(session: Session, keys: Collection[OrderKey]) -> list[OrderState]:
    """Read orders as they stand, unlocked, for a look ahead; one not seen before comes as an empty state."""
    mine = among((order_state.c.programme_id, order_state.c.shop_id, order_state.c.order_id), keys)
    states = {key: OrderState(*key) for key in keys}
    for row in session.execute(select(order_state).where(mine)):
        states[row.programme_id, row.shop_id, row.order_id] = _state(row)
    _load_targets(session, states)
    return list(states.values())


def save_states(session: Session, states: Sequence[OrderState]) -> None:
    """Write changed states and their targets."""
    if not states:
        return
    changing = [name.removeprefix("new_") for name in _row(states[0]) if name.startswith("new_")]
    statement = (
        update(order_state)
        .where(
            order_state.c.programme_id == bindparam("of_programme"),
            order_state.c.shop_id == bindparam("of_shop"),
            order_state.c.order_id == bindparam("of_order"),
        )
        .values({name: bindparam(f"new_{name}") for name in changing} | {"changed_at": database_now()})
    )
    session.connection().execute(statement, [_row(state) for state in states])


def save_targets(session: Session, state_targets: Iterable[tuple[OrderState, dict[UUID, int]]]) -> None:
    """Replace the orders' targets by new ones; zero targets are not kept."""
    changed = list(state_targets)
    if stale := [state.key for state, _ in changed if state.targets]:
        session.execute(delete(order_target).where(among(_TARGET_OF, stale)))
    rows = [
        {
            "programme_id": state.programme_id,
            "shop_id": state.shop_id,
            "order_id": state.order_id,
            "account_id": account_id,
            "points": points,
        }
        for state, targets in changed
        for account_id, points in targets.items()
        if points
    ]
    if rows:
        session.execute(insert(order_target), rows)
    for state, targets in changed:
        state.targets = {account_id: points for account_id, points in targets.items() if points}


def _insert_missing(session: Session, keys: Collection[OrderKey], now: datetime) -> None:
    rows = [
        {
            "programme_id": programme_id,
            "shop_id": shop_id,
            "order_id": order_id,
            "revision": 0,
            "ownership": "unchallenged",
            "is_frozen": False,
            "attempts": 0,
            "seen_at": now,
        }
        for programme_id, shop_id, order_id in sorted(keys)
    ]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(order_state).on_conflict_do_nothing(), rows)


def _load_targets(session: Session, states: dict[OrderKey, OrderState]) -> None:
    for row in session.execute(select(order_target).where(among(_TARGET_OF, states.keys()))):
        states[row.programme_id, row.shop_id, row.order_id].targets[row.account_id] = row.points


def _state(row: Row[tuple[Any, ...]]) -> OrderState:
    return OrderState(
        programme_id=row.programme_id,
        shop_id=row.shop_id,
        order_id=row.order_id,
        snapshot=load_snapshot(row.snapshot) if row.snapshot else None,
        snapshot_text=row.snapshot,
        snapshot_key=row.snapshot_key,
        context=load_context(row.context) if row.context else None,
        revision=row.revision,
        member_id=row.member_id,
        account_id=row.account_id,
        why_nothing=row.why_nothing,
        explanation=row.explanation,
        spend_micros=row.spend_micros,
        needs=row.needs,
        touched_at=row.touched_at,
        ownership=row.ownership,
        backfill_id=row.backfill_id,
        is_frozen=row.is_frozen,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
    )


def _row(state: OrderState) -> dict[str, Any]:
    snapshot = state.snapshot
    return {
        "of_programme": state.programme_id,
        "of_shop": state.shop_id,
        "of_order": state.order_id,
        "new_snapshot": state.snapshot_text,
        "new_snapshot_key": state.snapshot_key,
        "new_context": dump_context(state.context) if state.context else None,
        "new_revision": state.revision,
        "new_member_id": state.member_id,
        "new_account_id": state.account_id,
        "new_customer_id": snapshot.customer.customer_id if snapshot and snapshot.customer else None,
        "new_why_nothing": state.why_nothing,
        "new_explanation": state.explanation,
        "new_spend_micros": state.spend_micros,
        "new_needs": state.needs,
        "new_touched_at": state.touched_at,
        "new_ownership": state.ownership,
        "new_backfill_id": state.backfill_id,
        "new_attempts": state.attempts,
        "new_next_try_at": state.next_try_at,
        "new_placed_at": snapshot.placed_at if snapshot else None,
    }

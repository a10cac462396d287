"""A world in which a life is told: one shop on one database, and the proof of its books."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plugin.db import Database
from plugin.errors import InsufficientPoints
from plugin.facts import OrderSnapshot
from plugin.journeys.charging import charge_use
from plugin.journeys.passing_time import settle_lots
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.retelling import facts_of_all
from plugin.ledger import Account, Books, Fact, balances, capture_points, hold_points, release_points, return_points
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.merged import tellers
from plugin.ledger.replay import replay
from plugin.ledger.shapes import AccountKey, Lot
from plugin.ledger.tables import account, hold_part
from plugin.members import find_member
from plugin.orders.tables import order_state
from plugin.rewards.redemptions import Redemption, add_redemption, find_redemption
from plugin.rewards.tables import redemption
from tests.factories import Clock, Shopfront, credit_now, make_tools
from tests.simulators.lives import END, Delivered, Elapsed, Event, Settled, Wished

SETTLING = {"redeem_capture": capture_points, "redeem_release": release_points, "redeem_return": return_points}
STATES = {"redeem_capture": "captured", "redeem_release": "released", "redeem_return": "taken_back"}


@dataclass
class World:
    """One telling. `granted` keeps what every accepted wish took, `ends` counts what happened."""

    database: Database
    shop: Shopfront
    clock: Clock
    granted: dict[UUID, int] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make the tools once."""
        self.tools = make_tools(self.database, self.clock)

    def meet(self, event: Event, at: datetime, points: int | None = None) -> None:
        """Let one thing happen at an instant. `points` is what a wish asks for; else a share of what there is."""
        self.clock.now = at
        match event:
            case Delivered():
                self.deliver([event.snapshot])
            case Wished():
                self.wish(event, points)
            case Settled():
                self.settle(event)
            case Elapsed():
                self.elapse()

    def deliver(self, snapshots: list[OrderSnapshot]) -> None:
        """Let a batch of order states converge."""
        mine = [replace(one, programme_id=self.shop.programme_id, shop_id=self.shop.shop_id) for one in snapshots]
        credit_now(self.tools, *mine)
        self.ends["delivered"] += len(mine)

    def wish(self, event: Wished, points: int | None = None) -> None:
        """Set points aside, if the ledger lets us."""
        with self.tools.reading() as session:
            member = find_member(session, self.shop.programme_id, self.shop.shop_id, event.customer_id)
            if member is None:
                self.ends["refused"] += 1
                return
            available = balances(session, self.shop.programme_id, member.account_id).available
        wanted = points if points is not None else max(available * event.share // 100, 1)
        row = self._row(event, member.member_id, member.account_id, wanted)
        try:
            with self.tools.writing() as session:
                add_redemption(session, row)
                hold_points(session, member.account_id, wanted, self._fact("redeem_hold", event.redemption_id))
        except InsufficientPoints:
            self.ends["refused"] += 1
            return
        self.granted[event.redemption_id] = wanted
        self.ends["held"] += 1

    def settle(self, event: Settled) -> None:
        """Capture, release or return, if it was granted."""
        if event.redemption_id not in self.granted:
            return
        with self.tools.writing() as session:
            mine = (redemption.c.programme_id == self.shop.programme_id, redemption.c.id == event.redemption_id)
            held_for = session.execute(select(redemption.c.account_id).where(*mine)).scalar_one()
            session.execute(update(redemption).where(*mine).values(state=STATES[event.how], discount_gid="gid"))
            SETTLING[event.how](session, held_for, self._fact(event.how, event.redemption_id))
        self.ends[event.how] += 1

    def use_late(self, redemption_id: UUID) -> None:
        """Let it come to light that an order used a code whose points had come back."""
        key = (self.shop.programme_id, redemption_id)
        with self.tools.writing() as session:
            mine = (redemption.c.programme_id == key[0], redemption.c.id == key[1])
            used = {"used_at": self.clock.now, "used_order_id": 1}
            session.execute(update(redemption).where(*mine, redemption.c.used_at.is_(None)).values(used))
            found = find_redemption(session, *key)
        assert found is not None
        charge_use(self.tools, found, self.clock.now)
        self.ends["used late"] += 1

    def elapse(self) -> None:
        """Do what the sweep for maturities and expiries does."""
        settle_lots(self.tools, str(self.shop.programme_id), self.clock.now)
        self.ends["elapsed"] += 1

    def faults(self) -> list[str]:
        """Name every promise that is broken now; the books must be up to date with the clock.

        What forgetting a person took away cannot be told anew, so accounts with their orders are checked for all but that.
        """
        with self.tools.reading() as session:
            found = [str(one) for one in verify(session)]
            surviving = select(account.c.programme_id, account.c.id).where(account.c.merged_into_id.is_(None))
            keys = {(row.programme_id, row.id) for row in session.execute(surviving)}
            keys -= _with_frozen(session, keys)
            drifts = find_drift(session, self.clock.now)
            found += [str(one) for one in drifts if (one.programme_id, one.account_id) in keys]
            return found + lot_faults(session, keys, self.clock.now)

    def account_of(self, customer_id: int) -> Account | None:
        """The account of a customer, if we saw them."""
        with self.tools.reading() as session:
            member = find_member(session, self.shop.programme_id, self.shop.shop_id, customer_id)
            return balances(session, member.programme_id, member.account_id) if member else None

    def _row(self, event: Wished, member_id: UUID, account_id: UUID, points: int) -> Redemption:
        return Redemption(
            programme_id=self.shop.programme_id,
            redemption_id=event.redemption_id,
            shop_id=self.shop.shop_id,
            member_id=member_id,
            account_id=account_id,
            customer_id=event.customer_id,
            wish_id=str(event.redemption_id),
            wish_hash="0" * 64,
            reward_id="five_off",
            reward={},
            document_version=1,
            points=points,
            state="held",
            code=event.redemption_id.hex,
            code_attempt=1,
            attempts=0,
            created_at=self.clock.now,
        )

    def _fact(self, reason: str, redemption_id: UUID) -> Fact:
        return Fact(
            programme_id=self.shop.programme_id,
            reference=f"{reason}:{redemption_id}",
            reason=reason,
            actor="test",
            explanation={},
            occurred_at=self.clock.now,
            redemption_id=redemption_id,
        )


def lot_faults(session: Session, keys: Collection[AccountKey], now: datetime) -> list[str]:
    """Compare accounts with their replay lot by lot, with its dates, and hold by hold."""
    books, found = Books(session), list[str]()
    books.load_all(keys)
    kept = _parts_kept(session, books)
    by_account: dict[UUID, list[Lot]] = {}
    for lot in books.lots.values():
        by_account.setdefault(lot.account_id, []).append(lot)
    for key, facts in facts_of_all(session, keys).items():
        state = replay(facts, now)
        lots = {lot.key: lot for lot in by_account.get(key[1], ()) if lot.granted}
        told = {lot_key: lot for lot_key, lot in state.lots.items() if lot.granted}
        found += [
            f"{key[1]} {one}: {_shown(lots.get(one))} in the books, {_shown(told.get(one))} told"
            for one in sorted({*lots, *told}, key=str)
            if _shown(lots.get(one)) != _shown(told.get(one))
        ]
        taken = {one: dict(parts) for one, parts in state.holds.items() if parts}
        if taken != (here := kept.get(key[1], {})):
            found.append(f"{key[1]}: redemptions took {here} in the books, {taken} told")
    return found


def _parts_kept(session: Session, books: Books) -> dict[UUID, dict[Hashable, dict[Hashable, int]]]:
    """By account: whose points each redemption took, lot by lot."""
    kept: dict[UUID, dict[Hashable, dict[Hashable, int]]] = {}
    for row in session.execute(select(hold_part)):
        if row.lot_id in books.lots:
            of_account = kept.setdefault(row.account_id, {})
            of_account.setdefault(row.redemption_id, {})[books.lots[row.lot_id].key] = row.points
    return kept


def _with_frozen(session: Session, keys: Collection[AccountKey]) -> set[AccountKey]:
    told = tellers(session, keys)
    frozen = select(order_state.c.programme_id, order_state.c.account_id).where(order_state.c.is_frozen)
    return {told[row.programme_id, row.account_id] for row in session.execute(frozen) if row.account_id is not None}


def _shown(lot: Lot | None) -> tuple[object, ...] | None:
    """A lot with its dates. Of one without points the end is not compared: a grace reaches it when something comes back to it."""
    if lot is None:
        return None
    ends_at = lot.expires_at if lot.pending + lot.available + lot.held else None
    return (lot.occurred_at, lot.matures_at, ends_at, *(getattr(lot, name) for name in LOT_COLUMNS))


def tell(
    world: World,
    comings: Iterable[tuple[datetime, Event]],
    granted: dict[UUID, int] | None = None,
    batches: random.Random | None = None,
) -> None:
    """Tell a whole life and let time run on to the end.

    With `granted`, wishes are those alone, of those points. With `batches`, neighbouring deliveries wait for each other at times and
    are worked through together, as a drainer does.
    """
    waiting: list[OrderSnapshot] = []
    for at, event in comings:
        if isinstance(event, Delivered) and batches is not None:
            waiting.append(event.snapshot)
            world.clock.now = at
            if batches.random() < 0.04:
                world.deliver(waiting)
                waiting = []
            continue
        if waiting:
            world.deliver(waiting)
            waiting = []
        if isinstance(event, Wished) and granted is not None and event.redemption_id not in granted:
            continue
        wanted = granted.get(event.redemption_id) if granted and isinstance(event, Wished) else None
        world.meet(event, at, wanted)
    world.clock.now = END
    if waiting:
        world.deliver(waiting)
    world.elapse()

"""Makes the books of a busy shop by the million: rows as the product would have written them, and quicker than it could.

Orders grant pending points, points mature, some orders are refunded before that, members trade points for rewards. Everything is
drawn from a seed, rows come in the order of their time, and the projections are those that the entries make.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from plugin.ledger.flows import account_effect, lot_effect

Row = tuple[object, ...]

MATURITY = timedelta(days=14)
_REWARD = 50


@dataclass
class _Lot:
    lot_id: UUID
    account: _Account
    posting_id: UUID
    order_id: int
    at: datetime
    columns: dict[str, int] = field(default_factory=dict)


@dataclass
class _Account:
    account_id: UUID
    member_id: UUID
    buckets: dict[str, int] = field(default_factory=dict)
    lots: deque[_Lot] = field(default_factory=deque)
    version: int = 0


@dataclass
class History:
    """The tables' rows, by name, ready for a bulk insert. `days` end at `until`; nothing is recorded at or after it."""

    programme_id: UUID
    shop_id: UUID
    orders: int
    until: datetime
    days: int = 90
    seed: int = 1
    rows: dict[str, list[Row]] = field(default_factory=dict)
    _made: int = 0

    def tell(self) -> dict[str, list[Row]]:
        """Make all rows; the same seed makes the same books."""
        draw = random.Random(self.seed)
        tables = ("account", "member", "order_state", "order_target", "posting", "lot", "entry", "redemption")
        self.rows = {name: [] for name in tables}
        accounts = [_Account(self._id(self._start), self._id(self._start)) for _ in range(max(1, self.orders // 20))]
        targets: dict[int, tuple[_Lot, int]] = {}
        for at, what, lot in self._events(draw, accounts):
            if what == "order":
                targets[lot.order_id] = (lot, self._order(lot, at, draw))
            elif what == "refund":
                targets[lot.order_id] = (lot, self._refund(lot, at))
            elif what == "mature":
                self._mature(lot, at, draw)
        self._projections(accounts, targets)
        return self.rows

    @property
    def _start(self) -> datetime:
        return self.until - timedelta(days=self.days)

    def _events(self, draw: random.Random, accounts: list[_Account]) -> Iterator[tuple[datetime, str, _Lot]]:
        span = timedelta(days=self.days)
        waiting: list[tuple[datetime, int, str, _Lot]] = []
        for number in range(self.orders):
            at = self._start + span * (number / self.orders)
            while waiting and waiting[0][0] <= at:
                due_at, _, what, lot = heapq.heappop(waiting)
                yield due_at, what, lot
            account = accounts[int(len(accounts) * draw.random() ** 2)]
            lot = _Lot(self._id(at), account, self._id(at), 5_000_000 + number, at)
            yield at, "order", lot
            if draw.random() < 0.1:
                heapq.heappush(waiting, (at + timedelta(days=draw.random() * 13), number, "refund", lot))
            heapq.heappush(waiting, (at + MATURITY, number, "mature", lot))

    def _order(self, lot: _Lot, at: datetime, draw: random.Random) -> int:
        points = draw.randint(5, 120)
        explanation = {
            "rules": [
                {"rule_id": "base", "kind": "spend", "basis": f"{points}.40", "points": f"{points}", "lines": [1]}
            ],
            "base": {"taxes": "in", "gift_cards": "out"},
            "rounding": "floor",
            "exact": f"{points}.4",
            "points": points,
            "version": 1,
        }
        self._post(lot.posting_id, f"order:{self.shop_id}:{lot.order_id}:r1", "order", at, explanation, lot.order_id)
        self._move(lot.posting_id, lot, "issued", "pending", points, at)
        lot.account.lots.append(lot)
        return points

    def _refund(self, lot: _Lot, at: datetime) -> int:
        points = lot.columns["pending"]
        taken = (points + 1) // 2
        posting_id = self._id(at)
        self._post(
            posting_id, f"order:{self.shop_id}:{lot.order_id}:r2", "order", at, {"points": points - taken}, lot.order_id
        )
        self._move(posting_id, lot, "pending", "issued", taken, at)
        return points - taken

    def _mature(self, lot: _Lot, at: datetime, draw: random.Random) -> None:
        if not lot.columns["pending"]:
            return
        posting_id, points = self._id(at), lot.columns["pending"]
        self._post(posting_id, f"mature:{lot.lot_id}", "mature", at, {"points": points}, lot.order_id)
        self._move(posting_id, lot, "pending", "available", points, at)
        if lot.account.buckets["available"] >= _REWARD and draw.random() < 0.3:
            self._redeem(lot.account, at)

    def _redeem(self, account: _Account, at: datetime) -> None:
        redemption_id, hold_id, capture_id, parts = self._id(at), self._id(at), self._id(at), []
        self._post(hold_id, f"hold:{redemption_id}", "redeem_hold", at, {"reward": "five"}, None, redemption_id)
        missing = _REWARD
        while missing:
            lot = account.lots[0]
            if taken := min(missing, lot.columns.get("available", 0)):
                self._move(hold_id, lot, "available", "held", taken, at)
                parts.append((lot, taken))
                missing -= taken
            if not lot.columns.get("available", 0):
                account.lots.popleft() if not lot.columns.get("pending", 0) else account.lots.rotate(-1)
        self._post(capture_id, f"capture:{redemption_id}", "redeem_capture", at, {}, None, redemption_id)
        for lot, taken in parts:
            self._move(capture_id, lot, "held", "redeemed", taken, at)
        self.rows["redemption"].append(self._redemption(account, redemption_id, at))

    def _redemption(self, account: _Account, redemption_id: UUID, at: datetime) -> Row:
        who = (self.programme_id, redemption_id, self.shop_id, account.member_id, account.account_id, 7001)
        reward = json.dumps({"id": "five", "amount": "5.00"})
        what = (redemption_id.hex, "0" * 64, "five", reward, 1, _REWARD, "captured", f"L-{redemption_id.hex}", 1, "gid")
        return (*who, *what, 1, at, at)

    def _post(  # noqa: PLR0917 - the columns of a posting
        self, posting_id: UUID, reference: str, reason: str, at: datetime, explanation: object,
        order_id: int | None = None, redemption_id: UUID | None = None,
    ) -> None:  # fmt: skip
        by = (reference, reason, "laurel", 1, self.shop_id, order_id, redemption_id, json.dumps(explanation))
        self.rows["posting"].append((self.programme_id, posting_id, *by, at, at))

    def _move(self, posting_id: UUID, lot: _Lot, source: str, destination: str, points: int, at: datetime) -> None:
        account = lot.account
        what = (posting_id, account.account_id, lot.lot_id, source, destination, points, False)
        self.rows["entry"].append((self.programme_id, self._id(at), *what))
        for bucket, change in account_effect(source, destination, points).items():
            account.buckets[bucket] = account.buckets.get(bucket, 0) + change
        for column, change in lot_effect(source, destination, points).items():
            lot.columns[column] = lot.columns.get(column, 0) + change
        account.version += 1

    def _projections(self, accounts: list[_Account], targets: dict[int, tuple[_Lot, int]]) -> None:
        names = ("granted", "pending", "available", "held", "spent", "expired", "debt_filled", "clawed_back")
        for number, one in enumerate(accounts):
            buckets = (one.buckets.get(name, 0) for name in ("pending", "available", "held", "debt"))
            counted = (*buckets, one.version, one.version)
            self.rows["account"].append((self.programme_id, one.account_id, "person", *counted, self._start))
            self.rows["member"].append(
                (self.programme_id, one.member_id, one.account_id, "joined", f"C{number}", self._start)
            )
        for order_id, (lot, points) in targets.items():
            key = (self.programme_id, self.shop_id, order_id)
            self.rows["order_state"].append((*key, 1, "unchallenged", False, 0, lot.at))
            self.rows["order_target"].append((*key, lot.account.account_id, points))
            columns = (lot.columns.get(name, 0) for name in names)
            born = (lot.account.account_id, lot.posting_id, self.shop_id, order_id)
            self.rows["lot"].append((self.programme_id, lot.lot_id, *born, *columns, lot.at, lot.at + MATURITY))

    def _id(self, at: datetime) -> UUID:
        """A UUIDv7 of that instant, so that rows lie in their tables as they would in life."""
        self._made += 1
        milliseconds = int(at.astimezone(UTC).timestamp() * 1000)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | self._made)

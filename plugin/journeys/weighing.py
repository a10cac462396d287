"""One pass through a programme's books: every posting and entry is read once, checked against its seal, and put on the scales.

On the scales every entry counts with a random number drawn for its lot, its account, its order; what lots, accounts and targets
say counts against it. Where the books are sound each scale ends at exactly zero. Where any row is off, it ends elsewhere, but for
one run in 2^60. So nothing has to be grouped or kept, and memory stays flat however many entries there are. A scale that is not
at zero is only a suspicion: the exact questions (`invariants`) are asked then, and they name the row.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.ledger.flows import ACCOUNT_BUCKETS, FLOWS, LOT_COLUMNS, account_effect, lot_effect
from plugin.ledger.seal_lines import BEGINNING, END, FIELD, Line, read_batches, read_lines, whole
from plugin.ledger.seals import BrokenSeal, SealCheck

_WEIGHT_MAX = 2**20
"""Weights in SQL stay small, so that a lot of 2^40 points still weighs less than 2^63."""

_REDEEMING = ("held", "redeemed")
_FLOORS = " OR ".join(f"{name} < 0" for name in LOT_COLUMNS)
_LOT_IS_ODD = (
    f"CASE WHEN granted <> {' + '.join(LOT_COLUMNS[1:])} OR {_FLOORS} "
    "OR matures_at < occurred_at OR expires_at < occurred_at THEN 1 ELSE 0 END"
)
_ACCOUNT_IS_ODD = (
    "CASE WHEN pending < 0 OR available < 0 OR held < 0 OR debt > 0 OR (debt < 0 AND available <> 0) THEN 1 ELSE 0 END"
)


class Weighing:
    """The scales for one programme. Feed it with `weigh`; `suspects` then names the invariants that may be broken."""

    def __init__(self) -> None:
        self.suspects: set[str] = set()
        self.broken_seals: list[BrokenSeal] = []
        self._columns = _drawn(LOT_COLUMNS)
        self._buckets = _drawn(ACCOUNT_BUCKETS)
        self._redeeming = _drawn(_REDEEMING)
        self._effects = {key: self._effect(*key) for key in _ways()}
        self._lots = self._accounts = self._shares = self._orders = self._redemptions = self._held = 0
        self._entries = 0

    def _effect(self, source: str, destination: str, is_reversal: str) -> tuple[int, int, int, int]:
        """What one point weighs that moves this way: for its lot, its account, its order, its redemption."""
        ends = account_effect(source, destination, 1)
        lot = lot_effect(source, destination, 1, is_reversal=is_reversal == "1")
        everywhere = {source: -1, destination: 1}
        return (
            sum(self._columns[name] * sign for name, sign in lot.items()),
            sum(self._buckets[name] * sign for name, sign in ends.items()),
            -everywhere.get("issued", 0),
            sum(weight * everywhere.get(name, 0) for name, weight in self._redeeming.items()),
        )

    def weigh(self, session: Session, programme_id: UUID) -> None:
        """Read everything of a programme once."""
        seals = SealCheck(session, programme_id)
        for lines in read_lines(session, programme_id, BEGINNING, END):
            seals.take(lines)
            self._put(lines)
        self.broken_seals = seals.finish()
        self._put_lots(_rows(session, self._lots_question(), programme_id))
        self._put_accounts(_rows(session, self._accounts_question(), programme_id))
        self._put_targets(_rows(session, _TARGETS, programme_id))
        self._put_redemptions(_rows(session, _REDEMPTIONS, programme_id))
        ((entries, postings_sharing, strays),) = _rows(session, _COUNTS, programme_id)
        self._suspect(entries != self._entries, "entries have their posting")
        self._suspect(postings_sharing, "one posting per reference")
        self._suspect(strays, "entries have their account and lot")
        self._read_off()

    def _put(self, lines: Sequence[Line]) -> None:
        """Put postings on the scales. The sums are local ones while they are added up, since there are millions."""
        effects, lots, accounts, orders, redemptions, entries = self._effects, 0, 0, 0, 0, 0
        for _, head, moves, _ in lines:
            _, _, reason, _, _, shop, order, redemption, _ = head.split(FIELD, 8)
            entries += len(moves)
            if not moves:
                self.suspects.add("every posting moves something")
            for move in moves:
                _, account, lot, source, destination, points_written, is_reversal = move.split(FIELD)
                points = int(points_written)
                effect = effects.get((source, destination, is_reversal))
                if effect is None or points <= 0:
                    self.suspects |= _ALL_OF_ENTRIES
                    continue
                of_lot, of_account, of_order, of_redemption = effect
                if lot:
                    lots += points * of_lot * hash(lot)
                accounts += points * of_account * hash(account)
                if of_order and reason == "order":
                    orders += points * of_order * hash((shop, order, account))
                if of_redemption and redemption:
                    redemptions += points * of_redemption * hash(redemption)
        self._add(lots, accounts, orders, redemptions, entries)

    def _add(self, lots: int, accounts: int, orders: int, redemptions: int, entries: int) -> None:
        self._lots += lots
        self._accounts += accounts
        self._orders += orders
        self._redemptions += redemptions
        self._entries += entries

    def _put_lots(self, rows: Iterable[Any]) -> None:
        for lot, account, weight, share, is_odd in rows:
            self._lots -= weight * hash(lot)
            self._shares += share * hash(account)
            if is_odd:
                self.suspects |= {"lots add up", "terms follow dated facts"}

    def _put_accounts(self, rows: Iterable[Any]) -> None:
        for account, weight, share, held, is_odd in rows:
            self._accounts -= weight * hash(account)
            self._shares -= share * hash(account)
            self._held += held * hash(account)
            if is_odd:
                self.suspects.add("no bucket crosses zero")

    def _put_targets(self, rows: Iterable[Any]) -> None:
        for shop, order, account, points in rows:
            self._orders -= points * hash((shop, order, account))

    def _put_redemptions(self, rows: Iterable[Any]) -> None:
        for redemption, account, held, redeemed, is_odd in rows:
            self._held -= held * hash(account)
            weight = held * self._redeeming["held"] + redeemed * self._redeeming["redeemed"]
            self._redemptions -= weight * hash(redemption)
            self._suspect(is_odd, "codes have their points taken")

    def _suspect(self, is_suspect: object, *names: str) -> None:
        if is_suspect:
            self.suspects.update(names)

    def _read_off(self) -> None:
        self._suspect(self._lots, "lots can be rebuilt from entries")
        self._suspect(self._accounts, "every bucket is the sum of its entries")
        self._suspect(self._shares, "an account is the sum of its lots")
        self._suspect(self._orders, "orders gave their targets", "targets were given")
        self._suspect(self._held, "held points are open redemptions")
        self._suspect(self._redemptions, "codes have their points taken")

    def _lots_question(self) -> str:
        weight = " + ".join(f"{name} * {one}" for name, one in self._columns.items())
        return (
            f"SELECT {{id}}, {{account_id}}, {weight}, {self._share()}, {_LOT_IS_ODD} FROM lot "
            "WHERE programme_id = :programme"
        )

    def _accounts_question(self) -> str:
        weight = " + ".join(f"{name} * {one}" for name, one in self._buckets.items())
        return (
            f"SELECT {{id}}, {weight}, {self._share()}, held, {_ACCOUNT_IS_ODD} FROM account "
            "WHERE programme_id = :programme"
        )

    def _share(self) -> str:
        return " + ".join(f"{name} * {self._buckets[name]}" for name in ("pending", "available", "held"))


_ALL_OF_ENTRIES = frozenset(
    {
        "entries balance by shape",
        "every bucket is the sum of its entries",
        "lots can be rebuilt from entries",
        "orders gave their targets",
        "targets were given",
        "codes have their points taken",
    }
)
_TARGETS = (
    "SELECT {shop_id}, CAST(order_id AS TEXT), {account_id}, points FROM order_target WHERE programme_id = :programme"
)
_REDEMPTIONS = """
SELECT {id}, {account_id}, CASE WHEN state = 'held' THEN points ELSE 0 END,
  CASE WHEN state IN ('captured', 'charged') THEN points ELSE 0 END,
  CASE WHEN state = 'captured' AND discount_gid IS NULL THEN 1 ELSE 0 END
FROM redemption WHERE programme_id = :programme"""
_COUNTS = """
SELECT (SELECT COUNT(*) FROM entry WHERE programme_id = :programme),
  (SELECT COUNT(*) FROM (
    SELECT 1 FROM posting WHERE programme_id = :programme GROUP BY reference HAVING COUNT(*) > 1) AS shared),
  (SELECT COUNT(*) FROM (SELECT DISTINCT account_id, lot_id FROM entry WHERE programme_id = :programme) AS part
    LEFT JOIN lot ON lot.programme_id = :programme AND lot.id = part.lot_id
    LEFT JOIN account ON account.programme_id = :programme AND account.id = part.account_id
    WHERE account.id IS NULL OR (part.lot_id IS NOT NULL AND (lot.id IS NULL OR lot.account_id <> part.account_id)))"""
_IDS = ("id", "account_id", "shop_id")


def _drawn(names: Iterable[str]) -> dict[str, int]:
    return {name: secrets.randbelow(_WEIGHT_MAX) + 1 for name in names}


def _ways() -> Iterable[tuple[str, str, str]]:
    for flow in FLOWS:
        yield flow.source, flow.destination, "0"
        yield flow.destination, flow.source, "1"


def _rows(session: Session, question: str, programme_id: UUID) -> Iterable[Any]:
    dialect = session.get_bind().dialect.name
    bound = text(question.format(**{name: whole(dialect, name) for name in _IDS}))
    bound = bound.bindparams(bindparam("programme", programme_id, type_=Uuid()))
    return chain.from_iterable(read_batches(session, bound))

"""One pass through a programme's books: every posting and entry is read once, checked against its seal, and put on the scales.

On the scales every entry counts with a random number drawn for its lot, its account, its order; what lots, accounts and targets
say counts against it. Where the books are sound each scale ends at exactly zero. Where any row is off, it ends elsewhere, but for
one run in 2^60. So nothing has to be grouped or kept, and memory stays flat however many entries there are. A scale that is not
at zero is only a suspicion: the exact questions (`invariants`) are asked then, and they name the row.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from operator import mul
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.ledger.flows import ACCOUNT_BUCKETS, FLOWS, LOT_COLUMNS, account_effect, lot_effect
from plugin.ledger.seal_lines import BEGINNING, END, FIELD, RECORD, Line, read_batches, read_lines, whole, written
from plugin.ledger.seals import BrokenSeal, SealCheck

_WEIGHT_MAX = 2**20
"""Weights in SQL stay small, so that a lot of 2^40 points still weighs less than 2^63."""

_WAYS_MAX = 20_000
"""So many ways for points to move are remembered, each with a number of points: few numbers are told again and again."""
_ID_LENGTH = 32
_FIELD = FIELD.decode()
_ACCOUNT, _GAP, _ACCOUNT_AND_LOT, _WAY, _WAY_OF_LOT = slice(33, 65), slice(66, 67), slice(33, 98), 67, 99
"""Where things are in a move, as a line writes it: its id, its account, its lot if it has one, which way it goes."""

Effect = tuple[int, int, int, int]
Column = Sequence[Any]

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
        self._ways: dict[bytes, Effect] = {}
        self._lots = self._accounts = self._shares = self._orders = self._redemptions = self._held = 0
        self._entries = 0

    def _weigh_way(self, way: bytes) -> Effect | None:
        """Say what a move weighs that goes this way: its source, destination, points and whether it is a reversal. None: it may not."""
        try:
            source, destination, number, is_reversal = way.decode().split(_FIELD)
            one, points = self._effects[source, destination, is_reversal], int(number)
        except (KeyError, ValueError):
            return None
        if points <= 0:
            return None
        if len(self._ways) >= _WAYS_MAX:
            self._ways.clear()
        effect = self._ways[way] = (one[0] * points, one[1] * points, one[2] * points, one[3] * points)
        return effect

    def _effect(self, source: str, destination: str, is_reversal: str) -> Effect:
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
        for batch in _batches(session, self._lots_question(), programme_id):
            self._put_lots(*zip(*batch, strict=True))
        for batch in _batches(session, _TARGETS, programme_id):
            self._put_targets(*zip(*batch, strict=True))
        for batch in _batches(session, self._accounts_question(), programme_id):
            self._put_accounts(batch)
        for batch in _batches(session, _REDEMPTIONS, programme_id):
            self._put_redemptions(batch)
        ((entries, postings_sharing, named, granted, strays),) = _answer(session, _COUNTS, programme_id)
        self._suspect(entries != self._entries, "entries have their posting")
        self._suspect(postings_sharing, "one posting per reference")
        if named != granted or self._lots:
            ((more,),) = _answer(session, _STRAYS, programme_id)
            strays += more
        self._suspect(strays, "entries have their account and lot")
        self._read_off()

    def _put(self, lines: Sequence[Line]) -> None:
        """Put postings on the scales. The sums are local ones while they are added up, since there are millions."""
        known, lots, accounts, orders, redemptions, entries = self._ways, 0, 0, 0, 0, 0
        for line, _ in lines:
            parts = line.split(RECORD)
            moves = parts[1:]
            entries += len(moves)
            if not moves:
                self.suspects.add("every posting moves something")
            for move in moves:
                account, has_lot = move[_ACCOUNT], move[_GAP] != FIELD
                way = move[_WAY_OF_LOT:] if has_lot else move[_WAY:]
                effect = known.get(way) or self._weigh_way(way)
                if effect is None:
                    self.suspects |= _ALL_OF_ENTRIES
                    continue
                of_lot, of_account, of_order, of_redemption = effect
                if has_lot:
                    lots += of_lot * hash(move[_ACCOUNT_AND_LOT])
                accounts += of_account * hash(account)
                if of_order or of_redemption:
                    _, _, reason, _, _, shop, order, redemption, _ = parts[0].split(FIELD, 8)
                    if reason == b"order":
                        orders += of_order * hash(FIELD.join((shop, order, account)))
                    if redemption:
                        redemptions += of_redemption * hash(redemption)
        self._add(lots, accounts, orders, redemptions, entries)

    def _add(self, lots: int, accounts: int, orders: int, redemptions: int, entries: int) -> None:
        self._lots += lots
        self._accounts += accounts
        self._orders += orders
        self._redemptions += redemptions
        self._entries += entries

    def _put_lots(self, both: Column, weights: Column, shares: Column, oddities: Column) -> None:
        """Put lots on the scales, column by column: `both` are the account's id and the lot's."""
        self._lots -= _weight(weights, both)
        self._shares += _weight(shares, [one[:_ID_LENGTH] for one in both])
        self._suspect(any(oddities), "lots add up", "terms follow dated facts")

    def _put_targets(self, targets: Column, points: Column) -> None:
        self._orders -= _weight(points, targets)

    def _put_accounts(self, rows: Iterable[Any]) -> None:
        for account, weight, share, held, is_odd in rows:
            self._accounts -= weight * hash(account)
            self._shares -= share * hash(account)
            self._held += held * hash(account)
            self._suspect(is_odd, "no bucket crosses zero")

    def _put_redemptions(self, rows: Iterable[Any]) -> None:
        for both, held, redeemed, is_odd in rows:
            self._held -= held * hash(both[_ID_LENGTH + 1 :])
            weight = held * self._redeeming["held"] + redeemed * self._redeeming["redeemed"]
            self._redemptions -= weight * hash(both[:_ID_LENGTH])
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
        return f"SELECT {{account_id, id}}, {weight}, {self._share()}, {_LOT_IS_ODD} FROM lot WHERE programme_id = :programme"

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
_TARGETS = "SELECT {shop_id, order_id, account_id}, points FROM order_target WHERE programme_id = :programme"
_REDEMPTIONS = """
SELECT {id, account_id}, CASE WHEN state = 'held' THEN points ELSE 0 END,
  CASE WHEN state IN ('captured', 'charged') THEN points ELSE 0 END,
  CASE WHEN state = 'captured' AND discount_gid IS NULL THEN 1 ELSE 0 END
FROM redemption WHERE programme_id = :programme"""
_COUNTS = """
SELECT (SELECT COUNT(*) FROM entry WHERE programme_id = :programme),
  (SELECT COUNT(*) FROM (
    SELECT 1 FROM posting WHERE programme_id = :programme GROUP BY reference HAVING COUNT(*) > 1) AS shared),
  (SELECT COUNT(*) FROM (
    SELECT DISTINCT account_id, lot_id FROM entry WHERE programme_id = :programme AND lot_id IS NOT NULL) AS part),
  (SELECT COUNT(*) FROM lot WHERE programme_id = :programme AND granted <> 0),
  (SELECT COUNT(*) FROM (SELECT DISTINCT account_id FROM entry WHERE programme_id = :programme) AS part
    WHERE account_id NOT IN (SELECT id FROM account WHERE programme_id = :programme))"""
_STRAYS = """
SELECT COUNT(*) FROM (
  SELECT DISTINCT account_id, lot_id FROM entry WHERE programme_id = :programme AND lot_id IS NOT NULL) AS part
LEFT JOIN lot ON lot.programme_id = :programme AND lot.id = part.lot_id
WHERE lot.id IS NULL OR lot.account_id <> part.account_id"""


def _drawn(names: Iterable[str]) -> dict[str, int]:
    return {name: secrets.randbelow(_WEIGHT_MAX) + 1 for name in names}


def _ways() -> Iterable[tuple[str, str, str]]:
    for flow in FLOWS:
        yield flow.source, flow.destination, "0"
        yield flow.destination, flow.source, "1"


def _weight(weights: Column, names: Column) -> int:
    return sum(map(mul, weights, map(hash, names)))


def _batches(session: Session, question: str, programme_id: UUID) -> Iterable[Sequence[Any]]:
    """Read rows that begin with ids, `{one, another}` in the question: as one text, parted as in lines."""
    dialect = session.get_bind().dialect.name
    asked = re.sub(r"\{(.+?)\}", lambda found: _ids(dialect, found[1].split(", ")), question)
    return read_batches(session, _bound(asked, programme_id))


def _ids(dialect: str, names: Sequence[str]) -> str:
    ids = [whole(dialect, name) if name != "order_id" else name for name in names]
    return written(dialect, ids)


def _answer(session: Session, question: str, programme_id: UUID) -> Sequence[Any]:
    return session.execute(_bound(question, programme_id)).all()


def _bound(question: str, programme_id: UUID) -> TextClause:
    return text(question).bindparams(bindparam("programme", programme_id, type_=Uuid()))

"""Quick looks at the whole ledger: each goes through the books once and says whether any of several promises may be broken.

For each lot a look adds up one sum instead of eight: every column has a weight, drawn anew for each run, and what the entries weigh
must be what the lot weighs. Sound books always pass; broken ones pass once in sixteen million runs. Where a look finds a
suspect, the exact questions (`invariants`) are asked, and they name the row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.ledger.flows import FLOWS, LOT_COLUMNS, lot_effect

_WEIGHT_MAX = 2**24
_POINTS_MAX = 2**32
"""More than this in one entry is left to the exact questions: its weight might pass 63 bits."""


@dataclass(frozen=True, slots=True)
class Look:
    """A question that counts suspects, and the names of the invariants that hold where it finds none."""

    names: frozenset[str]
    question: str


def looks(*, of_everyone: bool) -> list[Look]:
    """Make the looks, with fresh weights, over all programmes or over the one bound as `programme`."""
    mine = "" if of_everyone else " WHERE programme_id = :programme"
    also_mine = "" if of_everyone else " AND posting.programme_id = :programme"
    return [
        Look(_ACCOUNTS_NAMES, _accounts(mine, {name: secrets.randbelow(_WEIGHT_MAX) + 1 for name in LOT_COLUMNS})),
        Look(_ORDERS_NAMES, _ORDERS.format(mine=mine, also_mine=also_mine)),
        Look(_REFERENCES_NAMES, _REFERENCES.format(mine=mine)),
    ]


def _accounts(mine: str, weights: Mapping[str, int]) -> str:
    weight_of_lot = " + ".join(f"lot.{name} * {weight}" for name, weight in weights.items())
    return _ACCOUNTS.format(mine=mine, weight=_weight_of_entry(weights), weight_of_lot=weight_of_lot)


def _weight_of_entry(weights: Mapping[str, int]) -> str:
    """What an entry's points weigh by the way they move; a way they never move weighs like nothing else."""
    forth: dict[str, dict[str, int]] = {}
    back: dict[str, dict[str, int]] = {}
    for flow in FLOWS:
        weight = sum(weights[name] * sign for name, sign in lot_effect(flow.source, flow.destination, 1).items())
        forth.setdefault(flow.source, {})[flow.destination] = weight
        back.setdefault(flow.destination, {})[flow.source] = -weight
    stray = secrets.randbelow(_WEIGHT_MAX) + 1
    return f"CASE WHEN is_reversal THEN {_by_ends(back, stray)} ELSE {_by_ends(forth, stray)} END"


def _by_ends(weights: Mapping[str, Mapping[str, int]], stray: int) -> str:
    by_source = []
    for source, by_destination in weights.items():
        cases = " ".join(f"WHEN '{destination}' THEN {weight}" for destination, weight in by_destination.items())
        by_source.append(f"WHEN '{source}' THEN CASE destination {cases} ELSE {stray} END")
    return f"CASE source {' '.join(by_source)} ELSE {stray} END"


_ACCOUNTS_NAMES = frozenset(
    {
        "every bucket is the sum of its entries",
        "entries balance by shape",
        "an account is the sum of its lots",
        "lots add up",
        "no bucket crosses zero",
        "terms follow dated facts",
        "entries have their account and lot",
        "lots can be rebuilt from entries",
    }
)
_LOT_ADDS_UP = f"lot.granted <> {' + '.join(f'lot.{name}' for name in LOT_COLUMNS[1:])}"
_LOT_BELOW_ZERO = " OR ".join(f"lot.{name} < 0" for name in LOT_COLUMNS)
_ACCOUNTS = f"""
WITH part AS (
  SELECT programme_id, account_id, lot_id, SUM(points % {_POINTS_MAX} * {{weight}}) AS weight, COUNT(*) AS entries,
    SUM(CASE WHEN destination = 'debt' THEN points WHEN source = 'debt' THEN -points ELSE 0 END) AS debt,
    MIN(points) AS least, MAX(points) AS most,
    COUNT(CASE WHEN lot_id IS NULL AND source <> 'debt' AND destination <> 'debt' THEN 1 END) AS homeless
  FROM entry{{mine}} GROUP BY programme_id, account_id, lot_id
), owned AS (
  SELECT part.programme_id, part.account_id, SUM(part.entries) AS entries, COUNT(lot.id) AS lots, SUM(part.debt) AS debt,
    SUM(lot.pending) AS pending, SUM(lot.available) AS available, SUM(lot.held) AS held,
    SUM(CASE WHEN part.least <= 0 OR part.most >= {_POINTS_MAX} OR part.homeless > 0
      OR (part.lot_id IS NOT NULL AND lot.id IS NULL) OR part.weight <> {{weight_of_lot}}
      OR {_LOT_ADDS_UP} OR {_LOT_BELOW_ZERO}
      OR lot.matures_at < lot.occurred_at OR lot.expires_at < lot.occurred_at THEN 1 ELSE 0 END) AS odd
  FROM part LEFT JOIN lot ON lot.programme_id = part.programme_id AND lot.id = part.lot_id AND lot.account_id = part.account_id
  GROUP BY part.programme_id, part.account_id
)
SELECT COALESCE(SUM(CASE WHEN owned.odd > 0 OR account.debt <> COALESCE(owned.debt, 0)
    OR account.pending <> COALESCE(owned.pending, 0) OR account.available <> COALESCE(owned.available, 0)
    OR account.held <> COALESCE(owned.held, 0) OR account.pending < 0 OR account.available < 0 OR account.held < 0
    OR account.debt > 0 OR (account.debt < 0 AND account.available <> 0) THEN 1 ELSE 0 END), 0)
  + ABS(COALESCE(SUM(owned.entries), 0) - (SELECT COUNT(*) FROM entry{{mine}}))
  + ABS(COALESCE(SUM(owned.lots), 0) - (SELECT COUNT(*) FROM lot{{mine}}))
FROM (SELECT * FROM account{{mine}}) AS account
LEFT JOIN owned ON owned.programme_id = account.programme_id AND owned.account_id = account.id"""

_ORDERS_NAMES = frozenset({"orders gave their targets", "targets were given"})
_ORDERS = """
SELECT COUNT(*) FROM (
  SELECT 1 FROM (
    SELECT posting.order_id, entry.account_id, posting.shop_id, posting.programme_id,
      CASE WHEN source = 'issued' THEN points WHEN destination = 'issued' THEN -points ELSE 0 END AS points
    FROM posting JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
    WHERE reason = 'order'{also_mine}
    UNION ALL SELECT order_id, account_id, shop_id, programme_id, -points FROM order_target{mine}
  ) AS moved GROUP BY order_id, account_id, shop_id, programme_id HAVING SUM(points) <> 0
) AS differing"""

_REFERENCES_NAMES = frozenset({"one posting per reference"})
_REFERENCES = """
SELECT COUNT(*) FROM (SELECT 1 FROM posting{mine} GROUP BY programme_id, reference HAVING COUNT(*) > 1) AS shared"""

"""The twelve promises of the ledger, each as one question whose answer must be empty. Portable SQL; `programme` narrows it to one tenant.

Every question selects the programme's id, the id of the row that breaks the promise, and what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from plugin.ledger.flows import ACCOUNT_BUCKETS, FLOWS, LOT_COLUMNS

MINE = "(:everyone = 1 OR {table}.programme_id = :programme)"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise: its number in the design, its name, and the question."""

    number: int
    name: str
    question: str


def _net(bucket: str) -> str:
    return f"SUM(CASE WHEN destination = '{bucket}' THEN points WHEN source = '{bucket}' THEN -points ELSE 0 END) AS {bucket}"


def _lot_net(column: str) -> str:
    cases = []
    for flow in FLOWS:
        forth = f"NOT is_reversal AND source = '{flow.source}' AND destination = '{flow.destination}'"
        back = f"is_reversal AND source = '{flow.destination}' AND destination = '{flow.source}'"
        if column == flow.lot_destination or (column == "granted" and flow.is_grant):
            cases += [f"WHEN {forth} THEN points", f"WHEN {back} THEN -points"]
        if column == flow.lot_source:
            cases += [f"WHEN {forth} THEN -points", f"WHEN {back} THEN points"]
    return f"SUM(CASE {' '.join(cases)} ELSE 0 END) AS {column}"


def _differs(left: str, right: str, columns: tuple[str, ...]) -> str:
    return " OR ".join(f"{left}.{name} <> COALESCE({right}.{name}, 0)" for name in columns)


_BUCKETS = f"""
SELECT account.programme_id, account.id, 'a bucket is not the sum of its entries' FROM account LEFT JOIN (
  SELECT programme_id, account_id, {", ".join(_net(one) for one in ACCOUNT_BUCKETS)} FROM entry GROUP BY programme_id, account_id
) AS summed ON summed.programme_id = account.programme_id AND summed.account_id = account.id
WHERE {MINE.format(table="account")} AND ({_differs("account", "summed", ACCOUNT_BUCKETS)})"""

_ALLOWED = ", ".join(f"'{one.source}>{one.destination}'" for one in FLOWS)

_SHAPES = f"""
SELECT programme_id, id, 'points do not move this way' FROM entry WHERE {MINE.format(table="entry")} AND (points <= 0
  OR CASE WHEN is_reversal THEN destination || '>' || source ELSE source || '>' || destination END NOT IN ({_ALLOWED}))"""

_ACCOUNT_IS_LOTS = f"""
SELECT account.programme_id, account.id, 'a bucket is not the sum of its lots' FROM account LEFT JOIN (
  SELECT programme_id, account_id, SUM(pending) AS pending, SUM(available) AS available, SUM(held) AS held
  FROM lot GROUP BY programme_id, account_id
) AS summed ON summed.programme_id = account.programme_id AND summed.account_id = account.id
WHERE {MINE.format(table="account")} AND ({_differs("account", "summed", ("pending", "available", "held"))})"""

_LOT_ADDS_UP = f"""
SELECT programme_id, id, 'the lot does not add up' FROM lot WHERE {MINE.format(table="lot")}
AND (granted <> {" + ".join(LOT_COLUMNS[1:])} OR {" OR ".join(f"{one} < 0" for one in LOT_COLUMNS)})"""

_ONE_REFERENCE = f"""
SELECT programme_id, MIN(CAST(id AS VARCHAR)), 'two postings share a reference' FROM posting WHERE {MINE.format(table="posting")}
GROUP BY programme_id, reference HAVING COUNT(*) > 1"""

_EMPTY_POSTING = f"""
SELECT posting.programme_id, posting.id, 'the posting moves nothing' FROM posting
LEFT JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
WHERE {MINE.format(table="posting")} AND entry.id IS NULL"""

_FLOORS = f"""
SELECT programme_id, id, 'a bucket is on the wrong side of zero, or debt stands beside available points' FROM account
WHERE {MINE.format(table="account")} AND (pending < 0 OR available < 0 OR held < 0 OR debt > 0 OR (debt < 0 AND available <> 0))"""

_HELD = f"""
SELECT account.programme_id, account.id, 'held points are not those of its open redemptions' FROM account LEFT JOIN (
  SELECT programme_id, account_id, SUM(points) AS held FROM redemption WHERE state = 'held' GROUP BY programme_id, account_id
) AS summed ON summed.programme_id = account.programme_id AND summed.account_id = account.id
WHERE {MINE.format(table="account")} AND {_differs("account", "summed", ("held",))}"""

_POSTED = """
  SELECT posting.programme_id, posting.shop_id, posting.order_id, entry.account_id,
    SUM(CASE WHEN source = 'issued' THEN points WHEN destination = 'issued' THEN -points ELSE 0 END) AS points
  FROM posting JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
  WHERE posting.reason = 'order'
  GROUP BY posting.programme_id, posting.shop_id, posting.order_id, entry.account_id"""

_SAME_ORDER = """posted.programme_id = order_target.programme_id AND posted.shop_id = order_target.shop_id
  AND posted.order_id = order_target.order_id AND posted.account_id = order_target.account_id"""

_POSTED_IS_TARGET = f"""
SELECT posted.programme_id, CAST(posted.order_id AS VARCHAR), 'the order gave something else than its target'
FROM ({_POSTED}) AS posted LEFT JOIN order_target ON {_SAME_ORDER}
WHERE {MINE.format(table="posted")} AND posted.points <> COALESCE(order_target.points, 0)"""

_TARGET_IS_POSTED = f"""
SELECT order_target.programme_id, CAST(order_target.order_id AS VARCHAR), 'the order has a target and gave nothing'
FROM order_target LEFT JOIN ({_POSTED}) AS posted ON {_SAME_ORDER}
WHERE {MINE.format(table="order_target")} AND order_target.points <> COALESCE(posted.points, 0)"""

_REDEMPTIONS = f"""
SELECT redemption.programme_id, redemption.id, 'its points and its code do not match' FROM redemption LEFT JOIN (
  SELECT posting.programme_id, posting.redemption_id, {_net("held")}, {_net("redeemed")}
  FROM posting JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
  WHERE posting.redemption_id IS NOT NULL GROUP BY posting.programme_id, posting.redemption_id
) AS moved ON moved.programme_id = redemption.programme_id AND moved.redemption_id = redemption.id
WHERE {MINE.format(table="redemption")} AND (
  COALESCE(moved.held, 0) <> CASE WHEN redemption.state = 'held' THEN redemption.points ELSE 0 END
  OR COALESCE(moved.redeemed, 0) <> CASE WHEN redemption.state IN ('captured', 'charged') THEN redemption.points ELSE 0 END
  OR (redemption.state = 'captured' AND redemption.discount_gid IS NULL))"""

_DATES = f"""
SELECT programme_id, id, 'its dates are not in order' FROM lot WHERE {MINE.format(table="lot")}
AND (matures_at < occurred_at OR (expires_at IS NOT NULL AND expires_at < occurred_at))"""

_ORPHANS = f"""
SELECT programme_id, id, 'its posting is not of its programme' FROM entry WHERE {MINE.format(table="entry")}
AND NOT EXISTS (SELECT 1 FROM posting WHERE posting.programme_id = entry.programme_id AND posting.id = entry.posting_id)"""

_PARENTS = f"""
SELECT entry.programme_id, entry.id, 'its account or lot is not of its programme' FROM entry
LEFT JOIN account ON account.programme_id = entry.programme_id AND account.id = entry.account_id
LEFT JOIN lot ON lot.programme_id = entry.programme_id AND lot.id = entry.lot_id
WHERE {MINE.format(table="entry")} AND (account.id IS NULL
  OR (entry.lot_id IS NOT NULL AND (lot.id IS NULL OR lot.account_id <> entry.account_id)))"""

_LOT_IS_ENTRIES = f"""
SELECT lot.programme_id, lot.id, 'the lot is not what its entries make' FROM lot LEFT JOIN (
  SELECT programme_id, lot_id, {", ".join(_lot_net(one) for one in LOT_COLUMNS)} FROM entry
  WHERE lot_id IS NOT NULL GROUP BY programme_id, lot_id
) AS summed ON summed.programme_id = lot.programme_id AND summed.lot_id = lot.id
WHERE {MINE.format(table="lot")} AND ({_differs("lot", "summed", LOT_COLUMNS)})"""

INVARIANTS = (
    Invariant(1, "every bucket is the sum of its entries", _BUCKETS),
    Invariant(1, "entries balance by shape", _SHAPES),
    Invariant(2, "an account is the sum of its lots", _ACCOUNT_IS_LOTS),
    Invariant(3, "lots add up", _LOT_ADDS_UP),
    Invariant(5, "one posting per reference", _ONE_REFERENCE),
    Invariant(5, "every posting moves something", _EMPTY_POSTING),
    Invariant(6, "no bucket crosses zero", _FLOORS),
    Invariant(7, "held points are open redemptions", _HELD),
    Invariant(8, "orders gave their targets", _POSTED_IS_TARGET),
    Invariant(8, "targets were given", _TARGET_IS_POSTED),
    Invariant(9, "codes have their points taken", _REDEMPTIONS),
    Invariant(10, "terms follow dated facts", _DATES),
    Invariant(11, "entries have their posting", _ORPHANS),
    Invariant(11, "entries have their account and lot", _PARENTS),
    Invariant(12, "lots can be rebuilt from entries", _LOT_IS_ENTRIES),
)

GUARDS_ON_SQLITE = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"
GUARDS_ON_POSTGRES = "SELECT COUNT(*) FROM pg_trigger WHERE tgenabled = 'O' AND tgname IN ({names})"
_SEALED = ("posting_not_sealed", "entry_not_sealed")
_GUARDED = ("posting", "entry", "extension", "seal")
GUARDS = {
    "sqlite": (*(f"{table}_no_{verb}" for table in _GUARDED for verb in ("update", "delete")), *_SEALED),
    "postgresql": (*(f"{table}_{what}" for table in _GUARDED for what in ("append_only", "no_truncate")), *_SEALED),
}

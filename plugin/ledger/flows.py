"""The ways points may move: from which bucket to which, and what that does to the account and to the lot.

Every entry is one flow. Projections are derived from entries through this table and nothing else, so that the books can be
rebuilt from entries alone and a new flow is one line here. An entry marked as a reversal undoes one: it leads the other way and
takes back exactly what the flow did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Bucket = Literal["pending", "available", "held", "debt", "issued", "redeemed", "expired", "adjusted"]
ACCOUNT_BUCKETS = ("pending", "available", "held", "debt")
HOUSE_BUCKETS = ("issued", "redeemed", "expired", "adjusted")
LOT_COLUMNS = ("granted", "pending", "available", "held", "spent", "expired", "debt_filled", "clawed_back")

AWARDS = ("action", "referral", "tier", "challenge", "membership")
"""Why points are given for something else than one order."""
REASONS = (
    "order",
    "mature",
    "redeem_hold",
    "redeem_capture",
    "redeem_release",
    "redeem_return",
    "redeem_charge",
    "expiry",
    "restoration",
    "adjustment",
    "merge",
    "write_off",
    "re_attributed",
    "import",
    *AWARDS,
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to move. `lot_source` and `lot_destination` are the lot's columns that lose and gain; None where none does."""

    source: Bucket
    destination: Bucket
    lot_source: str | None = None
    lot_destination: str | None = None
    is_grant: bool = False


FLOWS: tuple[Flow, ...] = (
    Flow("issued", "pending", None, "pending", is_grant=True),
    Flow("issued", "available", None, "available", is_grant=True),
    Flow("issued", "debt", None, "debt_filled", is_grant=True),
    Flow("adjusted", "available", None, "available", is_grant=True),
    Flow("adjusted", "debt", None, "debt_filled", is_grant=True),
    Flow("pending", "available", "pending", "available"),
    Flow("pending", "debt", "pending", "debt_filled"),
    Flow("available", "held", "available", "held"),
    Flow("held", "redeemed", "held", "spent"),
    Flow("held", "available", "held", "available"),
    Flow("held", "debt", "held", "debt_filled"),
    Flow("redeemed", "available", "spent", "available"),
    Flow("redeemed", "debt", "spent", "debt_filled"),
    Flow("available", "expired", "available", "expired"),
    Flow("expired", "issued", "expired", "clawed_back"),
    Flow("expired", "available", "expired", "available"),
    Flow("pending", "issued", "pending", "clawed_back"),
    Flow("available", "issued", "available", "clawed_back"),
    Flow("debt", "issued", "debt_filled", "clawed_back"),
    Flow("available", "adjusted", "available", "clawed_back"),
    Flow("expired", "adjusted", "expired", "clawed_back"),
    Flow("debt", "adjusted", "debt_filled", "clawed_back"),
    Flow("debt", "held", None, "held", is_grant=True),
    Flow("available", "debt", "available", "debt_filled"),
    Flow("available", "redeemed", "available", "spent"),
)

_BY_ENDS = {(flow.source, flow.destination): flow for flow in FLOWS}


def flow_of(source: str, destination: str) -> Flow:
    """Return the flow between two buckets.

    Raises:
        KeyError: points never move that way.
    """
    return _BY_ENDS[source, destination]  # type: ignore[index]


def account_effect(source: str, destination: str, points: int) -> dict[str, int]:
    """What an entry adds to each bucket of its account."""
    effect: dict[str, int] = {}
    if source in ACCOUNT_BUCKETS:
        effect[source] = -points
    if destination in ACCOUNT_BUCKETS:
        effect[destination] = points
    return effect


def lot_effect(source: str, destination: str, points: int, *, is_reversal: bool = False) -> dict[str, int]:
    """What an entry adds to each column of its lot. A reversal undoes the flow that leads the other way."""
    if is_reversal:
        return lot_effect(destination, source, -points)
    flow = flow_of(source, destination)
    effect: dict[str, int] = {}
    if flow.is_grant:
        effect["granted"] = points
    if flow.lot_source:
        effect[flow.lot_source] = -points
    if flow.lot_destination:
        effect[flow.lot_destination] = points
    return effect

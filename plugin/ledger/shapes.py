"""What the books are made of while a transaction works on them: accounts, lots, moves, and the facts behind postings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from plugin.db import new_id
from plugin.ledger.flows import account_effect, lot_effect

AccountKey = tuple[UUID, UUID]


@dataclass(slots=True)
class Account:
    """An account's buckets now. `debt` is kept as in the ledger: ≤ 0."""

    programme_id: UUID
    account_id: UUID
    pending: int
    available: int
    held: int
    debt: int
    version: int
    latest_at: datetime | None = None
    is_changed: bool = False
    kind: str = "person"
    merged_into_id: UUID | None = None

    @property
    def is_steady(self) -> bool:
        """Whether those who looked before the lock saw right: nobody moves out of a personal account but by a merge."""
        return self.kind == "person" and self.merged_into_id is None


@dataclass(slots=True)
class Lot:
    """Points granted together, with where they are now."""

    programme_id: UUID
    lot_id: UUID
    account_id: UUID
    posting_id: UUID
    occurred_at: datetime
    matures_at: datetime
    expires_at: datetime | None
    rolling_days: int | None = None
    rolling_zone: str | None = None
    rolling_months: int | None = None
    shop_id: UUID | None = None
    order_id: int | None = None
    origin_lot_id: UUID | None = None
    redemption_id: UUID | None = None
    granted: int = 0
    pending: int = 0
    available: int = 0
    held: int = 0
    spent: int = 0
    expired: int = 0
    debt_filled: int = 0
    clawed_back: int = 0
    is_new: bool = False
    is_changed: bool = False

    @property
    def key(self) -> Hashable:
        """What the lot was granted for: its order, the redemption it overdrew for, or else the first lot it came from."""
        if self.order_id is not None:
            return self.shop_id, self.order_id
        return ("overdraft", self.redemption_id) if self.redemption_id else self.origin_lot_id or self.lot_id


@dataclass(frozen=True, slots=True)
class Terms:
    """A lot's own dates: earned, usable from, gone from (None: never), and how long any activity keeps it alive, by whose clocks.

    That is so many days, or through the end of the n-th month after the activity's.
    """

    earned_at: datetime
    matures_at: datetime
    expires_at: datetime | None = None
    rolling_days: int | None = None
    rolling_zone: str | None = None
    rolling_months: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Points on their way: one entry. `lot` is None only for debt that no lot stands behind."""

    account: Account
    lot: Lot | None
    source: str
    destination: str
    points: int
    is_reversal: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """Who changed something that moves no points, why (a machine word or the merchant's own), and under which reference."""

    actor: str
    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Fact:
    """The business fact behind a posting. `explanation` is data; names and notes stay out of it."""

    programme_id: UUID
    reference: str
    reason: str
    actor: str
    explanation: dict[str, Any]
    occurred_at: datetime
    document_version: int | None = None
    shop_id: UUID | None = None
    order_id: int | None = None
    redemption_id: UUID | None = None
    posting_id: UUID = field(default_factory=new_id)


def soonest_expiring(lots: Iterable[Lot]) -> list[Lot]:
    """Put lots in the order in which their points are spent: soonest expiring first, then oldest."""
    found = list(lots)
    if len(found) > 1:
        found.sort(
            key=lambda one: (one.expires_at is None, one.expires_at or one.occurred_at, one.occurred_at, str(one.key))
        )
    return found


def apply_move(one: Move) -> None:
    """Let a move change its account and its lot, as the table of flows says."""
    for bucket, change in account_effect(one.source, one.destination, one.points).items():
        setattr(one.account, bucket, getattr(one.account, bucket) + change)
    one.account.is_changed = True
    if one.lot is not None:
        for column, change in lot_effect(one.source, one.destination, one.points, is_reversal=one.is_reversal).items():
            setattr(one.lot, column, getattr(one.lot, column) + change)
        one.lot.is_changed = True

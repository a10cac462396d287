"""A working set of locked accounts and their lots: moves are planned against it one posting after the other, then written set-wise."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from plugin.db import database_now, new_id
from plugin.ledger.flows import LOT_COLUMNS, account_effect, lot_effect
from plugin.ledger.tables import account, entry, lot, posting

AccountKey = tuple[UUID, UUID]
OrderKey = tuple[UUID, int]


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
    is_changed: bool = False


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
    shop_id: UUID | None = None
    order_id: int | None = None
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
        """What the lot was granted for: its order at its shop, or else the lot itself."""
        return self.lot_id if self.order_id is None else (self.shop_id, self.order_id)


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


class Books:
    """Locked accounts and lots of one transaction. Take the locks, plan with `post`, then `write` once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.accounts: dict[AccountKey, Account] = {}
        self.lots: dict[UUID, Lot] = {}
        self._postings: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []

    def lock(self, keys: Collection[AccountKey]) -> None:
        """Lock accounts in the order of their ids; checks come after this, never before."""
        if not keys:
            return
        rows = self._session.execute(
            select(account)
            .where(tuple_(account.c.programme_id, account.c.id).in_(sorted(keys)))
            .order_by(account.c.id)
            .with_for_update()
        )
        for row in rows:
            self.accounts[row.programme_id, row.id] = Account(
                row.programme_id, row.id, row.pending, row.available, row.held, row.debt, row.version
            )

    def load_spendable(self, keys: Collection[AccountKey]) -> None:
        """Load the lots from which points can be taken or given back: those with available points."""
        self._load(keys, lot.c.available > 0)

    def load_of_orders(self, keys: Collection[AccountKey], orders: Collection[OrderKey]) -> None:
        """Load what a claw-back may touch: lots with available points, and all lots of these orders (shop id, order id)."""
        self._load(keys, or_(lot.c.available > 0, tuple_(lot.c.shop_id, lot.c.order_id).in_(sorted(orders))))

    def load_by_id(self, lot_keys: Collection[AccountKey]) -> None:
        """Load lots by (programme id, lot id); their accounts must be locked."""
        if lot_keys:
            self._take(select(lot).where(tuple_(lot.c.programme_id, lot.c.id).in_(sorted(lot_keys))))

    def _load(self, keys: Collection[AccountKey], condition: Any) -> None:
        if keys:
            owned = tuple_(lot.c.programme_id, lot.c.account_id).in_(sorted(keys))
            self._take(select(lot).where(and_(owned, condition)))

    def _take(self, query: Any) -> None:
        for row in self._session.execute(query.order_by(lot.c.id)):
            if row.id not in self.lots:
                columns = {name: getattr(row, name) for name in LOT_COLUMNS}
                self.lots[row.id] = Lot(
                    programme_id=row.programme_id,
                    lot_id=row.id,
                    account_id=row.account_id,
                    posting_id=row.posting_id,
                    occurred_at=row.occurred_at,
                    matures_at=row.matures_at,
                    expires_at=row.expires_at,
                    shop_id=row.shop_id,
                    order_id=row.order_id,
                    **columns,
                )

    def new_lot(
        self, fact: Fact, owner: Account, *, earned_at: datetime, matures_at: datetime, expires_at: datetime | None
    ) -> Lot:
        """Open an empty lot for a fact; a grant fills it. Its dates are those of what earned it, not of its arrival."""
        fresh = Lot(
            programme_id=fact.programme_id,
            lot_id=new_id(),
            account_id=owner.account_id,
            posting_id=fact.posting_id,
            occurred_at=earned_at,
            matures_at=matures_at,
            expires_at=expires_at,
            shop_id=fact.shop_id,
            order_id=fact.order_id,
            is_new=True,
        )
        self.lots[fresh.lot_id] = fresh
        return fresh

    def lots_of(self, owner: Account) -> list[Lot]:
        """List the loaded lots of an account, soonest expiring first, then oldest."""
        return soonest_expiring(one for one in self.lots.values() if one.account_id == owner.account_id)

    def move(self, fact: Fact, moves: Iterable[Move]) -> None:
        """Apply moves to the working set and remember them as entries of the fact."""
        for one in moves:
            apply_move(one)
            self._entries.append(
                {
                    "programme_id": fact.programme_id,
                    "id": new_id(),
                    "posting_id": fact.posting_id,
                    "account_id": one.account.account_id,
                    "lot_id": one.lot.lot_id if one.lot else None,
                    "source": one.source,
                    "destination": one.destination,
                    "points": one.points,
                    "is_reversal": one.is_reversal,
                }
            )

    def post(self, fact: Fact) -> None:
        """Remember a fact as a posting; its moves follow."""
        self._postings.append(
            {
                "programme_id": fact.programme_id,
                "id": fact.posting_id,
                "reference": fact.reference,
                "reason": fact.reason,
                "actor": fact.actor,
                "document_version": fact.document_version,
                "shop_id": fact.shop_id,
                "order_id": fact.order_id,
                "redemption_id": fact.redemption_id,
                "explanation": fact.explanation,
                "occurred_at": fact.occurred_at,
            }
        )

    def write(self) -> None:
        """Write postings, lots, entries and balances, each set in one statement."""
        _insert(self._session, insert(posting).values(recorded_at=database_now()), self._postings)
        _insert(self._session, insert(lot), [_lot_row(one) for one in self.lots.values() if one.is_new and one.granted])
        _insert(self._session, insert(entry), self._entries)
        _update_lots(self._session, [one for one in self.lots.values() if one.is_changed and not one.is_new])
        _update_accounts(self._session, [one for one in self.accounts.values() if one.is_changed])
        self._postings, self._entries = [], []


def soonest_expiring(lots: Iterable[Lot]) -> list[Lot]:
    """Put lots in the order in which their points are spent: soonest expiring first, then oldest."""
    return sorted(
        lots, key=lambda one: (one.expires_at is None, one.expires_at or one.occurred_at, one.occurred_at, str(one.key))
    )


def apply_move(one: Move) -> None:
    """Let a move change its account and its lot, as the table of flows says."""
    for bucket, change in account_effect(one.source, one.destination, one.points).items():
        setattr(one.account, bucket, getattr(one.account, bucket) + change)
    one.account.is_changed = True
    if one.lot is not None:
        for column, change in lot_effect(one.source, one.destination, one.points, is_reversal=one.is_reversal).items():
            setattr(one.lot, column, getattr(one.lot, column) + change)
        one.lot.is_changed = True


def _insert(session: Session, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(statement, rows)


def _lot_row(one: Lot) -> dict[str, Any]:
    return {
        "programme_id": one.programme_id,
        "id": one.lot_id,
        "account_id": one.account_id,
        "posting_id": one.posting_id,
        "shop_id": one.shop_id,
        "order_id": one.order_id,
        "occurred_at": one.occurred_at,
        "matures_at": one.matures_at,
        "expires_at": one.expires_at,
        **{name: getattr(one, name) for name in LOT_COLUMNS},
    }


def _update_lots(session: Session, changed: Sequence[Lot]) -> None:
    if not changed:
        return
    statement = (
        update(lot)
        .where(lot.c.programme_id == bindparam("of_programme"), lot.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in LOT_COLUMNS})
    )
    rows = [
        {"of_programme": one.programme_id, "of_id": one.lot_id}
        | {f"new_{name}": getattr(one, name) for name in LOT_COLUMNS}
        for one in changed
    ]
    session.connection().execute(statement, rows)


def _update_accounts(session: Session, changed: Sequence[Account]) -> None:
    if not changed:
        return
    statement = (
        update(account)
        .where(account.c.programme_id == bindparam("of_programme"), account.c.id == bindparam("of_id"))
        .values(
            pending=bindparam("new_pending"),
            available=bindparam("new_available"),
            held=bindparam("new_held"),
            debt=bindparam("new_debt"),
            version=account.c.version + 1,
        )
    )
    rows = [
        {
            "of_programme": one.programme_id,
            "of_id": one.account_id,
            "new_pending": one.pending,
            "new_available": one.available,
            "new_held": one.held,
            "new_debt": one.debt,
        }
        for one in sorted(changed, key=lambda one: one.account_id)
    ]
    session.connection().execute(statement, rows)

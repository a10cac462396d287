"""A working set of locked accounts and their lots: moves are planned against it one posting after the other, then written set-wise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, insert, or_, select, true
from sqlalchemy.orm import Session

from plugin.days import alive_until
from plugin.db import among, database_now, new_id
from plugin.errors import NotFound
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.graces import list_graces
from plugin.ledger.keeps import has_keeps, list_keeps
from plugin.ledger.merged import tellers
from plugin.ledger.shapes import (
    Account,
    AccountKey,
    Fact,
    Lot,
    Move,
    Signed,
    Terms,
    apply_move,
    soonest_expiring,
)
from plugin.ledger.tables import account, entry, extension, lot, posting
from plugin.ledger.timeline import Extended
from plugin.ledger.writing import insert_rows, lot_row, update_accounts, update_lots

Known = TypeVar("Known")


class Books:
    """Locked accounts and lots of one transaction. Take the locks, plan with `post`, then `write` once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.accounts: dict[AccountKey, Account] = {}
        self.lots: dict[UUID, Lot] = {}
        self._lots_by_account: dict[AccountKey, list[Lot]] = {}
        self._postings: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []
        self._extensions: list[dict[str, Any]] = []
        self._remembered: dict[Hashable, Any] = {}
        self._afterwards: list[Callable[[], None]] = []

    def lock(self, keys: Collection[AccountKey]) -> None:
        """Lock accounts in the order of their ids; checks come after this, never before."""
        if not keys:
            return
        rows = self.session.execute(
            select(account)
            .where(among((account.c.programme_id, account.c.id), keys))
            .order_by(account.c.id)
            .with_for_update()
        )
        for row in rows:
            balances = (row.pending, row.available, row.held, row.debt)
            self.accounts[row.programme_id, row.id] = Account(
                row.programme_id,
                row.id,
                *balances,
                row.version,
                row.latest_at,
                kind=row.kind,
                merged_into_id=row.merged_into_id,
            )

    def lock_surviving(self, key: AccountKey) -> AccountKey:
        """Lock an account or, where it was merged meanwhile, the one it is part of now; return the key of that one.

        Raises:
            NotFound: no such account.
        """
        self.lock([key])
        if key not in self.accounts:
            raise NotFound("no such account")
        merged_into_id = self.accounts[key].merged_into_id
        return key if merged_into_id is None else self.lock_surviving((key[0], merged_into_id))

    def load_spendable(self, keys: Collection[AccountKey]) -> None:
        """Load the lots from which points can be taken."""
        self._load(keys, lot.c.available > 0)

    def load_rolling(self, keys: Collection[AccountKey], at: datetime) -> None:
        """Load the lots that activity at `at` keeps alive, spent ones too: their points may come back."""
        is_rolling = or_(lot.c.rolling_days.is_not(None), lot.c.rolling_months.is_not(None))
        self._load(keys, and_(is_rolling, lot.c.expires_at > at))

    def load_due(self, keys: Collection[AccountKey], until: datetime) -> None:
        """Load the lots that time has done something to until then."""
        is_mature = and_(lot.c.pending > 0, lot.c.matures_at <= until)
        is_over = and_(lot.c.available > 0, lot.c.expires_at <= until)
        self._load(keys, or_(is_mature, is_over))

    def load_all(self, keys: Collection[AccountKey]) -> None:
        """Load every lot of these accounts, spent ones too."""
        self._load(keys, true())

    def load_by_id(self, lot_keys: Collection[AccountKey]) -> None:
        """Load lots by (programme id, lot id); their accounts must be locked."""
        if lot_keys:
            self._take(select(lot).where(among((lot.c.programme_id, lot.c.id), lot_keys)))

    def _load(self, keys: Collection[AccountKey], condition: Any) -> None:
        if keys:
            owned = among((lot.c.programme_id, lot.c.account_id), keys)
            self._take(select(lot).where(and_(owned, condition)))

    def _take(self, query: Any) -> None:
        """Rows are put in order here: asked to do it, SQLite would read the whole programme by the index of that order."""
        for row in sorted(self.session.execute(query), key=lambda row: row.id):
            if row.id not in self.lots:
                columns = {name: getattr(row, name) for name in LOT_COLUMNS}
                one = Lot(
                    programme_id=row.programme_id,
                    lot_id=row.id,
                    account_id=row.account_id,
                    posting_id=row.posting_id,
                    occurred_at=row.occurred_at,
                    matures_at=row.matures_at,
                    expires_at=row.expires_at,
                    rolling_days=row.rolling_days,
                    rolling_zone=row.rolling_zone,
                    rolling_months=row.rolling_months,
                    shop_id=row.shop_id,
                    order_id=row.order_id,
                    origin_lot_id=row.origin_lot_id,
                    redemption_id=row.redemption_id,
                    **columns,
                )
                self._keep(one)

    def _keep(self, one: Lot) -> None:
        self.lots[one.lot_id] = one
        self._lots_by_account.setdefault((one.programme_id, one.account_id), []).append(one)

    def new_lot(self, fact: Fact, owner: Account, terms: Terms) -> Lot:
        """Open an empty lot for a fact; a grant fills it. Its dates are those of what earned it, not of its arrival."""
        fresh = Lot(
            programme_id=fact.programme_id,
            lot_id=new_id(),
            account_id=owner.account_id,
            posting_id=fact.posting_id,
            occurred_at=terms.earned_at,
            matures_at=terms.matures_at,
            expires_at=self._kept(owner, terms.expires_at or self._grace_for(fact, terms), fact.occurred_at),
            rolling_days=terms.rolling_days,
            rolling_zone=terms.rolling_zone,
            rolling_months=terms.rolling_months,
            shop_id=fact.shop_id,
            order_id=fact.order_id,
            is_new=True,
        )
        self._keep(fresh)
        return fresh

    def lots_of(self, owner: Account) -> list[Lot]:
        """List the loaded lots of an account, soonest expiring first, then oldest."""
        return soonest_expiring(self._lots_by_account.get((owner.programme_id, owner.account_id), ()))

    def keep_alive(self, owner: Account, at: datetime) -> None:
        """Any activity moves the end of an account's rolling lots, as far as they are loaded; never back."""
        for one in self._lots_by_account.get((owner.programme_id, owner.account_id), ()):
            is_rolling = one.rolling_days is not None or one.rolling_months is not None
            if is_rolling and one.expires_at and one.expires_at > at:
                end = alive_until(at, one.rolling_days, one.rolling_months, one.rolling_zone)
                one.expires_at = max(one.expires_at, end)
                one.is_changed = True

    def move(self, fact: Fact, moves: Iterable[Move]) -> list[Move]:
        """Apply moves to the working set and remember them as entries of the fact; return them."""
        done: list[Move] = []
        for one in moves:
            done.append(one)
            apply_move(one)
            one.account.latest_at = max(one.account.latest_at or fact.occurred_at, fact.occurred_at)
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
        return done

    def dated(self, owner: Account, fact: Fact) -> Fact:
        """Date what we do now after everything known of the account: clocks of hosts differ, and step back.

        The replay tells facts by their dates; what was decided on top of the books as they are must be told after what made them.
        """
        latest_at = owner.latest_at
        if latest_at is None or fact.occurred_at > latest_at:
            return fact
        return replace(fact, occurred_at=latest_at + timedelta(microseconds=1))

    def graces_of(self, programme_id: UUID) -> Sequence[Extended]:
        """List when expiry was switched on for points without an end, oldest first."""
        return self.remembered(("graces", programme_id), lambda: list_graces(self.session, programme_id))

    def remembered(self, key: Hashable, read: Callable[[], Known]) -> Known:
        """Read something that does not change while these books are open, once."""
        if key not in self._remembered:
            self._remembered[key] = read()
        found: Known = self._remembered[key]
        return found

    def _kept(self, owner: Account, end: datetime | None, at: datetime) -> datetime | None:
        """Say when points given at an instant end that would end then, where a tier may keep them."""
        programme_id, key = owner.programme_id, (owner.programme_id, owner.account_id)
        if end is None or not self.remembered(("keeps", programme_id), lambda: has_keeps(self.session, programme_id)):
            return end
        kept = self.remembered(("keeps", key), lambda: list(list_keeps(self.session, tellers(self.session, [key]))))
        for _, one in kept:
            end = one.end_of(end) if one.holds(at) else end
        return end

    def _grace_for(self, fact: Fact, terms: Terms) -> datetime | None:
        """An order that comes late may have been placed before expiry was switched on."""
        if fact.order_id is None:
            return None
        graces = self.graces_of(fact.programme_id)
        return next((one.expires_at for one in graces if one.at > terms.earned_at), None)

    def extend(self, owner: Account, lot: Lot, extended: Extended, *, by: Signed) -> None:
        """Give a lot another end, and remember who did and why. Restored points are moved by the caller."""
        lot.expires_at = extended.end_of(lot.expires_at)
        lot.is_changed = True
        self._extensions.append(
            {
                "programme_id": owner.programme_id,
                "id": new_id(),
                "account_id": owner.account_id,
                "lot_id": lot.lot_id,
                "expires_at": extended.expires_at,
                "is_restoring": extended.is_restoring,
                "actor": by.actor,
                "reason": by.reason,
                "reference": by.reference,
                "occurred_at": extended.at,
            }
        )

    def extended(self, owner: Account) -> list[Extended]:
        """List what was extended here and is not written yet, as facts."""
        return [
            Extended(
                row["occurred_at"],
                self.lots[row["lot_id"]].key,
                row["expires_at"],
                is_restoring=row["is_restoring"],
            )
            for row in self._extensions
            if row["account_id"] == owner.account_id
        ]

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
        insert_rows(self.session, insert(posting).values(recorded_at=database_now()), self._postings)
        insert_rows(
            self.session, insert(lot), [lot_row(one) for one in self.lots.values() if one.is_new and one.is_changed]
        )
        insert_rows(self.session, insert(entry), self._entries)
        update_lots(self.session, [one for one in self.lots.values() if one.is_changed and not one.is_new])
        update_accounts(self.session, [one for one in self.accounts.values() if one.is_changed])
        insert_rows(self.session, insert(extension), self._extensions)
        self._postings, self._entries, self._extensions = [], [], []
        for one in self.accounts.values():
            one.version, one.is_changed = one.version + one.is_changed, False
        for written in self.lots.values():
            written.is_new, written.is_changed = written.is_new and not written.is_changed, False
        for act in self._afterwards:
            act()
        self._afterwards = []

    def after_writing(self, act: Callable[[], None]) -> None:
        """Do something in this transaction once the lots it points at are written."""
        self._afterwards.append(act)

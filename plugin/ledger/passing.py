"""What time does to points: return windows end, points expire. Each is a posting dated by the lot's own term."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from plugin.ledger.books import Books
from plugin.ledger.moves import Due, next_due
from plugin.ledger.shapes import Account, AccountKey, Fact


def pass_time(books: Books, keys: Collection[AccountKey], now: datetime) -> None:
    """Bring locked accounts up to `now`: whatever came due on them happens first, in the order of its instants."""
    books.load_due(keys, now)
    for key in sorted(keys):
        account = books.accounts[key]
        while due := next_due(books.lots_of(account), now):
            fact = _fact(account, due)
            books.post(fact)
            books.move(fact, due.moves(account))
            account.version += 1


def _fact(account: Account, due: Due) -> Fact:
    """Name it by lot and by the account's version, since a lot may expire more than once: held points come back, dates are extended."""
    reason = "expiry" if due.is_expiry else "mature"
    return Fact(
        programme_id=account.programme_id,
        reference=f"{reason}:{due.lot.lot_id}:v{account.version}",
        reason=reason,
        actor="laurel",
        explanation={"points": due.lot.available if due.is_expiry else due.lot.pending},
        occurred_at=due.at,
        shop_id=due.lot.shop_id,
        order_id=due.lot.order_id,
    )

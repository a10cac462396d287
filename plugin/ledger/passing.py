"""What time does to points: return windows end, points expire. Each is a posting dated by the lot's own term."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from plugin.ledger.books import Books
from plugin.ledger.graces import endless_lots
from plugin.ledger.moves import Due, next_due
from plugin.ledger.notices import postpone_unwarned
from plugin.ledger.shapes import Account, AccountKey, Fact


def pass_time(books: Books, keys: Collection[AccountKey], now: datetime) -> None:
    """Bring locked accounts up to `now`: whatever came due on them happens first, in the order of its instants."""
    _end_the_endless(books, keys, now)
    books.load_due(keys, now)
    for key in sorted(keys):
        let_time_pass(books, books.accounts[key], now)


def let_time_pass(books: Books, account: Account, now: datetime) -> None:
    """Let what came due on the lots loaded so far happen; a lot that may not expire yet gets a later end."""
    while due := next_due(books.lots_of(account), now):
        if due.is_expiry and postpone_unwarned(books, account, due.lot, due.at, now):
            continue
        fact = _fact(account, due)
        books.post(fact)
        books.move(fact, due.moves(account))
        account.version += 1


def _end_the_endless(books: Books, keys: Collection[AccountKey], now: datetime) -> None:
    """Where expiry was switched on with a grace, points that were to last for ever have an end from that instant on."""
    for programme_id in sorted({key[0] for key in keys}):
        mine = [key for key in keys if key[0] == programme_id]
        for grace in books.graces_of(programme_id):
            if grace.at <= now and (endless := endless_lots(books.session, mine, grace.at)):
                books.load_by_id(endless)
                for _, lot_id in endless:
                    lot = books.lots[lot_id]
                    lot.expires_at = grace.end_of(lot.expires_at)
                    lot.is_changed = True


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

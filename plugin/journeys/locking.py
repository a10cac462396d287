"""One order in which rows are locked, so that no two transactions ever wait for each other.

1. what the work is about: a claimed delivery, a shop, a sheet, a programme's review of tiers
2. order states, by their keys
3. accounts, by their ids
4. what caps and budgets have used: a programme's own row first, then the others
5. redemptions, referrals, purchases of memberships, by their keys, and everything that is only inserted

Each step is taken once, with all its rows together. Whoever finds late that more accounts are needed gives every lock back and
begins again (`with_accounts`, `merging.lock_together`); facts that need orders after accounts are worked by transactions of their
own (`draining`). Checks come after the locks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy.orm import Session

from plugin.errors import Conflict
from plugin.ledger import Books
from plugin.ledger.shapes import AccountKey

Done = TypeVar("Done")

_LOCKED = "accounts locked for this work"


class MoreAccounts(Conflict):
    """The work needs accounts that were not locked when it began."""

    def __init__(self, keys: Collection[AccountKey]) -> None:
        super().__init__("more accounts have to be locked first")
        self.keys = frozenset(keys)


def with_accounts(session: Session, keys: Collection[AccountKey], work: Callable[[], Done]) -> Done:
    """Do work that may lock several accounts one after the other, all of them locked before it, in the order of their ids.

    `keys` are those that are known beforehand. Where the work asks for another (`expect_locked`), what it did is undone, every lock
    is given back, and it is done anew. It must do nothing but in the session given, and keep nothing in memory from one time to the next.
    """
    wanted = set(keys)
    while True:
        attempt = session.begin_nested()
        Books(session).lock(wanted)
        session.info[_LOCKED] = frozenset(wanted)
        try:
            done = work()
        except MoreAccounts as more:
            attempt.rollback()
            wanted |= more.keys
            continue
        finally:
            del session.info[_LOCKED]
        attempt.commit()
        return done


def expect_locked(session: Session, keys: Collection[AccountKey]) -> None:
    """Say that these accounts are needed now; where nobody took care to lock accounts beforehand, they may be locked now.

    Raises:
        MoreAccounts: this is work of `with_accounts`, and some of them are not locked yet.
    """
    locked: frozenset[AccountKey] | None = session.info.get(_LOCKED)
    if locked is not None and (more := set(keys) - locked):
        raise MoreAccounts(more)

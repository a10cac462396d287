"""Changes made by hand reach the books: locked, each once, in one transaction; a change that cannot be made harms no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from plugin.errors import Conflict, LaurelError, NotFound, WishReused
from plugin.journeys.retelling import retell
from plugin.ledger import Books, Fact
from plugin.ledger.adjustments import Notes, find_adjusted_account, keep_notes
from plugin.ledger.by_hand import find_postings
from plugin.ledger.merged import accounts_told_on
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import AccountKey
from plugin.members import Member
from plugin.members.store import AliasKey, find_members

Plan = Callable[[Books], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one account. `plan` puts it into the books, or raises.

    `account_id` is where we saw the `customer` before the lock; with None the account itself is meant, whoever shares it.
    What the merchant `asked` for stands in the fact's explanation: the same reference with the same wish is the same change,
    whenever it comes again.
    """

    customer: AliasKey | None
    account_id: UUID
    fact: Fact
    plan: Plan
    notes: Notes = field(default_factory=Notes)

    @property
    def key(self) -> AccountKey:
        """The account's key: (programme, account)."""
        return self.fact.programme_id, self.account_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: its posting, or why there is none. `is_new` is false where it had been made before."""

    posting_id: UUID | None
    fault: LaurelError | None = None
    is_new: bool = False


def make_changes(session: Session, changes: Sequence[Change], now: datetime) -> list[Outcome]:
    """Make changes of one programme in this order, each exactly once; return what became of each, in the same order."""
    if not changes:
        return []
    programme_id = changes[0].fact.programme_id
    keys = sorted({change.key for change in changes})
    books = Books(session)
    books.lock(keys)
    members = find_members(session, {change.customer for change in changes if change.customer})
    earlier = find_postings(session, programme_id, [change.fact.reference for change in changes])
    late = {key for key, one in books.accounts.items() if one.latest_at is not None and one.latest_at >= now}
    pass_time(books, list(books.accounts), now)
    books.load_spendable(list(books.accounts))
    outcomes = []
    for change in changes:
        if found := earlier.get(change.fact.reference):
            outcomes.append(_repeated(session, change, found))
        else:
            outcomes.append(_plan(books, change, members))
    books.write()
    made = [change for change, outcome in zip(changes, outcomes, strict=True) if outcome.is_new]
    keep_notes(session, programme_id, [(one.fact.posting_id, one.account_id, one.notes) for one in made])
    several = {key for key, count in Counter(change.key for change in made).items() if count > 1}
    _retell(session, {change.key for change in made} & (late | several), now)
    return outcomes


def customer_of(session: Session, key: AliasKey) -> UUID:
    """Return the account of a customer.

    Raises:
        NotFound: we never saw this customer.
    """
    member = find_members(session, [key]).get(key)
    if member is None:
        raise NotFound(f"customer {key[2]} was never seen here")
    return member.account_id


def _plan(books: Books, change: Change, members: Mapping[AliasKey, Member]) -> Outcome:
    """Look again after the lock: a merge or a household may have moved the customer since."""
    owner = books.accounts.get(change.key)
    member = members.get(change.customer) if change.customer else None
    has_moved = change.customer is not None and (member is None or member.account_id != change.account_id)
    if owner is None or owner.merged_into_id is not None or has_moved:
        return Outcome(None, Conflict("the customer was merged at this very moment"))
    try:
        change.plan(books)
    except LaurelError as fault:
        return Outcome(None, fault)
    return Outcome(change.fact.posting_id, is_new=True)


def _repeated(session: Session, change: Change, found: Row[Any]) -> Outcome:
    """The same change again is the first one; another one under its key is refused."""
    made_to = find_adjusted_account(session, change.fact.programme_id, found.id)
    told_on = accounts_told_on(session, change.fact.programme_id, change.account_id)
    if found.explanation["asked"] != change.fact.explanation["asked"] or made_to not in told_on:
        return Outcome(None, WishReused(f"{change.fact.reference} was posted for something else"))
    return Outcome(found.id)


def _retell(session: Session, keys: set[AccountKey], now: datetime) -> None:
    """Where the account has something dated as late as the change, or later, the order of things is not ours: tell it anew."""
    if keys:
        books = Books(session)
        books.lock(keys)
        retell(session, books, keys, "late", now)
        books.write()

"""Somebody who writes in the ledger's books without a journey around: accounts, and points given under any terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from plugin.db import new_id
from plugin.journeys.tools import Tools
from plugin.ledger import Books, Fact, Terms, moves, open_accounts
from plugin.ledger.shapes import AccountKey

START = datetime(2026, 11, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """An instant so many days after the story's beginning."""
    return START + timedelta(days=number)


@dataclass(frozen=True)
class Bookkeeper:
    """Keeps the books of one programme."""

    tools: Tools
    programme_id: UUID

    def open(self) -> AccountKey:
        """Open an account."""
        key = (self.programme_id, new_id())
        with self.tools.writing() as session:
            open_accounts(session, [key], START)
        return key

    def fact(self, reason: str = "action", at: float = 0, **more: object) -> Fact:
        """A fact under a reference of its own."""
        return Fact(self.programme_id, f"{reason}:{new_id()}", reason, "test", {}, day(at), **more)  # type: ignore[arg-type]

    def give(
        self, key: AccountKey, points: int = 10, terms: Terms | None = None, *, is_pending: bool = False, **more: object
    ) -> UUID:
        """Give points and return their lot; `more` is said of the fact."""
        terms = terms or Terms(START, START)
        with self.tools.writing() as session:
            books = Books(session)
            books.lock([key])
            fact = self.fact(**more)  # type: ignore[arg-type]
            lot = books.new_lot(fact, books.accounts[key], terms)
            books.post(fact)
            books.move(fact, moves.grant(books.accounts[key], lot, points, is_pending=is_pending))
            books.write()
        return lot.lot_id

"""The ledger: append-only, double-entry by shape, whole points, idempotent, explained. Used by journeys alone."""

from plugin.ledger.accounts import balances, list_balances, list_references, open_accounts
from plugin.ledger.books import Account, Books, Fact, Lot, Move
from plugin.ledger.holds import capture_points, find_posting, hold_points, release_points, return_points

__all__ = [
    "Account",
    "Books",
    "Fact",
    "Lot",
    "Move",
    "balances",
    "capture_points",
    "find_posting",
    "hold_points",
    "list_balances",
    "list_references",
    "open_accounts",
    "release_points",
    "return_points",
]

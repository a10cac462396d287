"""The ledger: append-only, double-entry by shape, whole points, idempotent, explained. Used by journeys alone."""

from plugin.ledger.accounts import balances, list_balances, list_references, open_accounts
from plugin.ledger.books import Books
from plugin.ledger.holds import (
    came_back_at,
    capture_points,
    charge_again,
    find_posting,
    hold_points,
    release_points,
    return_points,
)
from plugin.ledger.shapes import Account, Fact, Lot, Move, Terms

__all__ = [
    "Account",
    "Books",
    "Fact",
    "Lot",
    "Move",
    "Terms",
    "balances",
    "came_back_at",
    "capture_points",
    "charge_again",
    "find_posting",
    "hold_points",
    "list_balances",
    "list_references",
    "open_accounts",
    "release_points",
    "return_points",
]

"""Which points move, and in what order: pure planning over an account and its lots. The caller holds the locks.

A plan is made and applied step by step, since each step changes what the next may take; so these functions yield moves and expect
each to be applied before the next is asked for (`Books.move` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plugin.errors import InsufficientPoints
from plugin.ledger.books import Account, Lot, Move


def grant(account: Account, lot: Lot, points: int, *, is_pending: bool) -> Iterator[Move]:
    """Issue points into a new lot. Debt is filled first, unless the points still wait out a return window."""
    if is_pending:
        yield Move(account, lot, "issued", "pending", points)
    else:
        yield from _arrive(account, lot, "issued", points)


def mature(account: Account, lot: Lot) -> Iterator[Move]:
    """End the return window: pending points fill debt first, the rest becomes available."""
    yield from _arrive(account, lot, "pending", lot.pending)


def hold(account: Account, lots: Sequence[Lot], points: int) -> Iterator[Move]:
    """Set points aside, soonest expiring first.

    Raises:
        InsufficientPoints: the account has fewer available; nothing is moved.
    """
    if account.available < points:
        raise InsufficientPoints(available=account.available, needed=points)
    yield from _take(account, lots, ("available", "held"), "available", points)


def capture(account: Account, lot: Lot, points: int) -> Iterator[Move]:
    """Spend points that were held."""
    yield Move(account, lot, "held", "redeemed", points)


def release(account: Account, lot: Lot, points: int) -> Iterator[Move]:
    """Give held points back to the lot they came from; debt is filled first."""
    yield from _arrive(account, lot, "held", points)


def give_back(account: Account, lot: Lot, points: int) -> Iterator[Move]:
    """Give spent points back to the lot they came from; debt is filled first."""
    yield from _arrive(account, lot, "redeemed", points)


def claw_back(account: Account, own: Sequence[Lot], others: Sequence[Lot], points: int) -> Iterator[Move]:
    """Take back points an order no longer earns; held points are never touched.

    In this order: the order's own pending, available and expired points (the last cost the member nothing), other available lots
    soonest expiring first, own points that once filled debt, and what is still missing as new debt. Debt comes last, since an
    account in debt has nothing available.
    """
    left = points
    for lots, source, column in (
        (own, "pending", "pending"),
        (own, "available", "available"),
        (own, "expired", "expired"),
        (others, "available", "available"),
        (own, "debt", "debt_filled"),
    ):
        for one in _take(account, lots, (source, "issued"), column, left):
            left -= one.points
            yield one
    if left:
        yield Move(account, None, "debt", "issued", left)


def _arrive(account: Account, lot: Lot, source: str, points: int) -> Iterator[Move]:
    filling = min(points, -account.debt)
    if filling:
        yield Move(account, lot, source, "debt", filling)
    if points > filling:
        yield Move(account, lot, source, "available", points - filling)


def _take(account: Account, lots: Sequence[Lot], flow: tuple[str, str], column: str, points: int) -> Iterator[Move]:
    for lot in lots:
        taken = min(points, getattr(lot, column))
        if taken:
            points -= taken
            yield Move(account, lot, *flow, taken)

"""Which points move, and in what order: pure planning over an account and its lots. The caller holds the locks.

A plan is made and applied step by step, since each step changes what the next may take; so these functions yield moves and expect
each to be applied before the next is asked for (`Books.move` does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin.errors import InsufficientPoints
from plugin.ledger.shapes import Account, Lot, Move

Step = Callable[[Account, Lot, int], Iterator[Move]]


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


def expire(account: Account, lot: Lot) -> Iterator[Move]:
    """Let a lot's available points go; held ones stay until their redemption is settled."""
    yield Move(account, lot, "available", "expired", lot.available)


def restore(account: Account, lot: Lot) -> Iterator[Move]:
    """Bring expired points back; debt is filled first."""
    filling = min(lot.expired, -account.debt)
    points = lot.expired
    yield Move(account, lot, "expired", "available", points)
    if filling:
        yield Move(account, lot, "available", "debt", filling)


def overdraw(account: Account, lot: Lot, points: int) -> Iterator[Move]:
    """Cover a hold that was accepted in good faith by debt: the points are owed from now on."""
    yield Move(account, lot, "debt", "held", points)


def charge(account: Account, lots: Sequence[Lot], overdraft: Lot, points: int) -> Iterator[Move]:
    """Spend points again that had come back, soonest expiring first; what is not there is owed, and spent through `overdraft`."""
    left = points
    for one in _take(account, lots, ("available", "redeemed"), "available", points):
        left -= one.points
        yield one
    if left:
        yield from overdraw(account, overdraft, left)
        yield from capture(account, overdraft, left)


def take_away(account: Account, lots: Sequence[Lot], points: int) -> Iterator[Move]:
    """Take points away by hand, soonest expiring first; what is not there is owed."""
    left = points
    for one in _take(account, lots, ("available", "adjusted"), "available", left):
        left -= one.points
        yield one
    if left:
        yield Move(account, None, "debt", "adjusted", left)


def forgive(account: Account, points: int) -> Iterator[Move]:
    """Write debt off, as far as there is any."""
    if forgiven := min(points, -account.debt):
        yield Move(account, None, "adjusted", "debt", forgiven)


def add_by_hand(account: Account, lot: Lot, points: int) -> Iterator[Move]:
    """Give points by hand; debt is filled first."""
    yield from _arrive(account, lot, "adjusted", points)


def claw_back(
    account: Account,
    own: Sequence[Lot],
    others: Sequence[Lot],
    points: int,
    *,
    house: str = "issued",
    is_forgiven: bool = False,
) -> Iterator[Move]:
    """Take back points an order no longer earns; held points are never touched. `house` is where they had come from.

    In this order: the order's own pending, available and expired points (the last cost the member nothing), other available lots
    soonest expiring first, own points that once filled debt, and what is still missing as new debt. Debt comes last, since an
    account in debt has nothing available. Where `is_forgiven`, that new debt is written off at once.
    """
    left = points
    for lots, source, column in (
        (own, "pending", "pending"),
        (own, "available", "available"),
        (own, "expired", "expired"),
        (others, "available", "available"),
        (own, "debt", "debt_filled"),
    ):
        for one in _take(account, lots, (source, house), column, left):
            left -= one.points
            yield one
    if left:
        yield Move(account, None, "debt", house, left)
        if is_forgiven:
            yield Move(account, None, "adjusted", "debt", left)


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


@dataclass(frozen=True, slots=True)
class Due:
    """What time does to a lot at an instant."""

    at: datetime
    is_expiry: bool
    lot: Lot

    def moves(self, account: Account) -> Iterator[Move]:
        """Plan it."""
        return expire(account, self.lot) if self.is_expiry else mature(account, self.lot)


def next_due(lots: Iterable[Lot], until: datetime) -> Due | None:
    """Find what time does next to these lots, not after `until`; return windows end before points expire."""
    found: Due | None = None
    for lot in lots:
        for at, is_expiry, points in ((lot.matures_at, False, lot.pending), (lot.expires_at, True, lot.available)):
            if points and at is not None and at <= until:
                due = Due(at, is_expiry, lot)
                if found is None or _place(due) < _place(found):
                    found = due
    return found


def _place(due: Due) -> tuple[datetime, bool, datetime, str]:
    return due.at, due.is_expiry, due.lot.occurred_at, str(due.lot.key)

"""From what the books hold to what the replay says: balancing moves, lot by lot, and nothing where they agree.

Whatever sits in the wrong column first comes back to `available` and leaves from there, each by a flow or by the reversal of one; so
every step is an entry that the books can be rebuilt from.
"""

from __future__ import annotations

from collections.abc import Iterator

from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.shapes import Account, Lot, Move

# column → (source, destination, whether that reverses a flow) of points that come back to `available`, or leave it
_TO_HUB = {
    "pending": ("pending", "available", False),
    "held": ("held", "available", False),
    "spent": ("redeemed", "available", False),
    "expired": ("expired", "available", False),
    "debt_filled": ("debt", "available", True),
    "clawed_back": ("issued", "available", True),
}
_FROM_HUB = {
    "pending": ("available", "pending", True),
    "held": ("available", "held", False),
    "spent": ("available", "redeemed", False),
    "expired": ("available", "expired", False),
    "debt_filled": ("available", "debt", False),
    "clawed_back": ("available", "issued", False),
}


def differs(lot: Lot, target: Lot) -> bool:
    """Say whether a lot holds anything else than the replay says."""
    return any(getattr(lot, column) != getattr(target, column) for column in LOT_COLUMNS)


def reconcile_lot(account: Account, lot: Lot, target: Lot, *, is_overdraft: bool) -> Iterator[Move]:
    """Move a lot's points to where the replay has them. An overdraft was granted by debt, every other lot by the house."""
    wanted = {column: getattr(target, column) for column in LOT_COLUMNS}
    for column, (source, destination, is_reversal) in _TO_HUB.items():
        if (surplus := getattr(lot, column) - wanted[column]) > 0:
            yield Move(account, lot, source, destination, surplus, is_reversal)
    yield from _regrant(account, lot, wanted["granted"] - lot.granted, is_overdraft=is_overdraft)
    for column, (source, destination, is_reversal) in _FROM_HUB.items():
        if (missing := wanted[column] - getattr(lot, column)) > 0:
            yield Move(account, lot, source, destination, missing, is_reversal)


def reconcile_debt(account: Account, target: Account) -> Iterator[Move]:
    """Move what no lot stands behind: debt the replay knows and the books do not, or the other way."""
    missing = account.debt - target.debt
    if missing > 0:
        yield Move(account, None, "debt", "issued", missing)
    elif missing < 0:
        yield Move(account, None, "issued", "debt", -missing, is_reversal=True)


def _regrant(account: Account, lot: Lot, more: int, *, is_overdraft: bool) -> Iterator[Move]:
    if is_overdraft and more > 0:
        yield Move(account, lot, "debt", "held", more)
        yield Move(account, lot, "held", "available", more)
    elif is_overdraft and more < 0:
        yield Move(account, lot, "available", "held", -more)
        yield Move(account, lot, "held", "debt", -more, is_reversal=True)
    elif more > 0:
        yield Move(account, lot, "issued", "available", more)
    elif more < 0:
        yield Move(account, lot, "available", "issued", -more, is_reversal=True)

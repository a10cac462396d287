"""What follows from orders beside their points: each slice of the product that orders touch is named here, and nowhere in crediting.

A slice takes part in one of two ways, or both:

- `FROZEN`: it freezes something into the context of orders that ask for it the first time, where one order must wait for another: its
  member's, or all of a programme's. It is called with the accounts locked, the orders in the sequence in which they were placed, and
  says which of them have to be weighed again. A rehearsal (a preview, a look ahead) takes no lock and writes nothing.
- `NOTED`: it keeps what converged orders mean to it. It is called last in the transaction, when points are posted. What it locks
  comes after what limits have used (`locking`); what takes long, or posts, it leaves to the slow lane.

Both must end the same whichever way and however often an order comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.capping_orders import charge_orders
from plugin.journeys.context_orders import number_orders
from plugin.journeys.contexts import Surroundings
from plugin.journeys.membership_purchases import note_purchases
from plugin.journeys.noting_news import note_news
from plugin.orders import OrderState
from plugin.orders.states import OrderKey
from plugin.referrals.transitions import mark_orders
from plugin.rewards import mark_codes_used


@dataclass(frozen=True, slots=True)
class Converged:
    """Orders whose points are what they should be, and the members (programme, member) that they are or were told of."""

    states: Sequence[OrderState]
    members: frozenset[tuple[UUID, UUID]]
    now: datetime


class Freeze(Protocol):
    """Freezes what a slice needs into orders' contexts; returns the orders that have to be weighed again."""

    def __call__(
        self, session: Session, states: Sequence[OrderState], around: Surroundings, *, is_rehearsal: bool = False
    ) -> set[OrderKey]:
        """Freeze under the accounts' lock; a rehearsal takes none."""


Note = Callable[[Session, Converged], None]


def freeze_under_lock(
    session: Session, states: Sequence[OrderState], around: Surroundings, *, is_rehearsal: bool = False
) -> set[OrderKey]:
    """Let every slice freeze what it needs; returns the orders that have to be weighed again."""
    again: set[OrderKey] = set()
    for freeze in FROZEN:
        again |= freeze(session, states, around, is_rehearsal=is_rehearsal)
    return again


def note_what_follows(session: Session, converged: Converged) -> None:
    """Let every slice keep what it needs."""
    for note in NOTED:
        note(session, converged)


def _number_orders(
    session: Session, states: Sequence[OrderState], around: Surroundings, *, is_rehearsal: bool = False
) -> set[OrderKey]:
    """Rules about a member's orders: which one this is, and what they spent before. Rehearsed or not, it only reads."""
    del is_rehearsal
    return number_orders(session, states, around.earners(states))


def _note_purchases(session: Session, converged: Converged) -> None:
    """Memberships: what orders buy of them."""
    note_purchases(session, converged.states)


def _note_news(session: Session, converged: Converged) -> None:
    """Tiers and challenges: who has to be looked at."""
    note_news(session, converged.members, converged.now)


def _note_used_codes(session: Session, converged: Converged) -> None:
    """Redemptions: which of our codes orders used. A code works once: cancelling the order does not make it work again."""
    for (programme_id, shop_id), codes in _codes(converged):
        mark_codes_used(session, programme_id, shop_id, codes)


def _note_referrals(session: Session, converged: Converged) -> None:
    """Referrals: which orders used a friend's code."""
    for (programme_id, shop_id), codes in _codes(converged):
        mark_orders(session, programme_id, shop_id, codes, converged.now)


def _codes(converged: Converged) -> list[tuple[tuple[UUID, UUID], list[tuple[str, int, datetime]]]]:
    """List the codes that real orders name, by shop: (code, order id, when placed)."""
    used: dict[tuple[UUID, UUID], list[tuple[str, int, datetime]]] = {}
    for state in converged.states:
        if state.snapshot is not None and not state.snapshot.is_test:
            for code in state.snapshot.discount_codes:
                use = (code, state.order_id, state.snapshot.placed_at)
                used.setdefault((state.programme_id, state.shop_id), []).append(use)
    return sorted(used.items())


FROZEN: tuple[Freeze, ...] = (_number_orders, charge_orders)
"""Numbers and sums of earlier orders; caps and budgets."""
NOTED: tuple[Note, ...] = (_note_purchases, _note_news, _note_used_codes, _note_referrals)

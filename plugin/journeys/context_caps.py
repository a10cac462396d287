"""Which of a member's orders an order is, where a budget asks whether it won them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from plugin.orders import OrderState
from plugin.orders.queries import earlier_orders


def freeze_order_numbers(session: Session, states: Sequence[OrderState]) -> None:
    """Number these orders among those of their members that gave something: 1 is the first, by the dates they were placed.

    Their accounts are locked, so that of two first orders at once only one is. A number once frozen stays.
    """
    fresh = [state for state in states if state.context is not None and state.context.order_number is None]
    accounts = {(state.programme_id, state.account_id) for state in fresh if state.account_id is not None}
    if not accounts:
        return
    known = earlier_orders(session, accounts)
    mine = {member_id: {key: at for at, key in orders} for member_id, orders in known.items()}
    for state in fresh:
        if state.member_id is not None and state.snapshot is not None and state.context is not None:
            orders = mine.setdefault(state.member_id, {})
            orders[state.key] = state.snapshot.placed_at
            number = sorted((at, key) for key, at in orders.items()).index((orders[state.key], state.key)) + 1
            state.context = replace(state.context, order_number=number)

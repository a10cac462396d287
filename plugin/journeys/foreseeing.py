"""What past orders would give if they counted: weighed as crediting weighs them, with nothing written.

Both the look ahead and the run tell of an order in the same words, so that they can be held against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot
from plugin.journeys.contexts import PRODUCTS_FRESH, look_ahead
from plugin.journeys.crediting import credit_past, weigh
from plugin.journeys.documents import document_of
from plugin.journeys.following_orders import freeze_under_lock
from plugin.orders import OrderState
from plugin.orders.backfills import Backfill, PastOrder
from plugin.orders.products import find_products
from plugin.orders.states import find_states
from plugin.programme.store import get_programme
from plugin.rules import lot_terms, needs_products


def foresee(session: Session, one: Backfill, snapshots: Sequence[OrderSnapshot], now: datetime) -> list[PastOrder]:
    """Say what each of these orders would give more than it has given, if the back-fill ran now."""
    newest = {(order.programme_id, order.shop_id, order.order_id): order for order in snapshots}
    states = find_states(session, newest)
    known = {state.key: state.backfill_id for state in states}
    for state in states:
        state.absorb(newest[state.key])
        state.admit(one.backfill_id, one.document_version)
    movable = [state for state in states if not state.is_frozen and state.snapshot is not None]
    around = look_ahead(session, movable, now)
    ready = sorted((one for one in movable if one.needs is None), key=lambda one: one.place)
    freeze_under_lock(session, ready, around, is_rehearsal=True)
    told = [PastOrder(state.order_id, None, 0, "forgotten") for state in states if state.is_frozen]
    for state in movable:
        given, points = sum(state.targets.values()), 0
        if state.needs is None:
            evaluation = weigh(session, state, around)
            state.why_nothing = evaluation.why_nothing
            points = evaluation.points - given if around.account_of(state) else -given
        told.append(_told(session, state, points, known[state.key], now))
    return told


def credit_backfilled(
    session: Session, one: Backfill, snapshots: Sequence[OrderSnapshot], now: datetime
) -> list[PastOrder]:
    """Let these orders count, and say what each gave."""
    newest = {(order.programme_id, order.shop_id, order.order_id) for order in snapshots}
    known = {state.key: state.backfill_id for state in find_states(session, newest)}
    credited = credit_past(session, snapshots, one.backfill_id, one.document_version, now)
    return [
        PastOrder(state.order_id, None, 0, "forgotten")
        if state.is_frozen
        else _told(session, state, points, known[state.key], now)
        for state, points in credited
    ]


def unknown_products(session: Session, one: Backfill, snapshots: Sequence[OrderSnapshot], now: datetime) -> list[int]:
    """List the products that the version named asks about in these orders, and of which we have no fresh facts."""
    document = document_of(session, one.programme_id, one.document_version)
    wanted = {product_id for order in snapshots for product_id in needs_products(document, order)}
    keys = [(one.programme_id, one.shop_id, product_id) for product_id in wanted]
    found = find_products(session, keys, fetched_since=now - PRODUCTS_FRESH)
    return sorted(
        product_id for programme_id, shop_id, product_id in keys if (programme_id, shop_id, product_id) not in found
    )


def _told(session: Session, state: OrderState, points: int, known_by: UUID | None, now: datetime) -> PastOrder:
    """Tell of an order: one that an earlier back-fill let count already gives nothing again."""
    snapshot, context = state.snapshot, state.context
    if snapshot is None or context is None:
        raise ValueError("an order without snapshot or context was weighed")
    customer_id = snapshot.customer.customer_id if snapshot.customer else None
    if state.needs is not None:
        return PastOrder(state.order_id, customer_id, points, "waiting")
    if points <= 0:
        return PastOrder(state.order_id, customer_id, points, state.why_nothing or ("already" if known_by else None))
    document = document_of(session, state.programme_id, context.document_version)
    timezone = get_programme(session, state.programme_id).timezone
    expires_at = lot_terms(document, snapshot.placed_at, timezone, context.tier).expires_at
    lapsed = points if expires_at is not None and expires_at <= now else 0
    return PastOrder(state.order_id, customer_id, points, None, lapsed)

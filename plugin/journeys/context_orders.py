"""What rules ask of an order that its own snapshot does not tell: frozen into its context, and only where the document asks.

Tags, subscriptions and payments come with a fetch, and an order waits for it. Which of its member's orders it is, and what they spent
before, is counted when the order first counts, one after the other under the lock of the account: two orders are never both the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.days import day_of
from plugin.facts import Context, OrderSnapshot, PaidOtherwise, SpendBefore
from plugin.facts.orders import is_renewal_source
from plugin.journeys.documents import document_of
from plugin.orders import OrderState
from plugin.orders.others import Earlier, list_earlier
from plugin.orders.states import OrderKey
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.rules.asking import Asks, asks_of, counts, eligible_spend, period_of
from plugin.rules.exact import MICROS


def freeze_order_facts(session: Session, states: Sequence[OrderState]) -> None:
    """Freeze the timezone and what a fetch told of orders; ask for a fetch where the document asks for more than is known."""
    for state in states:
        if state.snapshot is None or state.context is None:
            continue
        asks = asks_of(document_of(session, state.programme_id, state.context.document_version))
        if asks.clock and state.context.timezone is None:
            zone = get_programme(session, state.programme_id).timezone
            state.context = replace(state.context, timezone=zone)
        state.context = with_fetched(state.context, state.snapshot, asks)
        if state.needs is None and asks.missing(state.snapshot, state.context):
            state.needs = "order"


def number_orders(session: Session, states: Sequence[OrderState], members: dict[OrderKey, UUID]) -> set[OrderKey]:
    """Count orders that count for the first time, in the sequence given; `members` are those that may earn, with whose they are.

    Returns the orders that were counted: what was weighed of them before has to be weighed again.
    """
    fresh = [state for state in states if state.key in members and _is_uncounted(session, state)]
    past: dict[UUID, list[Earlier]] = {}
    for programme_id in {state.programme_id for state in fresh}:
        mine = {members[state.key] for state in fresh if state.programme_id == programme_id}
        for one in list_earlier(session, programme_id, mine):
            past.setdefault(one.member_id, []).append(one)
    for state in fresh:
        member_id = members[state.key]
        others = [one for one in past.get(member_id, []) if one.key != state.key]
        past[member_id] = [*others, _counted(session, state, member_id, others)]
    return {state.key for state in fresh}


def with_fetched(context: Context, snapshot: OrderSnapshot, asks: Asks) -> Context:
    """Fill what is asked and still open; a renewal says by its source that it is a subscription's."""
    told = snapshot.fetched
    if asks.subscription and context.is_subscription is None and is_renewal_source(snapshot.source):
        context = replace(context, is_subscription=True)
    if told is None:
        return context
    if asks.customer_tags and context.customer_tags is None:
        context = replace(context, customer_tags=told.customer_tags)
    if asks.subscription and context.is_subscription is None:
        context = replace(context, is_subscription=told.is_subscription)
    if asks.payments and context.paid_otherwise is None and counts(snapshot):
        context = replace(context, paid_otherwise=PaidOtherwise(told.gift_cards, told.store_credit, told.total))
    return context


def _is_uncounted(session: Session, state: OrderState) -> bool:
    if state.snapshot is None or state.context is None or state.needs is not None or not counts(state.snapshot):
        return False
    asks = asks_of(_document(session, state, state.context))
    return asks.history and state.context.order_number is None


def _counted(session: Session, state: OrderState, member_id: UUID, others: Sequence[Earlier]) -> Earlier:
    """Freeze the order's number and what was spent before it; returns what it is for the next."""
    snapshot, context = state.snapshot, state.context
    if snapshot is None or context is None:
        raise ValueError("an order without snapshot or context is not counted")
    document = _document(session, state, context)
    zone = get_programme(session, state.programme_id).timezone
    day = day_of(snapshot.placed_at, zone)
    before = []
    for rule_id, period in asks_of(document).goals:
        same = (one for one in others if period_of(day_of(one.placed_at, zone), period) == period_of(day, period))
        before.append(SpendBefore(rule_id, Decimal(sum(one.spend_micros for one in same)) / MICROS))
    state.context = replace(context, order_number=len(others) + 1, spend_before=tuple(before))
    spend = eligible_spend(snapshot, document, context) * MICROS
    return Earlier(state.key, member_id, snapshot.placed_at, int(spend))


def _document(session: Session, state: OrderState, context: Context) -> ProgrammeDocument:
    return document_of(session, state.programme_id, context.document_version)

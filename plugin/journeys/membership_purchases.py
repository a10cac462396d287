"""What orders buy of memberships, kept in the transaction that credits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from plugin.journeys.documents import document_of
from plugin.journeys.retelling import BARRED
from plugin.memberships import store
from plugin.memberships.store import Purchase
from plugin.orders import OrderState
from plugin.rules.memberships import bought_in


def note_purchases(session: Session, states: Sequence[OrderState]) -> None:
    """Remember what locked orders buy, and what they buy no more; programmes without memberships pay nothing for this."""
    selling = [
        state
        for state in states
        if state.context and document_of(session, state.programme_id, state.context.document_version).memberships
    ]
    if not selling:
        return
    known = store.find_of_orders(session, [state.key for state in selling])
    before = [one for purchases in known.values() for one in purchases]
    after = [one for state in selling for one in _purchases(session, state, known.get(state.key, []))]
    gone, come = set(before) - set(after), set(after) - set(before)
    store.replace_purchases(session, gone, list(come))


def _purchases(session: Session, state: OrderState, before: Sequence[Purchase]) -> list[Purchase]:
    """What an order buys now, for whom; what it bought for somebody else, or buys no more, stays as void."""
    if state.snapshot is None or state.context is None:
        return list(before)
    version = state.context.document_version
    counts = state.member_id is not None and state.why_nothing not in BARRED
    found = bought_in(state.snapshot, document_of(session, state.programme_id, version)) if counts else ()
    first = {(one.line_id, one.member_id): one.first_member_id for one in before}
    now = [
        Purchase(
            *state.key,
            one.line_id,
            first.get((one.line_id, state.member_id), state.member_id),
            state.member_id,
            version,
            one,
        )
        for one in found
        if state.member_id is not None
    ]
    kept = {(one.line_id, one.first_member_id) for one in now}
    void = [replace(one, is_void=True) for one in before if (one.line_id, one.first_member_id) not in kept]
    return [*now, *void]

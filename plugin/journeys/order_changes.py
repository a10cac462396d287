"""What one order has to post, and how the posting tells it: why, when, and under which name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from plugin.facts import Evaluation
from plugin.ledger import Fact
from plugin.orders import OrderState
from plugin.rules import LotTerms

Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Change:
    """What one order has to post: how many points more or less, for each account."""

    state: OrderState
    evaluation: Evaluation
    targets: dict[UUID, int]
    differences: dict[UUID, int]
    terms: LotTerms
    granted_first: int
    account_id: UUID | None
    owners: frozenset[UUID]
    members: frozenset[UUID]
    is_forgiving: bool = False

    @property
    def touched(self) -> set[tuple[UUID, UUID]]:
        """The accounts that this order is, or was, told on, whether it gives them anything in the end or not: (programme, account)."""
        return {(self.state.programme_id, account_id) for account_id in {*self.owners, *self.differences}}


def order_posting(change: Change) -> Fact:
    """Tell a change as a fact of the ledger."""
    state, snapshot = change.state, must(change.state.snapshot)
    by_backfill = {"backfill_id": str(state.backfill_id)} if state.backfill_id else {}
    return Fact(
        programme_id=state.programme_id,
        reference=f"order:{state.shop_id}:{state.order_id}:r{state.revision}",
        reason="order",
        actor="laurel",
        explanation={
            "order_name": snapshot.name,
            "because": _because(state),
            "points": sum(change.targets.values()),
            "change": sum(change.differences.values()),
            "evaluation": change.evaluation.explanation,
            "why_nothing": change.evaluation.why_nothing,
            **by_backfill,
        },
        occurred_at=_occurred_at(state),
        document_version=must(state.context).document_version,
        shop_id=state.shop_id,
        order_id=state.order_id,
    )


def _because(state: OrderState) -> str:
    """Say in one word what made the order's points change."""
    snapshot = must(state.snapshot)
    if state.revision == 1:
        return "order"
    if snapshot.cancelled_at:
        return "cancellation"
    if len(snapshot.refunds) > len(state.previous.refunds if state.previous else ()):
        return "refund"
    return "change"


def _occurred_at(state: OrderState) -> datetime:
    snapshot = must(state.snapshot)
    if state.revision == 1:
        return snapshot.placed_at
    because = _because(state)
    if because == "cancellation" and snapshot.cancelled_at:
        return snapshot.cancelled_at
    if because == "refund":
        return max(refund.created_at for refund in snapshot.refunds)
    return snapshot.updated_at


def must(value: Known | None) -> Known:
    """Narrow an optional that the caller has made sure of."""
    if value is None:
        raise ValueError("an order without snapshot or context cannot converge")
    return value

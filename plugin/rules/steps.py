"""What an order should have given from each instant on: its target, dated by its own refunds and cancellation.

A pure function of the newest snapshot, so that it does not matter which older states we saw, or when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from plugin.facts import Context, OrderSnapshot
from plugin.rules.evaluate import PAID, weigh
from plugin.rules.schema import ProgrammeDocument


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, the order should have given `points` in all."""

    at: datetime
    points: int


def dated_targets(
    order: OrderSnapshot, document: ProgrammeDocument, context: Context, *, barred: str | None = None
) -> tuple[Step, ...]:
    """List the order's targets, oldest first; neighbours differ, and the last is what `evaluate` says of the whole order."""
    if barred is not None or order.is_test or order.financial_status not in PAID:
        return ()
    changed = [one.created_at for one in order.refunds] + ([order.cancelled_at] if order.cancelled_at else [])
    instants = sorted({order.placed_at, *(max(at, order.placed_at) for at in changed)})
    states = [_as_of(order, at) for at in instants]
    steps = [Step(at, weigh(one, document, context).points) for at, one in zip(instants, states, strict=True)]
    whole = steps[-1].points if states[-1] == order else weigh(order, document, context).points
    if steps[-1].points != whole:
        steps.append(Step(max(order.cancelled_at or order.updated_at, steps[-1].at), whole))
    return _changing(steps)


def _as_of(order: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """The order with what had happened by then; a refund or cancellation later than `at` had not."""
    refunds = tuple(one for one in order.refunds if one.created_at <= at)
    is_last = len(refunds) == len(order.refunds)
    return replace(
        order,
        refunds=refunds,
        cancelled_at=order.cancelled_at if order.cancelled_at and order.cancelled_at <= at else None,
        financial_status=order.financial_status if is_last and order.refunds else "paid",
    )


def _changing(steps: list[Step]) -> tuple[Step, ...]:
    kept: list[Step] = []
    for step in steps:
        if step.points != (kept[-1].points if kept else 0):
            kept.append(step)
    return tuple(kept)

"""Orders under caps and budgets: each takes what is left, and what was left is part of its context from then on.

An order keeps what was left when it first asked for points. Only where it asks for more than it uses, after it gave some back, and
others have taken that, is it left less than it was: no limit is exceeded, whatever happens in whatever order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import CapLeft, Context, Evaluation
from plugin.journeys.contexts import Surroundings
from plugin.journeys.counting_limits import Counts, Rows, rows_of
from plugin.journeys.documents import document_of
from plugin.orders import OrderState
from plugin.orders.states import OrderKey
from plugin.programme.limit_uses import Source, find_charges
from plugin.rules import ProgrammeDocument, evaluate
from plugin.rules.capping import has_limits, limits_of


@dataclass(frozen=True, slots=True)
class Asking:
    """An order under a document with limits: the account it gives to, whose clock tells its day, why it may not earn at all."""

    state: OrderState
    document: ProgrammeDocument
    account_id: UUID | None
    timezone: str
    barred: str | None

    @property
    def source(self) -> Source:
        """What its points are charged under."""
        return self.state.programme_id, f"order:{self.state.shop_id}:{self.state.order_id}"

    def rows(self) -> Rows:
        """The rows that count what it uses."""
        if self.account_id is None or self.state.snapshot is None:
            return {}
        account = (self.state.programme_id, self.account_id)
        return rows_of(account, limits_of(self.document), self.state.snapshot.placed_at, self.timezone)

    def weighed(self, context: Context) -> Evaluation:
        """Say what it gives under a context."""
        if self.state.snapshot is None:
            raise ValueError("an order without snapshot asks for nothing")
        barred = self.barred or (None if self.account_id else "guest")
        return evaluate(self.state.snapshot, self.document, context, barred=barred)


def charge_orders(
    session: Session, states: Sequence[OrderState], around: Surroundings, *, is_rehearsal: bool = False
) -> set[OrderKey]:
    """Freeze what is left into these orders' contexts, one after the other, and charge what they give; their accounts are locked.

    Returns the orders whose documents have limits: what was weighed of them before has to be weighed again.
    """
    asking = [one for state in states if (one := _asking(session, state, around))]
    if not asking:
        return set()
    asking.sort(key=lambda one: one.state.place)
    charged = find_charges(session, [one.source for one in asking])
    taking = [one for one in asking if one.source in charged or one.weighed(_unlimited(one)).points]
    rows = {one.source: one.rows() for one in taking}
    counts = Counts(session, rows, is_rehearsal=is_rehearsal)
    for one in taking:
        _charge(counts, one, rows[one.source])
    if not is_rehearsal:
        counts.save()
    return {one.state.key for one in asking}


def _asking(session: Session, state: OrderState, around: Surroundings) -> Asking | None:
    """Look at one order; None where nothing of its document is capped, as is usual."""
    if state.context is None:
        return None
    document = document_of(session, state.programme_id, state.context.document_version)
    if not has_limits(document):
        return None
    return Asking(state, document, around.account_of(state), around.timezone_of(state), around.barred(state))


def _charge(counts: Counts, one: Asking, rows: Rows) -> None:
    if not rows:
        return counts.charge(one.source, rows, ())
    rooms = counts.rooms(one.source, rows, limits_of(one.document))
    context = _frozen(_context(one), rooms)
    evaluation = one.weighed(context)
    if any(points > rooms[limit_id] for limit_id, points in evaluation.charges):
        context = _left_less(context, rooms)
        evaluation = one.weighed(context)
    one.state.context = context
    return counts.charge(one.source, rows, evaluation.charges)


def _frozen(context: Context, rooms: dict[str, int]) -> Context:
    """Keep what was left, and add what is where nothing was kept."""
    known = {one.limit_id for one in context.caps_left}
    fresh = tuple(CapLeft(limit_id, left) for limit_id, left in rooms.items() if limit_id not in known)
    return replace(context, caps_left=(*context.caps_left, *fresh)) if fresh else context


def _left_less(context: Context, rooms: dict[str, int]) -> Context:
    left = (CapLeft(one.limit_id, min(one.left, rooms.get(one.limit_id, one.left))) for one in context.caps_left)
    return replace(context, caps_left=tuple(left))


def _unlimited(one: Asking) -> Context:
    """Ask without what was left: an order that asked for nothing yet is left out."""
    return replace(_context(one), caps_left=())


def _context(one: Asking) -> Context:
    if one.state.context is None:
        raise ValueError("an order without context asks for nothing")
    return one.state.context

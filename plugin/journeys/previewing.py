"""What a cart would give its shopper: weighed as the order it would become, in the very surroundings that order would have.

Nothing is written. Whatever only the order or a fetch can tell makes the answer an estimate, and it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.facts import Context, CustomerRef, Evaluation, OrderLine
from plugin.journeys.contexts import look_ahead
from plugin.journeys.explaining import explain_to_shopper
from plugin.journeys.following_orders import freeze_under_lock
from plugin.journeys.phrasing import Phrases
from plugin.journeys.viewing import Visit
from plugin.orders import OrderState
from plugin.rules import ProgrammeDocument, evaluate
from plugin.rules.previewing import Cart, order_of

_NO_ORDER = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a cart would give. `is_estimate` is False where the order will give the same to the point."""

    evaluation: Evaluation
    is_estimate: bool


def preview_cart(
    session: Session, seen: Visit, lines: Sequence[OrderLine], now: datetime, *, taxes_included: bool = False
) -> Preview:
    """Weigh a cart for who has come; a guest is told what it would give a member."""
    order = replace(
        order_of(Cart(lines, seen.shop.currency, now, taxes_included=taxes_included)),
        programme_id=seen.shop.programme_id,
        shop_id=seen.shop.shop_id,
        order_id=_NO_ORDER,
        customer=CustomerRef(seen.customer_id) if seen.customer_id else None,
        customer_standing="present" if seen.customer_id else "none",
    )
    state = OrderState(order.programme_id, order.shop_id, order.order_id, snapshot=order)
    around = look_ahead(session, [state], now)
    is_estimate = state.needs is not None or _lacks(seen.document, lines, taxes_included=taxes_included)
    state.needs = None
    freeze_under_lock(session, [state], around, is_rehearsal=True)
    context = state.context or Context(0)
    return Preview(evaluate(order, seen.document, context), is_estimate)


def shown_preview(one: Preview, document: ProgrammeDocument, phrases: Phrases) -> dict[str, object]:
    """Turn a preview into JSON: a number, a sentence, and what it is made of."""
    points = one.evaluation.points
    key = "preview.none" if not points else "preview.estimate" if one.is_estimate else "preview.points"
    return {
        "points": points,
        "is_estimate": one.is_estimate,
        "sentence": phrases.words.say(key, points=phrases.points(points)) if points else phrases.words.say(key),
        "why": explain_to_shopper(one.evaluation.explanation, document, phrases),
    }


def _lacks(document: ProgrammeDocument, lines: Sequence[OrderLine], *, taxes_included: bool) -> bool:
    """Whether shipping or tax decides and the cart does not tell it: a cart comes before either is worked out."""
    if document.earning.base.shipping:
        return True
    return taxes_included != document.earning.base.taxes and not any(line.tax for line in lines)

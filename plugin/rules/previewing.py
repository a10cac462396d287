"""What a cart or a product would give: the very arithmetic of an order, on lines that are not bought yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plugin.facts import Context, Evaluation, OrderLine, OrderSnapshot
from plugin.rules.evaluate import evaluate
from plugin.rules.schema import ProgrammeDocument

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines as an order would have them, and what else of it is known; amounts are in the shop's currency."""

    lines: Sequence[OrderLine]
    currency: str
    at: datetime
    source: str = "web"
    taxes_included: bool = False
    buyer_currency: str = ""


def preview(document: ProgrammeDocument, context: Context, cart: Cart) -> Evaluation:
    """Evaluate the order that a cart would be, bought at `cart.at` and paid for, in the context it would have."""
    return evaluate(order_of(cart), document, context)


def order_of(cart: Cart) -> OrderSnapshot:
    """The order that a cart would be."""
    return OrderSnapshot(
        programme_id=_NOBODY,
        shop_id=_NOBODY,
        order_id=0,
        updated_at=cart.at,
        placed_at=cart.at,
        currency=cart.currency,
        financial_status="paid",
        source=cart.source,
        taxes_included=cart.taxes_included,
        lines=tuple(cart.lines),
        buyer_currency=cart.buyer_currency,
    )

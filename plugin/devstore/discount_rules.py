"""Whether a discount code may be used at check-out, as Shopify documents it; the answer is a machine word, the page says the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from plugin.devstore.pricing import eligible_subtotal
from plugin.devstore.records import Discount, Line


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who stands at the check-out; `customer_id` None is a guest."""

    customer_id: int | None


def refusal(
    discount: Discount | None, buyer: Buyer, lines: Sequence[Line], now: datetime, shipping: Decimal
) -> str | None:
    """Say why the code does not apply, None if it does; `shipping` is what delivery would cost without it."""
    if discount is None:
        return "unknown"
    by_time_and_person = _timing(discount, now) or _person(discount, buyer) or _uses(discount, buyer)
    return by_time_and_person or _basket(discount, lines) or _delivery(discount, shipping)


def _timing(discount: Discount, now: datetime) -> str | None:
    return {"EXPIRED": "expired", "SCHEDULED": "not_started"}.get(discount.status(now))


def _person(discount: Discount, buyer: Buyer) -> str | None:
    if discount.customer_ids is None or buyer.customer_id in discount.customer_ids:
        return None
    return "sign_in" if buyer.customer_id is None else "other_customer"


def _uses(discount: Discount, buyer: Buyer) -> str | None:
    if discount.usage_limit is not None and len(discount.uses) >= discount.usage_limit:
        return "used_up"
    if discount.once_per_customer and any(use.customer_id == buyer.customer_id for use in discount.uses):
        return "used_by_customer"
    return None


def _basket(discount: Discount, lines: Sequence[Line]) -> str | None:
    eligible = eligible_subtotal(lines, discount)
    if eligible <= 0:
        return "nothing_eligible"
    if eligible < (discount.minimum_subtotal or Decimal(0)):
        return "minimum_subtotal"
    return None


def _delivery(discount: Discount, shipping: Decimal) -> str | None:
    dearest = discount.maximum_shipping
    return "delivery_too_dear" if dearest is not None and shipping > dearest else None

"""How an order's customer may be reached, as far as its body says: only ever hashed and compared.

What is missing, withheld or oddly shaped is not there: no order is held up by its address.
"""

from __future__ import annotations

from collections.abc import Sequence

from plugin.facts import CustomerRef, Delivery, OrderContact
from webhooks.nodes import Node

_ADDRESS = ("address1", "address2", "zip", "city", "country_code")


def contact_facts(delivery: Delivery, order: Node, customer: CustomerRef | None) -> Sequence[OrderContact]:
    """Read e-mail and postal addresses of an order with a customer; nothing where there are none."""
    if customer is None:
        return []
    emails = {_text(order, "email"), _text(order, "contact_email"), _text(_part(order, "customer"), "email")} - {""}
    parts = [_part(order, name) for name in ("shipping_address", "billing_address")]
    addresses = {tuple(_text(part, name) for name in _ADDRESS) for part in parts if part and _text(part, "address1")}
    if not emails and not addresses:
        return []
    return [
        OrderContact(
            delivery.programme_id,
            delivery.shop_id,
            customer.customer_id,
            tuple(sorted(emails)),
            tuple(sorted(addresses)),
        )
    ]


def _part(node: Node, name: str) -> Node | None:
    value = node.data.get(name)
    return Node(value, name) if isinstance(value, dict) else None


def _text(node: Node | None, name: str) -> str:
    value = node.data.get(name) if node else None
    return value[:255] if isinstance(value, str) else ""

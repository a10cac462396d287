"""Which topics we take, and who reads each. The same set is declared in shopify.app.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plugin.errors import BadInput
from plugin.facts import Delivery, Fact
from webhooks import compliance, customers, installation, orders, refunds
from webhooks.bodies import parse_body

Handler = Callable[[Delivery, dict[str, Any]], Sequence[Fact]]

HANDLERS: Mapping[str, Handler] = {
    "orders/create": orders.order_facts,
    "orders/paid": orders.order_facts,
    "orders/updated": orders.order_facts,
    "orders/cancelled": orders.order_facts,
    "orders/edited": orders.edited_order_facts,
    "refunds/create": refunds.refund_facts,
    "customers/create": customers.new_customer_facts,
    "customers/update": customers.customer_facts,
    "customers_email_marketing_consent/update": customers.consent_facts,
    "customers_marketing_consent/update": customers.consent_facts,
    "customers/delete": customers.deleted_customer_facts,
    "customers/merge": customers.merge_facts,
    "app/uninstalled": installation.uninstall_facts,
    "app/scopes_update": installation.scopes_facts,
    "shop/update": installation.shop_facts,
    "customers/data_request": compliance.data_request_facts,
    "customers/redact": compliance.customer_redaction_facts,
    "shop/redact": compliance.shop_redaction_facts,
}


def parse_delivery(delivery: Delivery) -> list[Fact]:
    """Read the facts out of a stored delivery.

    Raises:
        BadInput: the body has not its topic's shape, now or ever; the delivery is a dead letter.
    """
    if (handler := HANDLERS.get(delivery.topic)) is None:
        raise BadInput("no handler for this topic", path="topic")
    return list(handler(delivery, parse_body(delivery.body)))

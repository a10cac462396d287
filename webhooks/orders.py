"""orders/create, orders/paid, orders/updated, orders/cancelled: one whole order. orders/edited: only word that one changed.

Amounts are shop money throughout; the buyer's own currency appears only inside `*_set.presentment_money`, which nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from plugin.facts import CustomerRef, Delivery, Fact, OrderSnapshot, OrderTouched
from plugin.facts.orders import CustomerStanding
from plugin.money import parse_currency
from webhooks.contacts import contact_facts
from webhooks.customers import has_account
from webhooks.nodes import FactMissing, Node
from webhooks.order_lines import parse_line
from webhooks.refunds import list_refunds
from webhooks.shipping import find_shipping, shipping_lines

NO_CURRENCY = "XXX"


def order_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read one order. What its body lacks, a fetch will bring: then the snapshot says no more than which order, and how new."""
    order = Node(body)
    order_id, updated_at = order.get_id("id"), order.find_instant("updated_at")
    if updated_at is None:
        return [OrderTouched(delivery.programme_id, delivery.shop_id, order_id, delivery.triggered_at)]
    try:
        whole = _whole(delivery, order, updated_at)
    except FactMissing:
        return [_incomplete(delivery, order_id, updated_at)]
    return [whole, *contact_facts(delivery, order, whole.customer)]


def edited_order_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read which order a merchant edited; the edit's body tells what was added and removed, not what the order is now."""
    order_id = Node(body).get_node("order_edit").get_id("order_id")
    return [OrderTouched(delivery.programme_id, delivery.shop_id, order_id, delivery.triggered_at)]


def _whole(delivery: Delivery, order: Node, updated_at: datetime) -> OrderSnapshot:
    customer, standing = _customer(order)
    tips = order.find_cost("total_tip_received") or Decimal(0)
    return OrderSnapshot(
        programme_id=delivery.programme_id,
        shop_id=delivery.shop_id,
        order_id=order.get_id("id"),
        updated_at=updated_at,
        placed_at=order.find_instant("processed_at") or order.get_instant("created_at"),
        currency=parse_currency(order.get_text("currency"), path="currency"),
        financial_status=order.known_text("financial_status"),
        name=order.find_text("name"),
        customer=customer,
        customer_standing=standing,
        cancelled_at=order.find_instant("cancelled_at"),
        is_test=order.find_flag("test"),
        taxes_included=order.find_flag("taxes_included"),
        source=order.find_text("source_name"),
        lines=tuple(parse_line(line, tips) for line in order.get_nodes("line_items")),
        refunds=list_refunds(order),
        discount_codes=tuple(code.get_text("code") for code in order.list_nodes("discount_codes")),
        buyer_currency=order.find_text("presentment_currency"),
        tags=_tags(order.find_text("tags")),
        shipping_methods=tuple(line.find_text("title") for line in shipping_lines(order)),
        shipping=find_shipping(order),
    )


def _tags(text: str) -> tuple[str, ...]:
    """Read tags, which a body tells in one text with commas between."""
    return tuple(sorted(one.strip() for one in text.split(",") if one.strip()))


def _incomplete(delivery: Delivery, order_id: int, updated_at: datetime) -> OrderSnapshot:
    return OrderSnapshot(
        programme_id=delivery.programme_id,
        shop_id=delivery.shop_id,
        order_id=order_id,
        updated_at=updated_at,
        placed_at=updated_at,
        currency=NO_CURRENCY,
        financial_status="",
        customer_standing="unknown",
        is_complete=False,
    )


def _customer(order: Node) -> tuple[CustomerRef | None, CustomerStanding]:
    """Tell a guest (null) from a customer whom the body withholds: not named at all, or named without an id."""
    if "customer" not in order.data:
        return None, "unknown"
    if (customer := order.find_node("customer")) is None:
        return None, "none"
    if (customer_id := customer.find_id("id")) is None:
        return None, "unknown"
    return CustomerRef(customer_id, has_account(customer)), "present"

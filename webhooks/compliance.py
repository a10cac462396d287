"""customers/data_request, customers/redact, shop/redact: what the law asks. They may come long after the shop has left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugin.facts import CustomerRedaction, DataRequest, Delivery, Fact, ShopRedaction
from webhooks.nodes import Node


def data_request_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read who wants to know what we store about them."""
    request = Node(body)
    return [
        DataRequest(
            programme_id=delivery.programme_id,
            shop_id=delivery.shop_id,
            occurred_at=delivery.triggered_at,
            request_id=request.get_node("data_request").get_id("id"),
            customer_id=request.get_node("customer").get_id("id"),
            order_ids=request.list_ids("orders_requested"),
        )
    ]


def customer_redaction_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read who is to be forgotten, with which orders."""
    request = Node(body)
    return [
        CustomerRedaction(
            programme_id=delivery.programme_id,
            shop_id=delivery.shop_id,
            occurred_at=delivery.triggered_at,
            customer_id=request.get_node("customer").get_id("id"),
            order_ids=request.list_ids("orders_to_redact"),
        )
    ]


def shop_redaction_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read that a shop is to be forgotten; whose it is, the delivery already says."""
    del body
    return [ShopRedaction(delivery.programme_id, delivery.shop_id, delivery.triggered_at)]

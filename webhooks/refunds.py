"""Refunds inside an order, and refunds/create, which tells that an order was refunded but not what the order is now."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from plugin.facts import Delivery, Fact, OrderTouched, Refund, RefundedLine
from webhooks.nodes import Node
from webhooks.shipping import refunded_shipping


def refund_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read which order was refunded; one refund alone is not the order, so its newest state has to be fetched."""
    order_id = Node(body).get_id("order_id")
    return [OrderTouched(delivery.programme_id, delivery.shop_id, order_id, delivery.triggered_at)]


def list_refunds(order: Node) -> tuple[Refund, ...]:
    """Read an order's refunds, without those of which nothing has been given back yet.

    Raises:
        FactMissing: a refund or one of its lines does not say what it is.
    """
    return tuple(_refund(refund) for refund in order.list_nodes("refunds") if not _is_waiting(refund))


def _refund(refund: Node) -> Refund:
    shipping, shipping_tax = refunded_shipping(refund)
    return Refund(
        refund_id=refund.get_id("id"),
        created_at=refund.get_instant("created_at"),
        lines=tuple(_line(line) for line in refund.list_nodes("refund_line_items")),
        discrepancy=-_adjusted(refund),
        shipping=shipping,
        shipping_tax=shipping_tax,
    )


def _line(line: Node) -> RefundedLine:
    return RefundedLine(
        line_id=line.get_id("line_item_id"),
        quantity=line.get_count("quantity"),
        subtotal=line.get_cost("subtotal"),
        tax=line.find_cost("total_tax") or Decimal(0),
    )


def _adjusted(refund: Node) -> Decimal:
    """Net the discrepancies: below zero is money given back beyond the lines, above zero is money kept.

    They are summed, never counted singly, because Shopify books pairs that cancel each other. A shipping refund is not among them.
    Since 2024-10 it stands elsewhere, and `kind`, which tells the two apart, is deprecated: without it an adjustment is a discrepancy.
    """
    adjustments = [one for one in refund.list_nodes("order_adjustments") if one.find_text("kind") != "shipping_refund"]
    return sum((one.get_money("amount") for one in adjustments), Decimal(0))


def _is_waiting(refund: Node) -> bool:
    """Tell whether a discrepancy cancels the lines because the money is still on its way: the order changes again when it arrives."""
    paybacks = [
        one.find_text("status") for one in refund.list_nodes("transactions") if one.find_text("kind") == "refund"
    ]
    return bool(paybacks) and "success" not in paybacks and _adjusted(refund) > 0

"""What an order's shipping cost, and what a refund gave back of it."""

from __future__ import annotations

from decimal import Decimal

from plugin.facts import Shipping
from webhooks.nodes import Node

_NOTHING = Decimal(0)


def find_shipping(order: Node) -> Shipping | None:
    """Add up the shipping lines that were not removed; None where the body does not tell of any, not even of none, or not its price."""
    if "shipping_lines" not in order.data:
        return None
    lines = shipping_lines(order)
    prices = [line.find_cost("price") for line in lines]
    if None in prices:
        return None
    return Shipping(
        price=sum((price for price in prices if price), _NOTHING),
        discount=sum((_sum(line, "discount_allocations", "amount") for line in lines), _NOTHING),
        tax=sum((_sum(line, "tax_lines", "price") for line in lines), _NOTHING),
    )


def shipping_lines(order: Node) -> list[Node]:
    """List the shipping lines that stand: Shopify tells one that was taken off the order still, and answers a fetch without it."""
    return [line for line in order.list_nodes("shipping_lines") if not line.find_flag("is_removed")]


def refunded_shipping(refund: Node) -> tuple[Decimal, Decimal]:
    """Read (amount, its tax) that a refund gave back of the shipping.

    It stands as an adjustment with its own sign, in newer bodies as refunded shipping lines too; where both are, they are the same money.
    """
    if lines := refund.list_nodes("refund_shipping_lines"):
        return _bags(lines, "subtotal_amount_set"), _bags(lines, "tax_amount_set")
    parts = [one for one in refund.list_nodes("order_adjustments") if one.find_text("kind") == "shipping_refund"]
    amount = -sum((one.get_money("amount") for one in parts), _NOTHING)
    tax = -sum((one.get_money("tax_amount") for one in parts if "tax_amount" in one.data), _NOTHING)
    return max(amount, _NOTHING), max(tax, _NOTHING)


def _bags(lines: list[Node], name: str) -> Decimal:
    return sum((line.get_node(name).get_node("shop_money").get_cost("amount") for line in lines), _NOTHING)


def _sum(line: Node, items: str, amount: str) -> Decimal:
    return sum((item.get_cost(amount) for item in line.list_nodes(items)), _NOTHING)

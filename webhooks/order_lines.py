"""One ordered line: quantities as ordered, amounts over the whole quantity in shop money."""

from __future__ import annotations

from decimal import Decimal

from plugin.facts import OrderLine
from webhooks.nodes import Node

_TIP_MARKS = ("tip", "tip_payment_gateway", "tip_payment_method")


def parse_line(line: Node, tips: Decimal) -> OrderLine:
    """Read a line; `tips` is what the whole order's tips came to.

    The discount is the sum of the allocations: `total_discount` stays 0.00 beside them. `current_quantity` is not read, since refunds
    are counted from their own lines.

    Raises:
        FactMissing: the line has no id, quantity or price.
    """
    price, quantity = line.get_cost("price"), line.get_count("quantity")
    return OrderLine(
        line_id=line.get_id("id"),
        quantity=quantity,
        price=price,
        discount=_sum(line, "discount_allocations", "amount"),
        tax=_sum(line, "tax_lines", "price"),
        product_id=line.find_id("product_id"),
        variant_id=line.find_id("variant_id"),
        sku=line.find_text("sku"),
        vendor=line.find_text("vendor"),
        grams=line.find_count("grams") or 0,
        is_gift_card=line.find_flag("gift_card"),
        is_tip=_is_tip(line, tips, price * quantity),
    )


def _sum(line: Node, items: str, amount: str) -> Decimal:
    return sum((item.get_cost(amount) for item in line.list_nodes(items)), Decimal(0))


def _is_tip(line: Node, tips: Decimal, worth: Decimal) -> bool:
    """Tell a tip from goods. Shopify puts `tip_payment_…` on tip lines alone, sometimes as null; newer bodies leave it out.

    A tip has no product and is not shipped, so a line without marks is one only if that holds and it is worth exactly what the
    order's tips came to.
    """
    if any(line.data.get(mark) is not None for mark in _TIP_MARKS):
        return True
    if line.data.get("product_id") is not None or line.data.get("variant_id") is not None:
        return False
    if any(mark in line.data for mark in _TIP_MARKS):
        return True
    return worth == tips > 0 and not line.find_flag("requires_shipping")

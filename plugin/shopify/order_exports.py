"""Orders as a GraphQL answer or a bulk operation writes them into a file: one JSON object a line.

A bulk operation writes what a connection holds on lines of its own, which name their parent and follow it; an answer has them inside.
Both are read by the reader that fetched orders have. What that would have to guess is refused, with what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from plugin.errors import BadInput, ShopifyUnavailable
from plugin.facts import OrderSnapshot, RejectedRow
from plugin.shopify.order_bodies import ShopKey, snapshot

_BYTES_MAX = 8_000_000
_ORDER = ("id", "processedAt", "currencyCode", "displayFinancialStatus", "taxesIncluded")
_LINE = ("id", "quantity", "originalUnitPriceSet", "discountAllocations", "taxLines")
_REFUND = ("id", "createdAt", "refundLineItems", "orderAdjustments", "transactions")
_NOTHING = {"shopMoney": {"amount": "0"}}
_OF_ORDER: dict[str, Any] = {
    "name": "",
    "customer": None,
    "cancelledAt": None,
    "test": False,
    "sourceName": "",
    "discountCodes": [],
    "presentmentCurrencyCode": "",
    "totalTipReceivedSet": _NOTHING,
    "totalPriceSet": _NOTHING,
    "transactions": [],
    "shippingLine": None,
    "refunds": [],
}
_OF_LINE = dict.fromkeys(("sku", "vendor", "isGiftCard", "weight", "sellingPlan", "product", "variant"))


@dataclass(slots=True)
class _Parts:
    """An order with the lines of the file that belong to it; `number` is where it begins."""

    number: int
    order: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)


def is_graphql(line: bytes) -> bool:
    """Say whether a line of a file is written in GraphQL's names: its id is a global one."""
    try:
        body = json.loads(line)
    except ValueError:
        return False
    return isinstance(body, dict) and str(body.get("id", "")).startswith("gid://shopify/")


def read_order_answers(lines: Iterable[bytes], shop: ShopKey) -> Iterator[OrderSnapshot | RejectedRow]:
    """Read the orders of a file, one after the other; one that cannot be read is told by the line it begins on."""
    parts: _Parts | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            body = _parsed(line)
        except BadInput as fault:
            yield RejectedRow(number, str(fault))
            continue
        if "__parentId" not in body:
            if parts is not None:
                yield _told(parts, shop)
            parts = _Parts(number, body)
        elif parts is not None and body["__parentId"] == parts.order.get("id"):
            parts.lines.append(body)
        else:
            yield RejectedRow(number, "the line belongs to no order that stands before it")
    if parts is not None:
        yield _told(parts, shop)


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > _BYTES_MAX:
        raise BadInput("the line is too long for an order")
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise BadInput("the line is not JSON") from fault
    if not isinstance(body, dict):
        raise BadInput("the line is not an order")
    return body


def _told(parts: _Parts, shop: ShopKey) -> OrderSnapshot | RejectedRow:
    try:
        return _order(parts, shop)
    except (BadInput, ShopifyUnavailable) as fault:
        return RejectedRow(parts.number, str(fault))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
        return RejectedRow(parts.number, f"this is not an order as Shopify answers it: {type(fault).__name__} {fault}")


def _order(parts: _Parts, shop: ShopKey) -> OrderSnapshot:
    order = _whole(parts.order, _ORDER, "the order", _OF_ORDER)
    order.setdefault("updatedAt", order["processedAt"])
    if (customer := order["customer"]) is not None:
        order["customer"] = {"state": None, **customer}
    inside = _nodes(order["lineItems"]) if "lineItems" in order else []
    lines = [_whole(one, _LINE, "a line", _OF_LINE) for one in [*inside, *parts.lines]]
    if not lines:
        raise BadInput("the order has no lines: neither lineItems nor lines of the file that name it as their parent")
    refunds = [_refund(one) for one in order["refunds"]]
    made = snapshot(shop, order, lines, refunds, is_customer_withheld="customer" not in parts.order)
    return _as_far_as_told(made, parts.order)


def _as_far_as_told(made: OrderSnapshot, told: dict[str, Any]) -> OrderSnapshot:
    """Take back what the reader took for granted: no shipping, no tags, nothing paid with gift cards."""
    if "shippingLine" not in told:
        made = replace(made, shipping=None)
    tells_tags = told.get("customer") is None or "tags" in told["customer"]
    return made if tells_tags and "transactions" in told and "totalPriceSet" in told else replace(made, fetched=None)


def _refund(refund: dict[str, Any]) -> dict[str, Any]:
    whole = _whole(refund, _REFUND, "a refund", {"processedAt": None, "refundShippingLines": []})
    connections = ("refundLineItems", "orderAdjustments", "transactions", "refundShippingLines")
    return whole | {name: {"nodes": _nodes(whole[name])} for name in connections}


def _whole(body: dict[str, Any], needed: tuple[str, ...], what: str, usual: dict[str, Any]) -> dict[str, Any]:
    """Fill in what may be missing; refuse what has to be there."""
    if missing := [name for name in needed if name not in body]:
        raise BadInput(f"{what} lacks {', '.join(missing)}", path=missing[0])
    return usual | body


def _nodes(connection: Any) -> list[dict[str, Any]]:
    """The objects of a connection, however the query asked for them."""
    if isinstance(connection, list):
        return connection
    if "nodes" in connection:
        return list(connection["nodes"])
    return [one["node"] for one in connection["edges"]]

"""Fetching orders whole: every line, every refund, and whether a missing customer is a guest or withheld."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plugin.errors import ShopifyRefused, ShopifyUnavailable
from plugin.facts import OrderSnapshot
from plugin.shopify.answers import Answer
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid, number_of
from plugin.shopify.order_bodies import ShopKey, snapshot

# Sizes keep each document's cost below the 1,000 points that one call may ask for.
_ORDERS_PER_CALL = 5
_LINES_PER_ORDER = 10
_LINES_PER_PAGE = 60
_REFUND_LINES_PER_PAGE = 95
_STAMPS_PER_PAGE = 20  # what one page leads to can be fetched within the bucket of the smallest plan


@dataclass(frozen=True, slots=True)
class OrderStamp:
    """How new an order is at Shopify."""

    order_id: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A page of orders by when they were placed; `cursor` is where the next one begins, None after the last."""

    order_ids: tuple[int, ...]
    cursor: str | None


def fetch_orders(admin: AdminClient, shop: ShopKey, order_ids: Sequence[int]) -> list[OrderSnapshot]:
    """Fetch orders of `shop` (programme id, shop id); those that Shopify does not have there are left out.

    Raises:
        ShopifyRefused: Shopify denies us orders altogether.
    """
    found: list[OrderSnapshot] = []
    for start in range(0, len(order_ids), _ORDERS_PER_CALL):
        some = [gid("Order", one) for one in order_ids[start : start + _ORDERS_PER_CALL]]
        answer = admin.ask("orders", {"ids": some, "lines": _LINES_PER_ORDER})
        found += [
            _whole(admin, shop, answer, at) for at, node in enumerate(answer.data["nodes"]) if _has(answer, at, node)
        ]
    return found


def orders_updated_since(
    admin: AdminClient, shop: ShopKey, since: datetime, until: datetime
) -> Iterator[list[OrderSnapshot]]:
    """Fetch every order updated between two instants, oldest change first, page by page.

    A caller that stops half-way may go on from the newest `updated_at` it has seen.
    """
    for stamps in stamps_updated_since(admin, since, until):
        yield fetch_orders(admin, shop, [one.order_id for one in stamps])


def stamps_updated_since(admin: AdminClient, since: datetime, until: datetime) -> Iterator[list[OrderStamp]]:
    """List which orders were updated between two instants, oldest change first: cheap, so that only unknown states need be fetched."""
    search = f"updated_at:>='{_instant(since)}' AND updated_at:<='{_instant(until)}'"
    after: str | None = None
    while True:
        data = admin.query("orders_updated", {"first": _STAMPS_PER_PAGE, "after": after, "search": search})
        orders = data["orders"]
        if orders["nodes"]:
            yield [_stamp(node) for node in orders["nodes"]]
        if not orders["pageInfo"]["hasNextPage"]:
            return
        after = orders["pageInfo"]["endCursor"]


def fetch_placed(admin: AdminClient, since: datetime, until: datetime, cursor: str | None) -> PlacedPage:
    """List the next orders placed between two instants, oldest first. To the second, as Shopify counts: look at both ends yourself.

    Without the scope `read_all_orders` Shopify shows the last 60 days alone, and says nothing of the others.
    """
    search = f"processed_at:>='{_instant(since)}' AND processed_at:<='{_instant(until)}'"
    data = admin.query("orders_placed", {"first": _STAMPS_PER_PAGE, "after": cursor, "search": search})
    ids = tuple(number_of(node["id"], "Order") for node in data["orders"]["nodes"])
    page = data["orders"]["pageInfo"]
    return PlacedPage(ids, page["endCursor"] if page["hasNextPage"] else None)


def _has(answer: Answer, at: int, node: dict[str, Any] | None) -> bool:
    if node is None and answer.is_denied("nodes", at):
        raise ShopifyRefused("Shopify denies us orders", codes=("ACCESS_DENIED",))
    return bool(node)


def _whole(admin: AdminClient, shop: ShopKey, answer: Answer, at: int) -> OrderSnapshot:
    order = answer.data["nodes"][at]
    return snapshot(
        shop,
        order,
        list(_lines(admin, order)),
        [_refund(admin, one["id"]) for one in order["refunds"]],
        is_customer_withheld=answer.is_denied("nodes", at, "customer"),
    )


def _lines(admin: AdminClient, order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    page = order["lineItems"]
    yield from page["nodes"]
    while page["pageInfo"]["hasNextPage"]:
        variables = {"id": order["id"], "first": _LINES_PER_PAGE, "after": page["pageInfo"]["endCursor"]}
        newer = admin.query("order_lines", variables)["order"]
        if newer is None or newer["updatedAt"] != order["updatedAt"]:
            raise ShopifyUnavailable("the order changed while we read it")
        page = newer["lineItems"]
        yield from page["nodes"]


def _refund(admin: AdminClient, refund_gid: str) -> dict[str, Any]:
    """Fetch a refund with all its lines; a refund never changes, so its pages fit together."""
    whole: dict[str, Any] | None = None
    after: str | None = None
    while True:
        variables = {"id": refund_gid, "first": _REFUND_LINES_PER_PAGE, "after": after}
        refund = admin.query("refund", variables)["refund"]
        if refund is None:
            raise ShopifyUnavailable("a refund of the order cannot be read")
        whole = whole or {**refund, "refundLineItems": {"nodes": []}}
        whole["refundLineItems"]["nodes"] += refund["refundLineItems"]["nodes"]
        if not refund["refundLineItems"]["pageInfo"]["hasNextPage"]:
            return whole
        after = refund["refundLineItems"]["pageInfo"]["endCursor"]


def _stamp(node: dict[str, Any]) -> OrderStamp:
    return OrderStamp(number_of(node["id"], "Order"), datetime.fromisoformat(node["updatedAt"]))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

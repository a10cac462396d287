"""customers/create, customers/update, customers/delete, customers/merge. Ids and account state only; names are not ours to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugin.errors import BadInput
from plugin.facts import CustomerSeen, CustomersMerged, Delivery, Fact
from webhooks.nodes import Node, parse_gid

_MERGED = frozenset({"completed", "success"})
_NOT_MERGED = frozenset({"failed", "requested", "in_progress"})


def customer_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read that a customer exists, and whether they can sign in."""
    customer = Node(body)
    return [
        CustomerSeen(
            programme_id=delivery.programme_id,
            shop_id=delivery.shop_id,
            customer_id=customer.get_id("id"),
            occurred_at=delivery.triggered_at,
            has_account=has_account(customer),
        )
    ]


def deleted_customer_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read nothing: an alias is never lost, and forgetting a person is what customers/redact asks for."""
    del delivery
    Node(body).get_id("id")
    return []


def merge_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read who was merged into whom, once Shopify says that it is done.

    Raises:
        BadInput: also for a status nobody knows: a merge must not be lost in silence.
    """
    merge = Node(body)
    status = merge.get_text("status").lower()
    if status in _NOT_MERGED:
        return []
    if status not in _MERGED:
        raise BadInput("status is not one we know", path="status")
    kept_id, deleted_id = _customer_id(merge, "kept"), _customer_id(merge, "deleted")
    if kept_id == deleted_id:
        raise BadInput("a customer cannot be merged into itself", path="admin_graphql_api_customer_kept_id")
    return [
        CustomersMerged(
            programme_id=delivery.programme_id,
            shop_id=delivery.shop_id,
            kept_id=kept_id,
            deleted_id=deleted_id,
            occurred_at=delivery.triggered_at,
        )
    ]


def has_account(customer: Node) -> bool | None:
    """Tell whether a customer can sign in; None where the body does not say."""
    state = customer.find_text("state")
    return state == "enabled" if state else None


def _customer_id(merge: Node, role: str) -> int:
    name = f"admin_graphql_api_customer_{role}_id"
    return parse_gid(merge.get_text(name), "Customer", path=name)

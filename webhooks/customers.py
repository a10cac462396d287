"""customers/create, update, delete, merge, and both topics of consent. Ids and states only; names are not ours to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from plugin.errors import BadInput
from plugin.facts import ConsentChanged, CustomerSeen, CustomersMerged, Delivery, Fact
from webhooks.nodes import FactMissing, Node, parse_gid

Channel = Literal["email", "sms"]

_CONSENTS: Mapping[Channel, str] = {"email": "email_marketing_consent", "sms": "sms_marketing_consent"}
_MERGED = frozenset({"completed", "success"})
_NOT_MERGED = frozenset({"failed", "requested", "in_progress"})


def new_customer_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read that a customer came into being, and what they said of hearing from the shop then."""
    customer = Node(body)
    return [_seen(delivery, customer, is_new=True), *_consents(delivery, customer, is_change=True)]


def customer_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read that a customer exists, whether they can sign in, and how their consents stand.

    Since 2025-01 Shopify tells consents by topics of their own and leaves them out here; older bodies have them.
    """
    customer = Node(body)
    return [_seen(delivery, customer, is_new=False), *_consents(delivery, customer, is_change=False)]


def consent_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read how a customer's consent to e-mail or SMS changed; who is meant stands under one name for the one, another for the other."""
    told = Node(body)
    customer_id = told.find_id("customer_id") or told.get_id("id")
    found = _consents(delivery, told, is_change=True, customer_id=customer_id)
    if not found:
        raise FactMissing("no consent is told", path="email_marketing_consent")
    seen = CustomerSeen(delivery.programme_id, delivery.shop_id, customer_id, delivery.triggered_at)
    return [seen, *found]


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


def _seen(delivery: Delivery, customer: Node, *, is_new: bool) -> CustomerSeen:
    return CustomerSeen(
        programme_id=delivery.programme_id,
        shop_id=delivery.shop_id,
        customer_id=customer.get_id("id"),
        occurred_at=delivery.triggered_at,
        has_account=has_account(customer),
        is_new=is_new,
    )


def _consents(
    delivery: Delivery, told: Node, *, is_change: bool, customer_id: int | None = None
) -> list[ConsentChanged]:
    """Read the consents in a body; one that says since when is a change of that instant, whatever topic brings it."""
    found = []
    for channel, name in _CONSENTS.items():
        if (consent := told.find_node(name)) and (state := consent.find_text("state")):
            since = consent.find_instant("consent_updated_at")
            found.append(
                ConsentChanged(
                    programme_id=delivery.programme_id,
                    shop_id=delivery.shop_id,
                    customer_id=customer_id or told.get_id("id"),
                    channel=channel,
                    state=state.lower(),
                    occurred_at=since or delivery.triggered_at,
                    is_change=is_change or since is not None,
                )
            )
    return found


def _customer_id(merge: Node, role: str) -> int:
    name = f"admin_graphql_api_customer_{role}_id"
    return parse_gid(merge.get_text(name), "Customer", path=name)

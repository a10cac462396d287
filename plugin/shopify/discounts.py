"""Codes at Shopify: one code, one use; for one customer, or for whoever has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from plugin.errors import ShopifyRefused
from plugin.money import to_major, to_minor
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid


@dataclass(frozen=True, slots=True)
class RewardCode:
    """A discount of a fixed amount on a whole order, or of `percent` of it, which then counts instead of `amount`.

    Amounts are major units of the shop's currency. Without `customer_id` anybody may use it, without `ends_at` it never ends.
    """

    code: str
    title: str
    customer_id: int | None
    amount: Decimal
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    minimum_subtotal: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FoundCode:
    """What Shopify knows of a code. `status` is ACTIVE, EXPIRED or SCHEDULED; `used_count` may lag by a moment."""

    discount_gid: str
    title: str
    status: str
    used_count: int


def create_reward_code(admin: AdminClient, reward: RewardCode) -> str:
    """Create a one-use code and return the discount's gid.

    Raises:
        ShopifyRefused: finally; `codes` holds TAKEN when a discount with this code exists already.
        ShopifyUnavailable: no answer; the code may or may not exist now.
    """
    payload = admin.mutate("discount_code_create", {"discount": _input(reward)})
    return _node_id(payload)


def find_code(admin: AdminClient, code: str) -> FoundCode | None:
    """Look a code up, whoever made it."""
    node = admin.query("discount_code_find", {"code": code})["codeDiscountNodeByCode"]
    if node is None:
        return None
    discount = node["codeDiscount"]
    return FoundCode(
        discount_gid=str(node["id"]),
        title=str(discount.get("title", "")),
        status=str(discount.get("status", "")),
        used_count=int(discount.get("asyncUsageCount", 0)),
    )


def deactivate_code(admin: AdminClient, discount_gid: str) -> None:
    """Make a code unusable from now on; doing it again does no harm."""
    admin.mutate("discount_code_deactivate", {"id": discount_gid})


def _input(reward: RewardCode) -> dict[str, Any]:
    given: dict[str, Any] = {
        "title": reward.title,
        "code": reward.code,
        "startsAt": _instant(reward.starts_at),
        "endsAt": None if reward.ends_at is None else _instant(reward.ends_at),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": _context(reward.customer_id),
        "customerGets": {"items": {"all": True}, "value": _value(reward)},
    }
    if reward.minimum_subtotal is not None:
        least = _amount(reward.minimum_subtotal, reward.currency)
        given["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    return given


def _context(customer_id: int | None) -> dict[str, Any]:
    return {"all": "ALL"} if customer_id is None else {"customers": {"add": [gid("Customer", customer_id)]}}


def _value(reward: RewardCode) -> dict[str, Any]:
    """Write what the code takes off; Shopify takes a percentage as a share of one."""
    if reward.percent is not None:
        return {"percentage": float(reward.percent / 100)}
    return {"discountAmount": {"amount": _amount(reward.amount, reward.currency), "appliesOnEachItem": False}}


def _amount(amount: Decimal, currency: str) -> str:
    """Write an amount with the currency's own decimals; more of them is a fault of ours, not something to round away."""
    return f"{to_major(to_minor(amount, currency), currency):f}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _node_id(payload: dict[str, Any]) -> str:
    if (node := payload.get("codeDiscountNode")) is None:
        raise ShopifyRefused("Shopify neither created the discount nor said why", codes=("NO_NODE",))
    return str(node["id"])

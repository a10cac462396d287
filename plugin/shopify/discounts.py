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
class DiscountItems:
    """What a discount takes something off, by Shopify's numbers: products and variants, or collections."""

    products: tuple[int, ...] = ()
    variants: tuple[int, ...] = ()
    collections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RewardCode:
    """A discount of a fixed amount, or of `percent`, which then counts instead; on `items`, or on the whole order. Or free delivery.

    Amounts are major units of the shop's currency. Without `customer_id` anybody may use it, without `ends_at` it never ends.
    Delivery dearer than `maximum_shipping_price` is not made free. Beside it an order may have discounts of the classes in
    `combines_with`: "order", "product" and "shipping".
    """

    code: str
    title: str
    customer_id: int | None
    amount: Decimal | None
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    minimum_subtotal: Decimal | None = None
    percent: Decimal | None = None
    is_free_shipping: bool = False
    maximum_shipping_price: Decimal | None = None
    items: DiscountItems | None = None
    combines_with: frozenset[str] = frozenset()


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
    document = "discount_code_create_shipping" if reward.is_free_shipping else "discount_code_create"
    return _node_id(admin.mutate(document, {"discount": _input(reward)}))


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
        "combinesWith": {f"{one}Discounts": one in reward.combines_with for one in ("order", "product", "shipping")},
        **_gives(reward),
    }
    if reward.minimum_subtotal is not None:
        least = _amount(reward.minimum_subtotal, reward.currency)
        given["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    return given


def _gives(reward: RewardCode) -> dict[str, Any]:
    if not reward.is_free_shipping:
        return {"customerGets": {"items": _items(reward.items), "value": _value(reward)}}
    dearest = reward.maximum_shipping_price
    bound = {} if dearest is None else {"maximumShippingPrice": _amount(dearest, reward.currency)}
    return {"destination": {"all": True}, **bound}


def _items(items: DiscountItems | None) -> dict[str, Any]:
    if items is None:
        return {"all": True}
    if items.collections:
        return {"collections": {"add": [gid("Collection", one) for one in items.collections]}}
    products = [gid("Product", one) for one in items.products]
    variants = [gid("ProductVariant", one) for one in items.variants]
    return {"products": {"productsToAdd": products, "productVariantsToAdd": variants}}


def _context(customer_id: int | None) -> dict[str, Any]:
    return {"all": "ALL"} if customer_id is None else {"customers": {"add": [gid("Customer", customer_id)]}}


def _value(reward: RewardCode) -> dict[str, Any]:
    """Write what the code takes off; Shopify takes a percentage as a share of one."""
    if reward.percent is not None:
        return {"percentage": float(reward.percent / 100)}
    if reward.amount is None:
        raise ValueError("a discount takes off an amount or a percentage")
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

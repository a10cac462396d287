"""What Shopify says about a shop, and what it lets us see there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from plugin.errors import BadInput, ShopifyRefused, ShopifyUnavailable
from plugin.money import parse_currency
from plugin.shopify.answers import Answer
from plugin.shopify.client import AdminClient
from plugin.shopify.domains import parse_shop_domain

NEEDED_SCOPES = (
    "read_customer_merge",
    "read_customers",
    "read_discounts",
    "read_orders",
    "read_products",
    "write_customers",
    "write_discounts",
)
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShopDetails:
    """A shop as Shopify describes it. `domain` is the permanent one; `scopes` are those granted now, sorted."""

    name: str
    currency: str
    timezone: str
    domain: str
    scopes: tuple[str, ...]


def fetch_shop(admin: AdminClient) -> ShopDetails:
    """Ask the shop who it is; a token of another shop than the one addressed is found out here."""
    data = admin.query("installation")
    shop = data["shop"]
    if shop["myshopifyDomain"] != admin.shop_domain:
        raise ShopifyUnavailable("another shop answered than the one we asked")
    return ShopDetails(
        name=str(shop["name"]),
        currency=parse_currency(shop["currencyCode"], path="shop.currencyCode"),
        timezone=parse_timezone(shop["ianaTimezone"]),
        domain=parse_shop_domain(shop["myshopifyDomain"]),
        scopes=tuple(sorted(str(one["handle"]) for one in data["currentAppInstallation"]["accessScopes"])),
    )


def missing_scopes(granted: Iterable[str]) -> tuple[str, ...]:
    """Name the scopes we need and lack. Writing implies reading: Shopify often lists the writing one alone."""
    held = set(granted)
    held |= {f"read_{one.removeprefix('write_')}" for one in held if one.startswith("write_")}
    return tuple(one for one in NEEDED_SCOPES if one not in held)


def fetch_withheld(admin: AdminClient) -> tuple[str, ...]:
    """Name the protected kinds of data Shopify withholds: `orders`, `orders.customer`, `customers`.

    A shop without orders cannot show whether their customers would be withheld; then only what shows is named.
    """
    withheld: list[str] = []
    orders = _probe(admin, "protected_orders")
    if orders is None:
        withheld.append("orders")
    elif orders.is_denied("orders", "nodes", 0, "customer"):
        withheld.append("orders.customer")
    if _probe(admin, "protected_customers") is None:
        withheld.append("customers")
    return tuple(withheld)


def parse_timezone(text: object) -> str:
    """Read the name of a timezone that this machine knows, e.g. `Europe/Sofia`.

    Raises:
        BadInput: anything else.
    """
    if not isinstance(text, str) or not _ZONE.fullmatch(text):
        raise BadInput("that is not the name of a timezone", path="timezone")
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as fault:
        raise BadInput("that is not the name of a timezone", path="timezone") from fault
    return text


def _probe(admin: AdminClient, document_name: str) -> Answer | None:
    """Ask for a little; None when Shopify denies all of it."""
    try:
        return admin.ask(document_name)
    except ShopifyRefused as refused:
        if "ACCESS_DENIED" not in refused.codes:
            raise
        return None

"""app/uninstalled, app/scopes_update, shop/update: the shop itself changed. When it did is in the header, not in these bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plugin.errors import BadInput
from plugin.facts import Delivery, Fact, ScopesChanged, ShopChanged, ShopUninstalled
from plugin.money import parse_currency
from webhooks.nodes import Node


def uninstall_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read that the shop removed the app; its body (the shop, half of it null) adds nothing to the header."""
    del body
    return [ShopUninstalled(delivery.programme_id, delivery.shop_id, delivery.triggered_at)]


def scopes_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read what the shop lets us do now."""
    granted = Node(body).get_texts("current")
    return [ScopesChanged(delivery.programme_id, delivery.shop_id, delivery.triggered_at, granted)]


def shop_facts(delivery: Delivery, body: dict[str, Any]) -> Sequence[Fact]:
    """Read the shop's name, currency and timezone."""
    shop = Node(body)
    return [
        ShopChanged(
            programme_id=delivery.programme_id,
            shop_id=delivery.shop_id,
            occurred_at=delivery.triggered_at,
            name=shop.find_text("name"),
            currency=parse_currency(shop.get_text("currency"), path="currency"),
            timezone=_timezone(shop.get_text("iana_timezone")),
        )
    ]


def _timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, ZoneInfoNotFoundError) as fault:
        raise BadInput("iana_timezone is not a timezone", path="iana_timezone") from fault

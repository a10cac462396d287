"""Puts the real theme extension into the stand-in's pages: embeds on all but check-out, blocks where their schema allows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from plugin.devstore.gids import gid
from plugin.devstore.liquid_theme import THEME, block_schema, render_block
from plugin.devstore.records import Customer
from plugin.devstore.store import Store

Context = dict[str, Any]


def embeds(store: Store, customer: Customer | None, locale: str) -> Markup:
    """The app embeds of the extension, all switched on."""
    return _rendered(_blocks("body"), _context(store, customer), locale)


def blocks(store: Store, customer: Customer | None, locale: str, template: str) -> Markup:
    """The app blocks that may stand on a page of this kind (`index`, `product`, `cart`, `page`)."""
    allowed = [name for name in _blocks("section") if _may_stand(name, template)]
    return _rendered(allowed, _context(store, customer), locale)


def activations() -> list[dict[str, Any]]:
    """What App Bridge's `app.extensions()` says of the extension: every embed is switched on here."""
    embedded = [
        {"handle": name, "name": name, "target": "body", "status": "active", "activations": []}
        for name in _blocks("body")
    ]
    return [{"handle": THEME.name, "type": "theme_app_extension", "activations": embedded}]


def _rendered(names: list[str], context: Context, locale: str) -> Markup:
    return Markup("\n".join(render_block(name, context, locale) for name in names))  # noqa: S704 - our own extension's markup


def _blocks(target: str) -> list[str]:
    names = sorted(file.stem for file in (THEME / "blocks").glob("*.liquid"))
    return [name for name in names if block_schema(name).get("target") == target]


def _may_stand(name: str, template: str) -> bool:
    allowed = block_schema(name).get("enabled_on", {}).get("templates", ["*"])
    return "*" in allowed or template in allowed


def _context(store: Store, customer: Customer | None) -> Context:
    shop = store.books.shop
    return {
        "shop": {"name": shop.name, "permanent_domain": shop.domain, "currency": shop.currency, "money_symbol": "€"},
        "customer": _liquid_customer(store, customer) if customer else None,
    }


_VALUES: dict[str, Callable[[str], Any]] = {"number_integer": int, "json": json.loads}


def _liquid_customer(store: Store, customer: Customer) -> Context:
    owner = gid("Customer", customer.customer_id)
    own = {
        field.key: {"value": _VALUES.get(field.kind, str)(field.value), "type": field.kind}
        for field in store.books.metafields.values()
        if field.owner_gid == owner and field.namespace == "$app"
    }
    return {
        "id": customer.customer_id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": customer.name,
        "has_account": customer.has_account,
        "tags": [],
        "metafields": {"$app": own},
    }

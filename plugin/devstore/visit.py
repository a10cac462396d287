"""Who stands in the shop, with what in the basket, in which language: all in one signed cookie, as a visit is."""

from __future__ import annotations

from typing import Any

from flask import session

from plugin.devstore.discount_rules import Buyer
from plugin.devstore.parts import parts
from plugin.devstore.records import Customer

LOCALES = {"en": "English", "bg": "Български", "tr": "Türkçe"}
QUANTITY_MAX = 99


def customer_at_hand() -> Customer | None:
    """The sample customer who is signed in, None for a guest."""
    return parts().store.books.customers.get(session.get("customer_id", 0))


def buyer_at_hand() -> Buyer:
    """The same, as the till sees it."""
    customer = customer_at_hand()
    return Buyer(customer.customer_id if customer else None)


def locale_at_hand() -> str:
    """The language the visitor chose."""
    chosen = session.get("locale", "en")
    return chosen if chosen in LOCALES else "en"


def cart_at_hand() -> dict[int, int]:
    """Variant ids with quantities."""
    kept: dict[str, Any] = session.get("cart", {})
    return {int(variant): int(count) for variant, count in kept.items()}


def put_in_cart(variant_id: int, count: int) -> None:
    """Set how many of a variant lie in the basket; none takes it out."""
    cart = cart_at_hand()
    cart[variant_id] = max(0, min(count, QUANTITY_MAX))
    session["cart"] = {str(variant): count for variant, count in cart.items() if count}


def empty_cart() -> None:
    """After an order: no goods, no code."""
    session.pop("cart", None)
    session.pop("code", None)


def code_at_hand() -> str | None:
    """The discount code the visitor brought, right or wrong."""
    code: str | None = session.get("code")
    return code


def keep_code(code: str | None) -> None:
    """Remember or forget a discount code."""
    session["code"] = code.strip() if code and code.strip() else None

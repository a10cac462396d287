"""A cart as a theme tells it, in the words of Shopify's cart.js. Anybody may send anything: it decides nothing, it is only weighed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from plugin.errors import BadInput
from plugin.facts import OrderLine

_TEXT_MAX = 16_384
_LINES_MAX = 100
_ID_MAX = 2**63 - 1
_COUNT_MAX = 100_000
_HUNDREDTHS_MAX = 10**11
_WORDS_MAX = 255
_NUMBERS = {
    "product_id": _ID_MAX,
    "variant_id": _ID_MAX,
    "quantity": _COUNT_MAX,
    "original_price": _HUNDREDTHS_MAX,
    "total_discount": _HUNDREDTHS_MAX,
    "tax": _HUNDREDTHS_MAX,
    "grams": _COUNT_MAX,
}


def parse_cart(text: str) -> list[OrderLine]:
    """Read a JSON list of items; amounts are hundredths of the shop's currency, as Shopify writes them whatever it is.

    Raises:
        BadInput: anything else.
    """
    if not text or len(text) > _TEXT_MAX:
        raise BadInput("no cart, or one too long", path="lines")
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadInput("the cart is not JSON", path="lines") from fault
    if not isinstance(items, list) or len(items) > _LINES_MAX or not all(isinstance(one, dict) for one in items):
        raise BadInput("the cart is not a list of items", path="lines")
    return [_line(place, one) for place, one in enumerate(items)]


def _line(place: int, item: dict[str, Any]) -> OrderLine:
    path = f"lines[{place}]"
    number = {name: _whole(item, name, most, path) for name, most in _NUMBERS.items()}
    is_gift_card = item.get("gift_card", False)
    if not isinstance(is_gift_card, bool):
        raise BadInput("gift_card is yes or no", path=f"{path}.gift_card")
    return OrderLine(
        line_id=place + 1,
        quantity=number["quantity"],
        price=_amount(number["original_price"]),
        discount=_amount(number["total_discount"]),
        tax=_amount(number["tax"]),
        product_id=number["product_id"] or None,
        variant_id=number["variant_id"] or None,
        sku=_words(item, "sku", path),
        vendor=_words(item, "vendor", path),
        grams=number["grams"],
        is_gift_card=is_gift_card,
    )


def _whole(item: dict[str, Any], name: str, most: int, path: str) -> int:
    value = item.get(name)
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= most:
        raise BadInput(f"{name} is not a whole number from zero", path=f"{path}.{name}")
    return value


def _words(item: dict[str, Any], name: str, path: str) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _WORDS_MAX or "\0" in value:
        raise BadInput(f"{name} is not a short text", path=f"{path}.{name}")
    return value


def _amount(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)

"""Shopify's global ids: `gid://shopify/Order/5001` outside, the plain int 5001 in our code."""

from __future__ import annotations

import re

from plugin.errors import ShopifyUnavailable

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,19})", re.ASCII)


def gid(kind: str, number: int) -> str:
    """Make a global id."""
    return f"gid://shopify/{kind}/{number}"


def number_of(text: object, kind: str) -> int:
    """Return the number in a global id of this kind.

    Raises:
        ShopifyUnavailable: Shopify answered with something else; we must not guess whom it means.
    """
    match = _GID.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[1] != kind:
        raise ShopifyUnavailable(f"Shopify's answer names no {kind}")
    return int(match[2])

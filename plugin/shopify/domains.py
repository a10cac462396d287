"""Shop domains: the one thing from outside that ever becomes part of an address we call."""

from __future__ import annotations

import re

from plugin.errors import BadInput

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com", re.ASCII)


def parse_shop_domain(text: object) -> str:
    """Read a shop's permanent domain, e.g. `nice-shop.myshopify.com`: lower-case ASCII, nothing before it and nothing after.

    ShopifyAPI's `sanitize_shop_domain` is not strict enough here: it repairs what it is given (schemes, case, missing endings), and two
    spellings would name one shop.

    Raises:
        BadInput: anything else; the text itself is not repeated, since it may be hostile.
    """
    if not isinstance(text, str) or not _DOMAIN.fullmatch(text):
        raise BadInput("that is not a shop's myshopify.com domain", path="shop")
    return text

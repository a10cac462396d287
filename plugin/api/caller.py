"""Who calls: the holder of a key of one shop."""

from __future__ import annotations

from flask import Request

from plugin.errors import Forbidden, OutOfReach
from plugin.journeys.tools import Tools
from plugin.shops.api_keys import ApiKey, find_api_key
from plugin.shops.store import Shop, get_shop

_SCHEME = "bearer"


def verified_key(request: Request, tools: Tools) -> ApiKey:
    """Return the key that a call carries.

    Raises:
        Forbidden: none, or one that we do not know, or not any more.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    with tools.reading() as session:
        key = find_api_key(session, secret.strip()) if scheme.lower() == _SCHEME else None
    if key is None:
        raise Forbidden("no key that we know", code="bad_key")
    return key


def served_shop(tools: Tools, key: ApiKey, named: str | None) -> Shop:
    """Return the shop a key is of.

    Raises:
        OutOfReach: the shop left us, or the call names another one.
    """
    with tools.reading() as session:
        shop = get_shop(session, key.shop_id)
    if not shop.is_installed:
        raise OutOfReach("the shop does not take part now", code="shop_closed")
    if named is not None and named.lower() != shop.domain:
        raise OutOfReach("the key is of another shop", code="other_shop")
    return shop

"""Who is asking: Shopify's ID token is the only identity here. No cookie, no session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Request, current_app

from plugin.errors import Forbidden
from plugin.journeys.tools import Tools
from plugin.shopify.domains import parse_shop_domain
from plugin.shopify.id_tokens import IdToken, verified_id_token
from plugin.shops.store import Shop, find_shop

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Merchant:
    """A member of a shop's staff, signed in."""

    shop: Shop
    user_id: int

    @property
    def actor(self) -> str:
        """Who did it, as the books and the documents note it."""
        return f"merchant:{self.user_id}"


def tools_at_hand() -> Tools:
    """Return what this app was built with."""
    return cast("Tools", current_app.extensions["laurel"])


def signed_in_merchant(request: Request) -> Merchant:
    """Return who sent this action, by the bearer token that App Bridge or our script put there.

    Raises:
        Forbidden: no token, not a valid one, of another shop than the page's, or of a shop that is not installed.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_SCHEME):
        raise Forbidden("no ID token came with this request")
    tools = tools_at_hand()
    token = checked_id_token(request, header[len(_SCHEME) :].strip())
    with tools.reading() as session:
        shop = find_shop(session, token.shop_domain)
    if shop is None or not shop.is_installed:
        raise Forbidden("the app is not installed in this shop")
    return Merchant(shop, token.user_id)


def checked_id_token(request: Request, raw: str) -> IdToken:
    """Verify an ID token, and that it belongs to the shop the page says it is for.

    Raises:
        BadInput: the page's shop is no shop.
        Forbidden: the token is not valid here.
    """
    tools = tools_at_hand()
    settings = tools.settings
    token = verified_id_token(raw, settings.shopify_api_key, settings.shopify_api_secrets, tools.clock())
    claimed = claimed_shop(request)
    if claimed is not None and claimed != token.shop_domain:
        raise Forbidden("the ID token is of another shop")
    return token


def claimed_shop(request: Request) -> str | None:
    """Return the shop a page was opened for, as its address says; proved by nothing yet.

    Raises:
        BadInput: what stands there is no shop's domain.
    """
    text = request.args.get("shop")
    return None if text is None else parse_shop_domain(text)

"""Where a merchant grants our scopes, when managed install is not used."""

from __future__ import annotations

from shopify.session import Session

from plugin.shopify import API_VERSION
from plugin.shopify.installation import NEEDED_SCOPES


def permission_url(api_key: str, shop_domain: str, redirect_uri: str, state: str) -> str:
    """Return the address of Shopify's grant screen; the domain has been parsed before."""
    session = Session(shop_domain, API_VERSION)
    session.api_key = api_key  # on this object alone: the class is shared by the whole process
    return str(session.create_permission_url(NEEDED_SCOPES, redirect_uri, state))

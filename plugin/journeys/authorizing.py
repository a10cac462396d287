"""The authorization-code fallback: out to Shopify with a state that belongs to one browser, and back with it, once."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from plugin.errors import BadInput, Forbidden
from plugin.journeys.connecting import token_desk
from plugin.journeys.installing import install
from plugin.journeys.tools import Tools
from plugin.shopify.authorization import permission_url
from plugin.shopify.domains import parse_shop_domain
from plugin.shopify.signatures import is_oauth_signed, query_fields
from plugin.shops.oauth_states import LIFETIME, use_state
from plugin.shops.store import Shop

CALLBACK_PATH = "/auth/callback"
_NONCE_BYTES = 32
_CODE_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret it has to keep until it is back."""

    url: str
    nonce: str = field(repr=False)


def begin_oauth(tools: Tools, domain_text: object) -> Departure:
    """Start the fallback for a shop; nothing is stored until Shopify vouches for the answer.

    Raises:
        BadInput: that is no shop's domain.
    """
    domain = parse_shop_domain(domain_text)
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    state = _state(tools.settings.secret_keys[0], domain, nonce, int(tools.clock().timestamp()))
    redirect_uri = f"{tools.settings.public_url}{CALLBACK_PATH}"
    return Departure(permission_url(tools.settings.shopify_api_key, domain, redirect_uri, state), nonce)


def finish_oauth(tools: Tools, query_string: str, nonce: str | None) -> Shop:
    """Check the answer, use its state up, trade its code for tokens and install the shop.

    `nonce` is what the browser kept. The state is spent before the code is sent anywhere, so that nothing can be tried twice.

    Raises:
        BadInput: that is no shop's domain, or there is no code.
        Forbidden: not signed by Shopify just now, or the state is not this browser's, this shop's, or not fresh.
    """
    now, fields = tools.clock(), query_fields(query_string)
    domain = parse_shop_domain(fields.get("shop"))
    if not is_oauth_signed(query_string, tools.settings.shopify_api_secrets, now):
        raise Forbidden("the query is not signed by Shopify")
    if not nonce or not _is_ours(tools, fields.get("state", ""), domain, nonce, now):
        raise Forbidden("the state is not this browser's", code="foreign_state")
    code = fields.get("code", "")
    if not code or len(code) > _CODE_LENGTH_MAX:
        raise BadInput("there is no authorization code", path="code")
    with tools.writing() as session:
        if not use_state(session, nonce, domain, now):
            raise Forbidden("the state was used before", code="foreign_state")
    pair = token_desk(tools).exchange_code(domain, code)
    return install(tools, domain, pair, vouched_at=datetime.fromtimestamp(int(fields["timestamp"]), UTC))


def app_address(tools: Tools, shop: Shop) -> str:
    """Return the app's page in the shop's admin."""
    return f"https://{shop.domain}/admin/apps/{tools.settings.shopify_api_key}"


def _state(secret: str, domain: str, nonce: str, issued_at: int) -> str:
    """Sign shop, browser and time together: the state says by itself for whom and for how long it is good."""
    message = f"oauth state|{domain}|{nonce}|{issued_at}".encode()
    return f"{issued_at}.{hmac.new(secret.encode(), message, sha256).hexdigest()}"


def _is_ours(tools: Tools, state: str, domain: str, nonce: str, now: datetime) -> bool:
    issued, _, _ = state.partition(".")
    if not (issued.isascii() and issued.isdecimal() and len(issued) <= 12):  # noqa: PLR2004 - seconds since 1970
        return False
    if not 0 <= now.timestamp() - int(issued) <= LIFETIME.total_seconds():
        return False
    expected = [_state(secret, domain, nonce, int(issued)) for secret in tools.settings.secret_keys]
    return any(hmac.compare_digest(one.encode(), state.encode("utf-8", "replace")) for one in expected)

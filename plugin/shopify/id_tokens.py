"""ID tokens: App Bridge's proof of who looks at the embedded app, signed with our client secret, valid for about a minute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt.types import Options

from plugin.errors import BadInput, Forbidden
from plugin.shopify.domains import parse_shop_domain

LEEWAY_SECONDS = 10
LENGTH_MAX = 4096
_CLAIMS = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti", "sid")
_OPTIONS: Options = {
    "require": list(_CLAIMS),
    "strict_aud": True,
    "verify_exp": False,  # checked below against the clock we were handed
    "verify_nbf": False,
    "verify_iat": False,
}
_ADDRESS = re.compile(r"https://([^/]+)(?:/admin)?", re.ASCII)
_USER_ID = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IdToken:
    """A verified ID token: the shop and the staff member it names, and the instant Shopify issued it."""

    shop_domain: str
    user_id: int
    issued_at: datetime
    raw: str = field(repr=False)


def verified_id_token(token: str, api_key: str, secrets: Sequence[str], now: datetime) -> IdToken:
    """Verify an ID token and say whom it names.

    ShopifyAPI's own check lets a token without an expiry pass and repairs hosts; here every claim must be there, for us, for now, and
    both addresses must be exactly the shop's.

    Raises:
        Forbidden: anything else; `stale_id_token` where only the time is wrong, so that the page can bring a fresh one.
    """
    claims = _decoded(token, api_key, secrets)
    _check_times(claims, now)
    user = claims["sub"]
    if not isinstance(user, str) or not _USER_ID.fullmatch(user):
        raise Forbidden("the ID token names no staff member")
    return IdToken(_shop_domain(claims), int(user), datetime.fromtimestamp(claims["iat"], UTC), token)


def _decoded(token: str, api_key: str, secrets: Sequence[str]) -> dict[str, Any]:
    if len(token) > LENGTH_MAX or not token.isascii():
        raise Forbidden("the ID token is not one")
    fault: jwt.PyJWTError | None = None
    for secret in secrets:
        try:
            return jwt.decode(token, secret, algorithms=["HS256"], audience=api_key, options=_OPTIONS)
        except jwt.InvalidSignatureError as wrong:  # perhaps the other secret signed it
            fault = wrong
        except jwt.PyJWTError as wrong:
            raise Forbidden("the ID token is not valid") from wrong
    raise Forbidden("the ID token is not signed by Shopify") from fault


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    times = [claims[name] for name in ("nbf", "iat", "exp")]
    if any(type(one) is not int or not 0 <= one < 1 << 33 for one in times):
        raise Forbidden("the ID token's times are no times")
    not_before, issued_at, expires_at = times
    latest, earliest = now.timestamp() + LEEWAY_SECONDS, now.timestamp() - LEEWAY_SECONDS
    if not_before > latest or issued_at > latest or expires_at <= earliest:
        raise Forbidden("the ID token is stale", code="stale_id_token")


def _shop_domain(claims: dict[str, Any]) -> str:
    issuer, destination = _host(claims["iss"]), _host(claims["dest"])
    if issuer != destination:
        raise Forbidden("the ID token's issuer and destination differ")
    return destination


def _host(address: Any) -> str:
    """Return the shop's domain of exactly `https://<shop>` or `https://<shop>/admin`; no URL parser, since those repair."""
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    try:
        return parse_shop_domain(match and match[1])
    except BadInput as fault:
        raise Forbidden("the ID token names no shop") from fault

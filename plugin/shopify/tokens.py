"""Getting tokens: by an ID token (managed install), by an authorization code (the fallback), by a refresh token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from plugin.errors import Forbidden, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.facts import TokenPair
from plugin.shopify.answers import parse_json
from plugin.shopify.client import CONNECT_SECONDS_MAX, READ_SECONDS_MAX
from plugin.shopify.domains import parse_shop_domain

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - a type's name
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_LIFETIME_SECONDS_MAX = 10 * 365 * 86_400
_STALE = {"invalid_subject_token"}
_DEAD = {"invalid_grant", "refresh_token_expired"}
_GONE = {"HTTP_401", "HTTP_402", "HTTP_403", "HTTP_404", "HTTP_423"}


class RefreshTokenDead(ShopDisconnected):
    """The refresh token will never work again; only the merchant can bring a new pair, by opening the app."""


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """Where a shop's tokens are issued.

    `api_secrets` holds the current secret first, then the previous one while rotating: a pair issued under the old secret is refreshed
    with it. `now` is when the lifetimes of the answer start.
    """

    http: requests.Session
    api_key: str
    api_secrets: tuple[str, ...]
    now: datetime
    patience_seconds: float = READ_SECONDS_MAX

    def exchange_id_token(self, shop_domain: str, id_token: str) -> TokenPair:
        """Trade a verified ID token for an expiring offline pair.

        Raises:
            Forbidden: Shopify finds the ID token stale; the page has to bring a new one.
            ShopDisconnected: the app is not installed there.
        """
        return self._issue(
            shop_domain,
            {
                "grant_type": _EXCHANGE,
                "subject_token": id_token,
                "subject_token_type": _ID_TOKEN,
                "requested_token_type": _OFFLINE,
                "expiring": 1,
            },
        )

    def exchange_code(self, shop_domain: str, code: str) -> TokenPair:
        """Trade the code of an OAuth callback for an expiring offline pair."""
        return self._issue(shop_domain, {"code": code, "expiring": "1"})

    def refresh(self, shop_domain: str, refresh_token: str) -> TokenPair:
        """Trade a refresh token for a new pair; the old one must not be used afterwards.

        Raises:
            RefreshTokenDead: for good.
            ShopifyUnavailable: no answer; the same refresh token may be tried again.
        """
        return self._issue(shop_domain, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _issue(self, shop_domain: str, grant: dict[str, Any]) -> TokenPair:
        url = f"https://{parse_shop_domain(shop_domain)}/admin/oauth/access_token"
        for secret in self.api_secrets:
            body = self._post(url, {"client_id": self.api_key, "client_secret": secret, **grant})
            if body.get("error") != "invalid_client":
                return self._pair(body)
        raise ShopDisconnected("Shopify knows no such client and secret for this shop")

    def _post(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self.http.post(
                url,
                json=body,
                headers={"Accept": "application/json"},
                timeout=(min(CONNECT_SECONDS_MAX, self.patience_seconds), self.patience_seconds),
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            raise ShopifyUnavailable(f"no answer from Shopify: {type(fault).__name__}") from fault
        if response.status_code == requests.codes.ok:
            return parse_json(response)
        return {"error": _refusal(response)}

    def _pair(self, body: dict[str, Any]) -> TokenPair:
        if "error" in body:
            _raise(str(body["error"]))
        if not isinstance(access_token := body.get("access_token"), str) or not access_token:
            raise ShopifyUnavailable("Shopify's token answer holds no token")
        return TokenPair(
            access_token=access_token,
            refresh_token=str(body["refresh_token"]) if body.get("refresh_token") else None,
            access_expires_at=self._after(body.get("expires_in")),
            refresh_expires_at=self._after(body.get("refresh_token_expires_in")),
            scopes=tuple(sorted({one.strip() for one in str(body.get("scope", "")).split(",") if one.strip()})),
        )

    def _after(self, seconds: Any) -> datetime | None:
        """Return when a lifetime ends; None for what does not expire."""
        if seconds is None:
            return None
        if not isinstance(seconds, int) or not 0 < seconds <= _LIFETIME_SECONDS_MAX:
            raise ShopifyUnavailable("Shopify's token answer has a lifetime that makes no sense")
        return self.now + timedelta(seconds=seconds)


def _refusal(response: requests.Response) -> str:
    """Return Shopify's word for a refusal.

    Raises:
        ShopifyUnavailable: a fault at Shopify, too many calls, or an answer without such a word.
    """
    if not 400 <= response.status_code < 500 or response.status_code == requests.codes.too_many_requests:  # noqa: PLR2004 - HTTP's own class
        raise ShopifyUnavailable(f"Shopify answered {response.status_code}")
    try:
        return str(parse_json(response)["error"])
    except (KeyError, ShopifyUnavailable):
        return f"HTTP_{response.status_code}"


def _raise(word: str) -> None:
    if word in _STALE:
        raise Forbidden("Shopify finds the ID token stale", code="stale_id_token")
    if word in _DEAD:
        raise RefreshTokenDead(f"Shopify issues no token: {word}")
    if word in _GONE:
        raise ShopDisconnected(f"Shopify issues no token: {word}")
    raise ShopifyRefused(f"Shopify issues no token: {word}", codes=(word,))

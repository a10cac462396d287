"""Access tokens: expiring offline pairs, rotated as Shopify does since August 2026.

The refresh token that was just used may be tried again until the pair it brought is used for the first time, so that a lost
answer costs nobody their access; the pair that nobody used is then replaced by another.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from plugin.devstore.deployment import Deployment
from plugin.devstore.records import Installation, TokenPair
from plugin.devstore.store import Store

ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=90)


def install(store: Store, scopes: tuple[str, ...]) -> Installation:
    """Record that the merchant agreed; an installation that is there stays and gets the new scopes."""
    with store.lock:
        current = store.books.installation
        if current is None:
            current = Installation(store.new_id(), scopes, store.clock())
            store.books.installation = current
        current.scopes = scopes
        return current


def issue(store: Store, installation: Installation, replaces: str | None = None) -> TokenPair:
    """Make a new pair."""
    now = store.clock()
    pair = TokenPair(
        access_token=f"shpat_{secrets.token_hex(16)}",
        refresh_token=f"shprt_{secrets.token_hex(16)}",
        scopes=installation.scopes,
        access_expires_at=now + ACCESS_LIFETIME,
        refresh_expires_at=now + REFRESH_LIFETIME,
        replaces=replaces,
    )
    installation.pairs.append(pair)
    return pair


def refresh(store: Store, installation: Installation, refresh_token: str) -> TokenPair | None:
    """Trade a refresh token for a pair; None if it is not ours, too old, or its successor was used already."""
    with store.lock:
        successor = next((pair for pair in installation.pairs if pair.replaces == refresh_token), None)
        if successor is not None:
            if successor.is_used:
                return None
            installation.pairs.remove(successor)
        current = next((pair for pair in installation.pairs if pair.refresh_token == refresh_token), None)
        if current is None or current.refresh_expires_at <= store.clock():
            return None
        return issue(store, installation, replaces=refresh_token)


def scopes_of(store: Store, access_token: str) -> tuple[str, ...] | None:
    """What a token may do; None if it is unknown or has expired. Its first use ends its predecessor."""
    with store.lock:
        installation = store.books.installation
        pairs = installation.pairs if installation else []
        pair = next((each for each in pairs if each.access_token == access_token), None)
        if installation is None or pair is None or pair.access_expires_at <= store.clock():
            return None
        if not pair.is_used:
            pair.is_used = True
            installation.pairs = [each for each in pairs if each.refresh_token != pair.replaces]
        return installation.scopes


def shown(store: Store, pair: TokenPair) -> dict[str, Any]:
    """A pair as `/admin/oauth/access_token` answers it; lifetimes in seconds from now."""
    now = store.clock()
    return {
        "access_token": pair.access_token,
        "scope": ",".join(pair.scopes),
        "expires_in": round((pair.access_expires_at - now).total_seconds()),
        "refresh_token": pair.refresh_token,
        "refresh_token_expires_in": round((pair.refresh_expires_at - now).total_seconds()),
    }


def is_our_client(deployment: Deployment, body: dict[str, Any]) -> bool:
    """Whether the caller knows the app's id and secret."""
    given = str(body.get("client_secret", ""))
    return body.get("client_id") == deployment.api_key and secrets.compare_digest(
        given.encode(), deployment.secret.encode()
    )

"""The way to a shop's Admin API: its token opened, and refreshed in time by exactly one of all who want it."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import ShopDisconnected, ShopifyUnavailable
from plugin.facts import TokenPair
from plugin.journeys.tools import Tools
from plugin.sealing import Unsealable
from plugin.shopify.client import READ_SECONDS_MAX, AdminClient, rest
from plugin.shopify.tokens import RefreshTokenDead, TokenDesk
from plugin.shops.store import Shop, get_shop
from plugin.shops.tokens import (
    HeldTokens,
    end_lease,
    expire_tokens,
    find_tokens,
    lease_tokens,
    list_ageing,
    replace_tokens,
)

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than the call it protects can take
REFRESH_TOKEN_LEFT = timedelta(days=30)
_LOOK_AGAIN_SECONDS = 0.05


def admin_for(
    tools: Tools, shop_id: UUID, *, patience_seconds: float = READ_SECONDS_MAX, may_rest: bool = False
) -> AdminClient:
    """Return a client for an installed shop, with a token that is good for a while. Call it outside any transaction.

    `patience_seconds` bounds each wait: for the client's answers, for a new token, for another's refresh. Who `may_rest` rather waits
    out a throttled call than to come back later: long readings, which would else begin anew each time.

    Raises:
        ShopDisconnected: the shop left, or its merchant has to open the app once.
        ShopifyUnavailable: the token needs refreshing and that cannot be done just now.
    """
    shop, held = _held(tools, shop_id)
    if not held.is_fresh(tools.clock()):
        held = _refreshed(tools, shop, held, patience_seconds)
    used = held.generation

    def renew() -> str:
        """Shopify took a token we thought good for dead: take the newer one, or make one."""
        newest = _held(tools, shop_id)[1]
        if newest.generation == used:
            newest = _refreshed(tools, shop, newest, patience_seconds)
        return newest.pair.access_token

    return AdminClient(
        tools.http,
        shop.domain,
        held.pair.access_token,
        patience_seconds=patience_seconds,
        renew=renew,
        pause=rest if may_rest else None,
    )


def token_desk(tools: Tools, patience_seconds: float = READ_SECONDS_MAX) -> TokenDesk:
    """Return the desk that issues tokens for this app."""
    settings = tools.settings
    return TokenDesk(
        tools.http, settings.shopify_api_key, settings.shopify_api_secrets, tools.clock(), patience_seconds
    )


def token_due(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List shops where nobody opened the app for so long that the refresh token comes to its end."""
    with tools.reading() as session:
        return [str(shop_id) for shop_id in list_ageing(session, now, within=REFRESH_TOKEN_LEFT, limit=limit)]


def settle_token(tools: Tools, key: str, now: datetime) -> None:
    """Refresh one shop's pair, which gives it another lifetime."""
    shop, held = _held(tools, UUID(key))
    expires_at = held.pair.refresh_expires_at
    if expires_at is not None and expires_at <= now + REFRESH_TOKEN_LEFT:
        _refreshed(tools, shop, held, READ_SECONDS_MAX)


def find_open_tokens(tools: Tools, session: Session, shop: Shop) -> HeldTokens | None:
    """Find a shop's pair; one that no key of ours opens is as good as none, and the next page load brings another."""
    try:
        return find_tokens(session, tools.sealer, shop)
    except Unsealable:
        log.exception("token cannot be opened", extra={"shop": shop.domain})
        return None


def _held(tools: Tools, shop_id: UUID) -> tuple[Shop, HeldTokens]:
    with tools.reading() as session:
        shop = get_shop(session, shop_id)
        held = find_open_tokens(tools, session, shop) if shop.is_installed else None
    if held is None:
        raise ShopDisconnected("we hold no token for this shop")
    return shop, held


def _refreshed(tools: Tools, shop: Shop, held: HeldTokens, patience_seconds: float) -> HeldTokens:
    """Replace the pair in single flight: lease and commit, call, commit the new pair, only then use it.

    Whoever does not get the lease never calls: it looks again until the winner's pair is there.
    """
    if not held.may_refresh(tools.clock()):
        raise ShopDisconnected("the shop's refresh token came to its end")
    for _ in range(math.ceil(patience_seconds / _LOOK_AGAIN_SECONDS)):
        if _lease(tools, shop, held.generation):
            return _replaced(tools, shop, held, patience_seconds)
        newest = _held(tools, shop.shop_id)[1]
        if newest.generation != held.generation:
            return newest
        if not newest.may_refresh(tools.clock()):
            raise ShopDisconnected("Shopify takes the shop's refresh token no more")
        threading.Event().wait(_LOOK_AGAIN_SECONDS)
    raise ShopifyUnavailable("the shop's token is being refreshed elsewhere", retry_after_seconds=1.0)


def _lease(tools: Tools, shop: Shop, generation: int) -> bool:
    with tools.writing() as session:
        now = tools.clock()
        return lease_tokens(session, shop, generation, now=now, until=now + LEASE)


def _replaced(tools: Tools, shop: Shop, held: HeldTokens, patience_seconds: float) -> HeldTokens:
    pair = _called(tools, shop, held, patience_seconds)
    with tools.writing() as session:
        replace_tokens(session, tools.sealer, shop, pair, generation=held.generation)
    return _held(tools, shop.shop_id)[1]  # ours, or the even newer one of an install in between


def _called(tools: Tools, shop: Shop, held: HeldTokens, patience_seconds: float) -> TokenPair:
    """Ask Shopify for the next pair; whatever happens, the lease does not outlive the call."""
    try:
        return token_desk(tools, patience_seconds).refresh(shop.domain, held.pair.refresh_token or "")
    except RefreshTokenDead:
        log.warning("refresh token dead", extra={"shop": shop.domain})
        with tools.writing() as session:
            expire_tokens(session, shop, held.generation, tools.clock())
        raise
    except BaseException:
        with tools.writing() as session:
            end_lease(session, shop, held.generation)
        raise

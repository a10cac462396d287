"""An app over the test's tools, a shop that is connected to Shopify, and ID tokens as App Bridge would issue them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient

from plugin.config import DEVELOPMENT_SECRET
from plugin.facts import TokenPair
from plugin.journeys.tools import Tools
from plugin.shopify.installation import NEEDED_SCOPES
from plugin.shops.store import find_shop
from plugin.shops.tokens import keep_tokens
from plugin.wsgi import create_app
from tests.factories import API_KEY, Clock, Shopfront, make_shop
from tests.journeys.past_stage import Past, open_past

Mint = Callable[..., str]


@pytest.fixture
def app(tools: Tools) -> Flask:
    return create_app(tools)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def connected(tools: Tools) -> Shopfront:
    """An installed shop with all scopes and a token that works."""
    return connect(tools, make_shop(tools, scopes=NEEDED_SCOPES))


@pytest.fixture
def past(tools: Tools, clock: Clock) -> Iterator[Past]:
    """A connected shop with four orders from before its start line."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        past = open_past(tools, clock, mock, scopes=NEEDED_SCOPES)
        connect(tools, past.shop)
        past.order(1, 50, amount="1000.00")
        past.order(2, 40, customer_id=None)
        past.order(3, 30, amount="240.00", customer_id=7002)
        past.order(4, 20, financial_status="pending")
        yield past


@pytest.fixture
def mint(clock: Clock) -> Mint:
    """Issue ID tokens: `mint(shop)`; changes are claims, None removes one."""

    def _mint(shop: Shopfront | str, secret: str = DEVELOPMENT_SECRET, **changes: Any) -> str:
        domain = shop if isinstance(shop, str) else shop.domain
        now = int(clock.now.timestamp())
        claims = {
            "iss": f"https://{domain}/admin",
            "dest": f"https://{domain}",
            "aud": API_KEY,
            "sub": "42",
            "exp": now + 60,
            "nbf": now,
            "iat": now,
            "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
            "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
        } | changes
        return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, "HS256")

    return _mint


@pytest.fixture
def shopify(connected: Shopfront) -> Iterator[responses.RequestsMock]:
    """Shopify's Admin API of the connected shop: grants everything, withholds nothing."""
    details = {"name": "S", "currencyCode": "EUR", "ianaTimezone": "UTC", "myshopifyDomain": connected.domain}
    granted = [{"handle": one} for one in NEEDED_SCOPES]
    nothing: dict[str, Any] = {"nodes": []}
    whole = {
        "shop": details,
        "currentAppInstallation": {"accessScopes": granted},
        "orders": nothing,
        "customers": nothing,
    }
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"https://{connected.domain}/admin/api/2026-10/graphql.json", json={"data": whole})
        yield mock


def connect(tools: Tools, shop: Shopfront) -> Shopfront:
    """Give a shop a token pair that is good for an hour."""
    now = tools.clock()
    pair = TokenPair(
        access_token="shpat_test",
        refresh_token="shprt_test",
        access_expires_at=now + timedelta(hours=1),
        refresh_expires_at=now + timedelta(days=90),
        scopes=NEEDED_SCOPES,
    )
    with tools.writing() as session:
        found = find_shop(session, shop.domain)
        assert found is not None
        keep_tokens(session, tools.sealer, found, pair)
    return shop


def bearer(token: str) -> dict[str, str]:
    """Headers of a signed action."""
    return {"Authorization": f"Bearer {token}", "HX-Request": "true"}

"""Tokens are asked for as Shopify documents it, and every refusal is told apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import requests
import responses
from shopify_app import ShopifyApp

from plugin.errors import Forbidden, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.shopify.tokens import RefreshTokenDead, TokenDesk
from tests.shopify.stub import DOMAIN, token_url

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ANSWER = {
    "access_token": "shpat_new",
    "scope": "write_customers,read_orders",
    "expires_in": 3600,
    "refresh_token": "shprt_new",
    "refresh_token_expires_in": 7_776_000,
}


@pytest.fixture
def desk(network: responses.RequestsMock) -> TokenDesk:
    return TokenDesk(requests.Session(), "key", ("secret", "old-secret"), NOW)


def answer(network: responses.RequestsMock, body: Any = ANSWER, status: int = 200) -> None:
    network.add(responses.POST, token_url(), json=body, status=status)


def sent(network: responses.RequestsMock, number: int = -1) -> dict[str, Any]:
    return json.loads(network.calls[number].request.body)


def test_an_id_token_is_traded_for_an_expiring_pair(desk: TokenDesk, network):
    answer(network)
    pair = desk.exchange_id_token(DOMAIN, "the-id-token")
    assert (pair.access_token, pair.refresh_token) == ("shpat_new", "shprt_new")
    assert pair.access_expires_at == NOW + timedelta(hours=1)
    assert pair.refresh_expires_at == NOW + timedelta(days=90)
    assert pair.scopes == ("read_orders", "write_customers")
    assert "shp" not in repr(pair)


def test_the_exchange_is_worded_as_by_shopifys_library(desk: TokenDesk, network):
    """Held against what the official package sends for the same exchange."""
    recorded: list[dict[str, Any]] = []

    def record(request: httpx.Request) -> httpx.Response:
        recorded.append(json.loads(request.content))
        return httpx.Response(200, json=ANSWER)

    token = {"exchangeable": True, "token": "the-id-token", "claims": {"dest": f"https://{DOMAIN}"}}
    with httpx.Client(transport=httpx.MockTransport(record)) as client:
        ShopifyApp(client_id="key", client_secret="secret").exchange_using_token_exchange(
            "offline", token, http_client=client
        )
    answer(network)
    desk.exchange_id_token(DOMAIN, "the-id-token")
    assert sent(network) == recorded[0]


def test_a_code_is_traded_for_an_expiring_pair(desk: TokenDesk, network):
    answer(network)
    desk.exchange_code(DOMAIN, "the-code")
    assert sent(network) == {"client_id": "key", "client_secret": "secret", "code": "the-code", "expiring": "1"}


def test_a_refresh_token_is_traded_for_a_new_pair(desk: TokenDesk, network):
    answer(network)
    assert desk.refresh(DOMAIN, "shprt_old").refresh_token == "shprt_new"
    assert sent(network)["grant_type"] == "refresh_token"
    assert sent(network)["refresh_token"] == "shprt_old"


def test_a_pair_issued_under_the_previous_secret_is_refreshed_with_it(desk: TokenDesk, network):
    answer(network, {"error": "invalid_client"}, 400)
    answer(network)
    assert desk.refresh(DOMAIN, "shprt_old").access_token == "shpat_new"
    assert [sent(network, at)["client_secret"] for at in (0, 1)] == ["secret", "old-secret"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_subject_token"}, Forbidden),
        (400, {"error": "invalid_grant"}, RefreshTokenDead),
        (401, {"error": "invalid_grant"}, RefreshTokenDead),
        (400, {"error": "invalid_client"}, ShopDisconnected),
        (404, {}, ShopDisconnected),
        (400, {"error": "invalid_request"}, ShopifyRefused),
        (429, {}, ShopifyUnavailable),
        (503, {}, ShopifyUnavailable),
        (302, {}, ShopifyUnavailable),
        (200, {}, ShopifyUnavailable),
        (200, {**ANSWER, "expires_in": "soon"}, ShopifyUnavailable),
        (200, {**ANSWER, "expires_in": 10**12}, ShopifyUnavailable),
    ],
)
def test_each_refusal_is_told_apart(desk: TokenDesk, network, status: int, body: Any, error: type[Exception]):
    answer(network, body, status)
    answer(network, body, status)
    with pytest.raises(error) as raised:
        desk.refresh(DOMAIN, "shprt_old")
    assert "shp" not in str(raised.value)


def test_silence_is_later(desk: TokenDesk, network):
    network.add(responses.POST, token_url(), body=requests.ReadTimeout())
    with pytest.raises(ShopifyUnavailable):
        desk.refresh(DOMAIN, "shprt_old")


def test_a_token_without_an_end_is_taken_as_such(desk: TokenDesk, network):
    answer(network, {"access_token": "shpat_x", "scope": "read_orders"})
    pair = desk.exchange_code(DOMAIN, "the-code")
    assert (pair.refresh_token, pair.access_expires_at, pair.refresh_expires_at) == (None, None, None)

"""A shop's token is refreshed by exactly one, in time, and never lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from plugin.errors import ShopDisconnected, ShopifyUnavailable
from plugin.journeys.connecting import LEASE, admin_for, settle_token, token_due
from plugin.journeys.installing import install_by_id_token
from plugin.journeys.tools import Tools
from plugin.sealing import Sealer
from plugin.shops.store import Shop
from plugin.shops.tables import shop_token
from plugin.shops.tokens import lease_tokens
from tests.factories import Clock
from tests.install.conftest import Shopify, id_token


@pytest.fixture
def installed(tools: Tools, shopify: Shopify) -> Shop:
    """A shop with its first pair."""
    return install_by_id_token(tools, id_token(tools))


def refreshes(shopify: Shopify) -> list[str]:
    """Which refresh tokens were handed in."""
    return [one["refresh_token"] for one in shopify.asked if one.get("grant_type") == "refresh_token"]


def lease_of(tools: Tools) -> Any:
    with tools.reading() as session:
        return session.execute(select(shop_token.c.lease_until)).scalar_one()


def test_a_fresh_token_is_used_as_it_is(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    clock.advance(minutes=54)
    admin_for(tools, installed.shop_id).query("installation")
    assert refreshes(shopify) == []
    assert shopify.admin.tokens[-1] == "shpat_1"


def test_a_token_near_its_end_is_refreshed_before_it_is_used(
    tools: Tools, installed: Shop, shopify: Shopify, clock: Clock
):
    clock.advance(minutes=55)
    admin_for(tools, installed.shop_id).query("installation")
    assert refreshes(shopify) == ["shprt_1"]
    assert shopify.admin.tokens[-1] == "shpat_2"
    clock.advance(hours=2)
    admin_for(tools, installed.shop_id).query("installation")
    assert refreshes(shopify) == ["shprt_1", "shprt_2"]


def test_many_at_once_make_one_call(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    """The lease lets one through; the others look again and take the winner's pair."""
    clock.advance(hours=2)
    start = threading.Barrier(4)

    def connect(_: int) -> None:
        start.wait()
        admin_for(tools, installed.shop_id).query("installation")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(connect, range(4)))
    assert refreshes(shopify) == ["shprt_1"]
    assert shopify.admin.tokens[1:] == ["shpat_2"] * 4


def test_the_lease_is_committed_before_the_call_and_no_transaction_is_open_during_it(
    tools: Tools, installed: Shop, clock: Clock
):
    clock.advance(hours=2)
    seen: list[Any] = []

    def answer(_request: Any) -> tuple[int, dict[str, str], str]:
        seen.append(lease_of(tools))
        with tools.writing() as session:  # would wait for ever, on SQLite, if the refresher still held the lock
            session.execute(update(shop_token).values(generation=shop_token.c.generation))
        return 503, {}, ""

    tools = replace(tools, http=session_answering(answer))
    with pytest.raises(ShopifyUnavailable):
        admin_for(tools, installed.shop_id)
    assert seen == [clock.now + LEASE]


def test_who_does_not_get_the_lease_never_calls(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    clock.advance(hours=2)
    with tools.writing() as session:
        assert lease_tokens(session, installed, 1, now=clock.now, until=clock.now + LEASE)
    with pytest.raises(ShopifyUnavailable):
        admin_for(tools, installed.shop_id, patience_seconds=0.1)
    assert refreshes(shopify) == []


def test_a_lease_whose_owner_died_comes_to_its_end(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    clock.advance(hours=2)
    with tools.writing() as session:
        assert lease_tokens(session, installed, 1, now=clock.now, until=clock.now + LEASE)
        assert not lease_tokens(session, installed, 1, now=clock.now, until=clock.now + LEASE)
    clock.advance(seconds=61)
    admin_for(tools, installed.shop_id)
    assert refreshes(shopify) == ["shprt_1"]


def test_a_lost_answer_loses_nothing(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    """Shopify lets the same refresh token be used again until the new one is; so we keep it and end the lease."""
    clock.advance(hours=2)
    shopify.refusal = (503, {})
    with pytest.raises(ShopifyUnavailable):
        admin_for(tools, installed.shop_id)
    assert lease_of(tools) is None
    shopify.refusal = None
    admin_for(tools, installed.shop_id).query("installation")
    assert refreshes(shopify) == ["shprt_1", "shprt_1"]


def test_a_dead_refresh_token_is_asked_for_once_only(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    clock.advance(hours=2)
    shopify.refusal = (400, {"error": "invalid_grant"})
    for _ in range(3):
        with pytest.raises(ShopDisconnected):
            admin_for(tools, installed.shop_id)
    assert refreshes(shopify) == ["shprt_1"]


def test_opening_the_app_connects_a_disconnected_shop_again(
    tools: Tools, installed: Shop, shopify: Shopify, clock: Clock
):
    clock.advance(hours=2)
    shopify.refusal = (400, {"error": "invalid_grant"})
    with pytest.raises(ShopDisconnected):
        admin_for(tools, installed.shop_id)
    shopify.refusal = None
    install_by_id_token(tools, id_token(tools))
    admin_for(tools, installed.shop_id).query("installation")
    assert shopify.admin.tokens[-1] == "shpat_2"


def test_a_lost_secret_key_costs_one_page_load_and_no_points(tools: Tools, installed: Shop, shopify: Shopify):
    """Whoever changes LAUREL_SECRET_KEY without keeping the previous one has shops to reconnect, not an installation that fails."""
    other = replace(tools, sealer=Sealer(["a new key, and the old one is lost"]))
    with pytest.raises(ShopDisconnected):
        admin_for(other, installed.shop_id)
    assert install_by_id_token(other, id_token(other)).shop_id == installed.shop_id
    assert admin_for(other, installed.shop_id).query("installation")["shop"]["name"] == "Nice Shop"
    assert shopify.issued == 2


def test_a_wrong_client_secret_of_ours_does_not_cost_the_merchants_token(
    tools, installed, shopify: Shopify, clock: Clock
):
    clock.advance(hours=2)
    shopify.refusal = (400, {"error": "invalid_client"})
    with pytest.raises(ShopDisconnected):
        admin_for(tools, installed.shop_id)
    shopify.refusal = None
    admin_for(tools, installed.shop_id)
    assert refreshes(shopify) == ["shprt_1", "shprt_1"]


def test_a_token_that_shopify_takes_for_dead_is_replaced_once(tools, installed: Shop, shopify: Shopify):
    admin = admin_for(tools, installed.shop_id)
    shopify.admin.good_tokens = set()
    assert admin.query("installation")["shop"]["name"] == "Nice Shop"
    assert refreshes(shopify) == ["shprt_1"]
    assert shopify.admin.tokens[-2:] == ["shpat_1", "shpat_2"]


def test_a_client_made_before_a_refresh_takes_the_newer_pair_without_a_call(
    tools, installed: Shop, shopify: Shopify, clock
):
    early = admin_for(tools, installed.shop_id)
    clock.advance(hours=2)
    admin_for(tools, installed.shop_id)
    early.query("installation")
    assert refreshes(shopify) == ["shprt_1"]


def test_an_install_during_a_refresh_is_not_overwritten(tools: Tools, installed: Shop, shopify: Shopify, clock: Clock):
    """The refresher comes back with a pair of the old installation; the newer one stays."""
    clock.advance(hours=2)

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        if not refreshes(shopify):
            shopify.asked.append({"grant_type": "refresh_token", "refresh_token": "shprt_1"})
            install_by_id_token(tools, id_token(tools))
        return 200, {}, '{"access_token": "shpat_old_install", "refresh_token": "x", "expires_in": 3600}'

    late = replace(tools, http=session_answering(answer))
    admin = admin_for(late, installed.shop_id)
    assert replace_http(admin, tools.http).query("installation")["shop"]["name"] == "Nice Shop"
    assert shopify.admin.tokens[-1] == "shpat_2"


def test_pairs_nobody_used_for_long_are_refreshed_in_time(
    tools: Tools, installed: Shop, shopify: Shopify, clock: Clock
):
    assert token_due(tools, clock.now, 10) == []
    clock.advance(days=61)
    assert token_due(tools, clock.now, 10) == [str(installed.shop_id)]
    settle_token(tools, str(installed.shop_id), clock.now)
    assert refreshes(shopify) == ["shprt_1"]
    assert token_due(tools, clock.now, 10) == []
    settle_token(tools, str(installed.shop_id), clock.now)
    assert refreshes(shopify) == ["shprt_1"]


def test_a_pair_past_its_end_is_not_due_for_ever(tools: Tools, installed: Shop, clock: Clock):
    clock.now += timedelta(days=91)
    assert token_due(tools, clock.now, 10) == []


def session_answering(answer: Callable[[Any], tuple[int, dict[str, str], str]]) -> requests.Session:
    """A session of its own whose every request `answer` answers."""
    session = requests.Session()
    session.mount("https://", _Adapter(answer))
    return session


def replace_http(admin: Any, http: requests.Session) -> Any:
    admin._http = http
    return admin


class _Adapter(requests.adapters.BaseAdapter):
    def __init__(self, answer: Callable[[Any], tuple[int, dict[str, str], str]]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, _headers, text = self._answer(request)
        response._content = text.encode()
        response.request = request
        return response

    def close(self) -> None:
        pass

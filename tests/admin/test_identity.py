"""Nobody gets in without an ID token that is Shopify's, for us, for now and for this shop."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from plugin.config import DEVELOPMENT_SECRET
from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint, bearer, connect
from tests.factories import Clock, Shopfront, make_shop

ACTIONS = (("GET", "/app/activity"), ("GET", "/app/access"), ("POST", "/app/rate"))
RETRY = "X-Shopify-Retry-Invalid-Session-Request"


def _bad_tokens(mint: Mint, shop: Shopfront, clock: Clock) -> dict[str, str]:
    now = int(clock.now.timestamp())
    claims = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti", "sid")
    return {
        "foreign signature": mint(shop, secret="another-app's-client-secret-" + "1" * 16),
        "another app's": mint(shop, aud="another-api-key"),
        "expired": mint(shop, exp=now - 11),
        "not yet valid": mint(shop, nbf=now + 60),
        "two shops": mint(shop, iss="https://other.myshopify.com/admin"),
        "hostile host": mint(shop, iss="https://evil.example/admin", dest="https://evil.example"),
        "no user": mint(shop, sub="anybody"),
        "nothing": "",
        "no token": "a.b.c",
        "other letters": "Ж.Ж.Ж",
        **{f"without {claim}": mint(shop, **{claim: None}) for claim in claims},
    }


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_an_action_without_a_valid_token_is_refused_and_told_to_fetch_a_new_one(
    client: FlaskClient, connected: Shopfront, mint: Mint, clock: Clock, method: str, path: str
):
    for name, token in _bad_tokens(mint, connected, clock).items():
        answer = client.open(
            path, method=method, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        )
        assert (answer.status_code, answer.headers[RETRY]) == (401, "1"), name
        assert answer.is_json, name


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_an_action_with_no_token_at_all_is_refused(client: FlaskClient, connected: Shopfront, method: str, path: str):
    for headers in ({"HX-Request": "true"}, {"Authorization": "Basic QTpC"}, {"Authorization": "Bearer"}):
        answer = client.open(path, method=method, headers=headers)
        assert (answer.status_code, answer.headers[RETRY]) == (401, "1")


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_a_token_in_the_address_signs_no_action(
    client: FlaskClient, connected: Shopfront, mint: Mint, method: str, path: str
):
    """A link could carry it; only a script of ours can set the header."""
    answer = client.open(
        path, method=method, query_string={"id_token": mint(connected)}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_a_token_of_another_shop_opens_only_that_shop(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, method: str, path: str
):
    other = connect(tools, make_shop(tools, "other-shop.myshopify.com"))
    answer = client.open(path, method=method, query_string={"shop": connected.domain}, headers=bearer(mint(other)))
    assert answer.status_code == 401


def test_a_shop_that_left_is_signed_in_nowhere(client: FlaskClient, tools: Tools, mint: Mint):
    gone = make_shop(tools, "gone-shop.myshopify.com")
    from plugin.shops.store import find_shop, uninstall_shop

    with tools.writing() as session:
        shop = find_shop(session, gone.domain)
        assert shop is not None
        uninstall_shop(session, shop, tools.clock())
    assert client.get("/app/activity", headers=bearer(mint(gone))).status_code == 401


def test_the_previous_secret_still_signs_in_while_secrets_rotate(tools: Tools, connected: Shopfront, mint: Mint):
    from dataclasses import replace

    from plugin.wsgi import create_app

    settings = replace(
        tools.settings, shopify_api_secrets=("a-new-secret-that-shopify-made-0123456789", DEVELOPMENT_SECRET)
    )
    client = create_app(replace(tools, settings=settings)).test_client()
    assert client.get("/app/activity", headers=bearer(mint(connected))).status_code == 200


def test_every_route_of_the_admin_is_either_known_to_be_open_or_refuses_strangers(app: Flask, connected: Shopfront):
    """A new route has to take a stand."""
    open_routes = {"admin.static", "admin.bounce", "admin.home"}
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin.") or rule.endpoint in open_routes:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert client.open(rule.rule, method=method, headers={"HX-Request": "true"}).status_code == 401, rule


def test_a_page_without_a_token_goes_by_way_of_the_bounce_page_and_comes_back(
    client: FlaskClient, connected: Shopfront
):
    answer = client.get(
        "/app", query_string={"shop": connected.domain, "host": "aG9zdA", "embedded": "1", "locale": "bg"}
    )
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert (target.netloc, target.path) == ("", "/app/bounce")
    asked = parse_qs(target.query)
    back = urlsplit(asked["shopify-reload"][0])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://laurel.example.com/app"
    assert parse_qs(back.query) == {"shop": [connected.domain], "host": ["aG9zdA"], "embedded": ["1"], "locale": ["bg"]}
    assert asked["shop"] == [connected.domain]
    assert asked["host"] == ["aG9zdA"]


def test_a_stale_token_bounces_once_and_then_says_so(
    client: FlaskClient, connected: Shopfront, mint: Mint, clock: Clock
):
    """A clock that is wrong for good must not send the browser round for ever."""
    stale = mint(connected, exp=int(clock.now.timestamp()) - 100)
    first = client.get("/app", query_string={"shop": connected.domain, "id_token": stale})
    assert first.status_code == 302
    back = parse_qs(urlsplit(first.headers["Location"]).query)["shopify-reload"][0]
    again = client.get(f"/app?{urlsplit(back).query}", query_string=None)
    assert again.status_code == 302
    second = client.get("/app", query_string={"shop": connected.domain, "id_token": stale, "retried": "1"})
    assert second.status_code == 401
    assert "The sign-in came too late" in second.text


def test_a_page_with_a_token_of_another_shop_is_refused(client: FlaskClient, connected: Shopfront, mint: Mint):
    answer = client.get("/app", query_string={"shop": connected.domain, "id_token": mint("other-shop.myshopify.com")})
    assert answer.status_code == 401
    assert "You are not signed in" in answer.text


@pytest.mark.parametrize("shop", ["evil.example", "a.myshopify.com.evil.example", "x'; drop", "", "Ж.myshopify.com"])
@pytest.mark.parametrize("path", ["/app", "/app/bounce"])
def test_a_hostile_shop_is_named_in_no_header_and_no_page(client: FlaskClient, path: str, shop: str):
    answer = client.get(path, query_string={"shop": shop})
    assert answer.status_code == 400
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not shop or shop not in answer.text + str(answer.headers)


def test_a_page_opened_outside_shopify_says_where_to_open_it(client: FlaskClient):
    answer = client.get("/app")
    assert answer.status_code == 401
    assert "open Laurel again from your Shopify admin" in answer.text


def test_an_old_style_install_starts_with_oauth(client: FlaskClient, connected: Shopfront):
    answer = client.get("/app", query_string={"shop": connected.domain, "hmac": "aa", "timestamp": "1"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/auth?shop={connected.domain}"

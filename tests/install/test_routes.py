"""The authorization-code fallback: one browser, one shop, once, within ten minutes; everything else is a clear refusal."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from plugin.config import DEVELOPMENT_SECRET
from plugin.install.routes import COOKIE
from plugin.journeys.tools import Tools
from plugin.shopify.installation import NEEDED_SCOPES
from plugin.shops.store import find_shop, list_shops
from plugin.shops.tables import oauth_state
from tests.factories import API_KEY, Clock
from tests.install.conftest import Shopify
from tests.shopify.hostile import HOSTILE_DOMAINS
from tests.shopify.stub import DOMAIN

OTHER = "other-shop.myshopify.com"


def signed(tools: Tools, secret: str = DEVELOPMENT_SECRET, **changes: str | None) -> str:
    """The query with which Shopify sends the browser back."""
    whole = {
        "code": "the-code",
        "host": "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvbGF1cmVs",
        "shop": DOMAIN,
        "timestamp": str(int(tools.clock().timestamp())),
        **changes,
    }
    fields = {name: value for name, value in whole.items() if value is not None}
    message = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return urlencode({**fields, "hmac": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()})


def depart(browser: FlaskClient, domain: str = DOMAIN) -> str:
    """Leave for Shopify; return the state it was given."""
    answer = browser.get("/auth", query_string={"shop": domain})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.location).query)["state"][0]


def come_back(browser: FlaskClient, query: str) -> Any:
    return browser.get(f"/auth/callback?{query}")


def nothing_happened(tools: Tools, shopify: Shopify) -> bool:
    with tools.reading() as session:
        return not shopify.asked and not list_shops(session, installed_only=False)


def test_the_browser_is_sent_to_the_shops_grant_screen_with_a_secret_of_its_own(browser: FlaskClient):
    answer = browser.get("/auth", query_string={"shop": DOMAIN})
    target = urlsplit(answer.location)
    assert (target.scheme, target.netloc, target.path) == ("https", DOMAIN, "/admin/oauth/authorize")
    fields = {name: values[0] for name, values in parse_qs(target.query).items()}
    state = fields.pop("state")
    assert fields == {
        "client_id": API_KEY,
        "scope": ",".join(NEEDED_SCOPES),
        "redirect_uri": "https://laurel.example.com/auth/callback",
    }
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/auth", "Max-Age=600"))
    assert browser.get_cookie(COOKIE, path="/auth").value not in state
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_merchant_who_comes_back_has_the_app(browser: FlaskClient, tools: Tools, shopify: Shopify, clock: Clock):
    state = depart(browser)
    clock.advance(minutes=2)
    answer = come_back(browser, signed(tools, state=state))
    assert (answer.status_code, answer.location) == (302, f"https://{DOMAIN}/admin/apps/{API_KEY}")
    assert browser.get_cookie(COOKIE, path="/auth") is None
    assert shopify.asked == [
        {"client_id": API_KEY, "client_secret": DEVELOPMENT_SECRET, "code": "the-code", "expiring": "1"}
    ]
    with tools.reading() as session:
        shop = find_shop(session, DOMAIN)
    assert shop is not None
    assert shop.is_installed
    assert shop.installed_at == clock.now


def test_a_state_counts_once(browser: FlaskClient, tools: Tools, shopify: Shopify):
    state = depart(browser)
    cookie = browser.get_cookie(COOKIE, path="/auth").value
    assert come_back(browser, signed(tools, state=state)).status_code == 302
    browser.set_cookie(COOKIE, cookie, path="/auth")
    again = come_back(browser, signed(tools, state=state))
    assert (again.status_code, again.json) == (401, {"error": "foreign_state"})
    assert len(shopify.asked) == 1


def test_a_state_is_spent_even_when_shopify_then_refuses_the_code(browser: FlaskClient, tools: Tools, shopify: Shopify):
    state = depart(browser)
    shopify.refusal = (400, {"error": "invalid_request"})
    assert come_back(browser, signed(tools, state=state)).status_code == 502
    shopify.refusal = None
    assert come_back(browser, signed(tools, state=state)).status_code == 401


def test_a_state_of_another_browser_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify):
    """Otherwise somebody could have a merchant install the shop of their choice."""
    theirs = depart(browser)
    ours = browser.application.test_client()
    depart(ours)
    assert come_back(ours, signed(tools, state=theirs)).status_code == 401
    assert nothing_happened(tools, shopify)


def test_a_state_of_another_shop_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify):
    state = depart(browser, OTHER)
    assert come_back(browser, signed(tools, state=state)).status_code == 401
    assert nothing_happened(tools, shopify)


def test_a_state_is_good_for_ten_minutes(browser: FlaskClient, tools: Tools, shopify: Shopify, clock: Clock):
    state = depart(browser)
    clock.advance(minutes=10, seconds=1)
    assert come_back(browser, signed(tools, state=state)).status_code == 401
    assert nothing_happened(tools, shopify)


@pytest.mark.parametrize("state", ["", "1.x", "x.y", f"{10**11}.aa", "١٢٣.aa", "1795255200.é", "." * 500, "-1.aa"])
def test_a_made_up_state_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify, state: str):
    depart(browser)
    assert come_back(browser, signed(tools, state=state)).status_code == 401
    assert nothing_happened(tools, shopify)


def test_a_state_with_its_date_moved_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify, clock: Clock):
    _, _, signature = depart(browser).partition(".")
    clock.advance(minutes=20)
    moved = f"{int(clock.now.timestamp())}.{signature}"
    assert come_back(browser, signed(tools, state=moved)).status_code == 401


def test_a_browser_without_the_secret_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify):
    state = depart(browser)
    browser.delete_cookie(COOKIE, path="/auth")
    assert come_back(browser, signed(tools, state=state)).status_code == 401
    assert nothing_happened(tools, shopify)


def test_an_unsigned_or_forged_answer_is_refused_and_leaves_the_state_unspent(browser, tools: Tools, shopify: Shopify):
    state = depart(browser)
    good = signed(tools, state=state)
    forged = [
        good.partition("&hmac=")[0],
        signed(tools, "another-secret", state=state),
        good.replace("the-code", "another-code"),
        good + "&shop=" + OTHER,
        good + "&more=1",
        good.replace("hmac=", "hmac=%C3%A9"),
    ]
    for query in forged:
        assert come_back(browser, query).status_code in (400, 401)
    assert nothing_happened(tools, shopify)
    assert come_back(browser, good).status_code == 302


def test_an_old_answer_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify, clock: Clock):
    query = signed(tools, state=depart(browser))
    clock.advance(seconds=91)
    assert come_back(browser, query).status_code == 401
    assert nothing_happened(tools, shopify)


@pytest.mark.parametrize("missing", ["code", "shop", "state", "timestamp"])
def test_an_answer_that_lacks_something_is_refused(browser: FlaskClient, tools: Tools, shopify: Shopify, missing: str):
    state = depart(browser)
    query = signed(tools, **{"state": state, missing: None})
    assert come_back(browser, query).status_code in (400, 401)
    assert nothing_happened(tools, shopify)


@pytest.mark.parametrize("domain", HOSTILE_DOMAINS, ids=repr)
def test_a_hostile_domain_is_a_clear_400_with_nothing_written_and_nobody_called(
    browser, tools, shopify, network, domain
):
    text = quote(str(domain or ""))
    assert browser.get(f"/auth?shop={text}").status_code == 400
    state = depart(browser)
    assert come_back(browser, signed(tools, shop=str(domain or ""), state=state)).status_code == 400
    assert len(network.calls) == 0
    assert nothing_happened(tools, shopify)
    with tools.reading() as session:
        assert session.execute(select(oauth_state)).all() == []


def test_a_shop_named_nowhere_or_a_query_too_long_is_a_clear_400(browser: FlaskClient):
    assert browser.get("/auth").status_code == 400
    assert browser.get(f"/auth/callback?x={'y' * 5000}").status_code == 400
    assert browser.get("/auth/callback?%ff=%fe").status_code == 400
    assert browser.post("/auth").status_code == 405

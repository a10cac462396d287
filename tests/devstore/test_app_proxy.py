"""The app proxy vouches for who is asking, and for nobody else."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from shopify_app import ShopifyApp

from plugin.devstore.app_proxy import signature
from plugin.shopify.signatures import is_proxy_signed
from tests.devstore.conftest import API_KEY, APP_URL, SECRET


@pytest.fixture
def app():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def query_of(call: responses.Call) -> dict[str, list[str]]:
    return parse_qs(urlsplit(call.request.url).query, keep_blank_values=True)


@pytest.mark.parametrize(
    ("customer", "wanted"),
    [
        ("1", "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
        ("", "e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"),
    ],
)
def test_the_signature_is_the_one_of_shopifys_documentation(customer, wanted):
    pairs = [
        ("extra", "1"),
        ("extra", "2"),
        ("shop", "shop-name.myshopify.com"),
        ("logged_in_customer_id", customer),
        ("path_prefix", "/apps/awesome_reviews"),
        ("timestamp", "1317327555"),
    ]
    assert signature(pairs, "hush") == wanted


def test_a_signed_in_customers_request_passes_our_check_and_shopifys_own_package(stand, app):
    app.get(f"{APP_URL}/proxy/summary", json={})
    stand.sign_in("Ada")
    assert stand.client.get("/apps/laurel/summary?locale=tr").status_code == 200
    url = app.calls[0].request.url
    assert is_proxy_signed(urlsplit(url).query, [SECRET], stand.store.clock())
    request = {"method": "GET", "url": url, "headers": {}, "body": ""}
    verified = ShopifyApp(client_id=API_KEY, client_secret=SECRET).verify_app_proxy_req(request)
    assert (verified.ok, verified.logged_in_customer_id) == (True, str(stand.person("Ada").customer_id))


def test_a_guest_is_signed_as_nobody_whatever_they_write(stand, app):
    app.get(f"{APP_URL}/proxy/summary", json={})
    stand.client.get("/apps/laurel/summary?logged_in_customer_id=7&signature=x&shop=evil.myshopify.com&timestamp=1&a=b")
    query = query_of(app.calls[0])
    assert query["logged_in_customer_id"] == [""]
    assert query["shop"] == [stand.store.books.shop.domain]
    assert query["a"] == ["b"]
    assert is_proxy_signed(urlsplit(app.calls[0].request.url).query, [SECRET], stand.store.clock())


def test_method_body_and_answer_go_through_and_cookies_do_not(stand, app):
    app.post(f"{APP_URL}/proxy/redemptions", json={"code": "X"}, status=201, headers={"Set-Cookie": "a=b"})
    stand.sign_in("Ada")
    answer = stand.client.post("/apps/laurel/redemptions", json={"reward_id": "five_off"})
    assert (answer.status_code, answer.get_json()) == (201, {"code": "X"})
    assert "Set-Cookie" not in answer.headers
    sent = app.calls[0].request
    assert sent.body == b'{"reward_id": "five_off"}' or b"five_off" in sent.body
    assert "Cookie" not in sent.headers


def test_an_app_that_does_not_answer_is_a_bad_gateway(stand, app):
    app.get(f"{APP_URL}/proxy/summary", body=requests.ConnectionError())
    assert stand.client.get("/apps/laurel/summary").status_code == 502


def test_another_path_and_a_shop_without_the_app_have_no_proxy(stand):
    assert stand.client.get("/apps/other/summary").status_code == 404
    stand.store.books.installation = None
    assert stand.client.get("/apps/laurel/summary").status_code == 404

"""Tokens are issued, rotated and ended as Shopify does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from shopify_app import ShopifyApp

from plugin.devstore.id_tokens import mint
from plugin.shopify.id_tokens import verified_id_token
from plugin.shopify.signatures import is_oauth_signed
from tests.devstore.conftest import API_KEY, APP_URL, SECRET, Stand

EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    "expiring": 1,
}
CALLBACK = f"{APP_URL}/auth/callback"


def ask(stand: Stand, **body: Any) -> Any:
    return stand.client.post("/admin/oauth/access_token", json={"client_id": API_KEY, "client_secret": SECRET, **body})


def id_token(stand: Stand) -> str:
    return mint(stand.parts.deployment, stand.store.books.shop.domain, stand.store.clock())


def works(stand: Stand, token: str) -> bool:
    return stand.query("{ shop { name } }", token=token).status_code == 200


def test_an_id_token_passes_our_check_and_shopifys_own_package(stand):
    token = stand.client.get("/admin/id-token").get_json()["id_token"]
    found = verified_id_token(token, API_KEY, [SECRET], stand.store.clock())
    assert found.shop_domain == stand.store.books.shop.domain
    request = {"method": "GET", "url": f"{APP_URL}/app", "headers": {"Authorization": f"Bearer {token}"}, "body": ""}
    verified = ShopifyApp(client_id=API_KEY, client_secret=SECRET).verify_app_home_req(request, "/app/bounce")
    assert verified.ok


def test_an_id_token_is_traded_for_an_expiring_pair(stand):
    pair = ask(stand, **EXCHANGE, subject_token=id_token(stand)).get_json()
    assert pair["expires_in"] == 3600
    assert pair["refresh_token_expires_in"] == 90 * 86_400
    assert set(pair["scope"].split(",")) == set(stand.parts.deployment.scopes)
    assert works(stand, pair["access_token"])


def test_a_stale_id_token_is_refused(stand):
    stale = id_token(stand)
    stand.parts.clock.advance(timedelta(minutes=2))
    answer = ask(stand, **EXCHANGE, subject_token=stale)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_subject_token")


@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "other"}, {"client_secret": "ключ"}])
def test_another_client_is_refused(stand, change):
    answer = ask(stand, **EXCHANGE, subject_token=id_token(stand), **change)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_client")


def test_a_shop_without_the_app_issues_nothing(stand):
    stand.client.post("/admin/apps/laurel/uninstall")
    assert ask(stand, **EXCHANGE, subject_token=id_token(stand)).get_json()["error"] == "invalid_client"


def test_a_refresh_brings_a_new_pair_and_ends_the_old_one_at_its_first_use(stand):
    first = ask(stand, **EXCHANGE, subject_token=id_token(stand)).get_json()
    second = ask(stand, grant_type="refresh_token", refresh_token=first["refresh_token"]).get_json()
    assert second["access_token"] != first["access_token"]
    assert works(stand, first["access_token"])
    assert works(stand, second["access_token"])
    assert not works(stand, first["access_token"])
    again = ask(stand, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.get_json()["error"] == "invalid_grant"


def test_a_refresh_whose_answer_was_lost_may_be_tried_again(stand):
    first = ask(stand, **EXCHANGE, subject_token=id_token(stand)).get_json()
    lost = ask(stand, grant_type="refresh_token", refresh_token=first["refresh_token"]).get_json()
    stand.parts.clock.advance(timedelta(hours=2))
    found = ask(stand, grant_type="refresh_token", refresh_token=first["refresh_token"]).get_json()
    assert found["expires_in"] == 3600
    assert works(stand, found["access_token"])
    assert not works(stand, lost["access_token"])


def test_a_refresh_token_dies_after_ninety_days(stand):
    first = ask(stand, **EXCHANGE, subject_token=id_token(stand)).get_json()
    stand.parts.clock.advance(timedelta(days=91))
    answer = ask(stand, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert answer.get_json()["error"] == "invalid_grant"


def test_uninstalling_ends_every_token_and_tells_the_app(stand):
    token = stand.token()
    stand.client.post("/admin/apps/laurel/uninstall")
    assert not works(stand, token)
    ((topic, body),) = stand.sent()
    assert (topic, body["domain"], body["myshopify_domain"]) == ("app/uninstalled", None, None)


def granted(stand: Stand, **changes: str) -> Any:
    asked = {"client_id": API_KEY, "scope": "read_orders", "redirect_uri": CALLBACK, "state": "s t", **changes}
    return stand.client.post("/admin/oauth/authorize", data=asked)


def test_the_grant_page_sends_back_a_signed_code_that_works_once(stand):
    callback = urlsplit(granted(stand).location)
    assert f"{callback.scheme}://{callback.netloc}{callback.path}" == CALLBACK
    assert is_oauth_signed(callback.query, [SECRET], stand.store.clock())
    fields = dict(parse_qsl(callback.query))
    assert fields["state"] == "s t"
    assert works(stand, ask(stand, code=fields["code"], expiring="1").get_json()["access_token"])
    assert ask(stand, code=fields["code"], expiring="1").status_code == 400


@pytest.mark.parametrize("change", [{"redirect_uri": "https://evil.example/auth/callback"}, {"client_id": "other"}])
def test_the_grant_page_refuses_what_the_app_did_not_register(stand, change):
    assert granted(stand, **change).status_code == 400


def test_the_clock_of_the_store_can_be_put_anywhere(stand):
    with time_machine.travel(stand.store.clock(), tick=False):
        now = stand.store.clock()
        stand.client.post("/admin/clock", data={"hours": "24"})
        assert stand.store.clock() == now + timedelta(hours=24)
        stand.client.post("/admin/clock", data={"hours": "0"})
        assert stand.store.clock() == now

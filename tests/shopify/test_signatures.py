"""Signatures hold for exactly what was signed, by whom, and when; Shopify's own library is the second opinion."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from shopify_app import ShopifyApp

from plugin.shopify.signatures import is_oauth_signed, is_proxy_signed, is_webhook_signed, query_fields

SECRET, OLD = "hush", "old-secret"
PROXY_AT = datetime.fromtimestamp(1317327555, UTC)
PROXY = "extra=1&extra=2&shop=shop-name.myshopify.com&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
BY_CUSTOMER = (
    f"{PROXY}&logged_in_customer_id=1&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
)
BY_GUEST = f"{PROXY}&logged_in_customer_id=&signature=e072b6d7e6622d85912a5214b860d3100dc1e73d9bc29f43796ac8c9ff8093cb"
OAUTH_AT = datetime.fromtimestamp(1337178173, UTC)
OAUTH = (
    "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173"
    "&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
)
WEBHOOK = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="


def oracle() -> ShopifyApp:
    return ShopifyApp(client_id="key", client_secret=SECRET, old_client_secret=OLD)


def sign_proxy(secret: str, **fields: str) -> str:
    message = "".join(sorted(f"{name}={value}" for name, value in fields.items()))
    return urlencode({**fields, "signature": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()})


class TestWebhooks:
    def test_shopifys_own_example_holds(self):
        assert is_webhook_signed(b'{"id":1}', WEBHOOK, [SECRET])

    @pytest.mark.parametrize("raw", [b'{"id": 1}', b'{"id":1}\n', b'{"id":2}', b""])
    def test_one_other_byte_breaks_it(self, raw: bytes):
        assert not is_webhook_signed(raw, WEBHOOK, [SECRET])

    @pytest.mark.parametrize(
        "header", [None, "", "VnKUjZs", WEBHOOK.lower(), f" {WEBHOOK}", "é" * 44, "\udc80", WEBHOOK + "="]
    )
    def test_a_wrong_missing_or_foreign_looking_header_is_refused_quietly(self, header: str | None):
        assert not is_webhook_signed(b'{"id":1}', header, [SECRET])

    def test_the_previous_secret_still_counts_while_it_is_given(self):
        assert is_webhook_signed(b'{"id":1}', WEBHOOK, ["new", SECRET])
        assert not is_webhook_signed(b'{"id":1}', WEBHOOK, ["new"])
        assert not is_webhook_signed(b'{"id":1}', WEBHOOK, [])

    @given(raw=st.text().map(str.encode), secret=st.sampled_from([SECRET, OLD, "foreign"]))
    def test_shopifys_library_agrees(self, raw: bytes, secret: str):
        header = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
        request = {
            "method": "POST",
            "headers": {"x-shopify-hmac-sha256": header, "x-shopify-shop-domain": "s.myshopify.com"},
            "url": "https://laurel.example.com/webhooks",
            "body": raw.decode(),
        }
        assert is_webhook_signed(raw, header, [SECRET, OLD]) == oracle().verify_webhook_req(request).ok


class TestAppProxy:
    @pytest.mark.parametrize("query", [BY_CUSTOMER, BY_GUEST], ids=["customer", "guest"])
    def test_shopifys_own_examples_hold(self, query: str):
        assert is_proxy_signed(query, ["other", SECRET], PROXY_AT)

    @pytest.mark.parametrize("seconds", [-91, 91, 86_400])
    def test_it_holds_for_90_seconds_only(self, seconds: int):
        assert is_proxy_signed(BY_CUSTOMER, [SECRET], PROXY_AT + timedelta(seconds=90))
        assert not is_proxy_signed(BY_CUSTOMER, [SECRET], PROXY_AT + timedelta(seconds=seconds))

    @pytest.mark.parametrize(
        "query",
        [
            "",
            PROXY,
            BY_CUSTOMER.replace("customer_id=1", "customer_id=2"),
            BY_CUSTOMER + "&logged_in_customer_id=2",
            BY_CUSTOMER + "&shop=other.myshopify.com",
            BY_CUSTOMER + "&signature=0",
            BY_CUSTOMER + "&more=1",
            BY_CUSTOMER.replace("extra=2", "extra=3"),
            BY_CUSTOMER.replace("extra=1&extra=2", "extra=2&extra=1"),
            BY_CUSTOMER.replace("timestamp=1317327555", "timestamp=soon"),
            BY_CUSTOMER.replace("timestamp=1317327555", "timestamp=%D9%A1"),
            BY_CUSTOMER.replace("signature=4", "signature=%C3%A9"),
            "%ff=%fe&" + BY_CUSTOMER,
            "&".join(f"a{n}=1" for n in range(200)) + "&" + BY_CUSTOMER,
        ],
    )
    def test_anything_dropped_altered_doubled_or_added_is_refused(self, query: str):
        assert not is_proxy_signed(query, [SECRET], PROXY_AT)

    def test_a_signed_query_that_names_two_customers_is_refused(self):
        fields = {"shop": "s.myshopify.com", "timestamp": "1317327555", "logged_in_customer_id": "1,2"}
        query = sign_proxy(SECRET, **fields).replace("1%2C2", "1&logged_in_customer_id=2")
        assert not is_proxy_signed(query, [SECRET], PROXY_AT)

    def test_joined_strings_are_sorted_not_their_keys(self):
        """`a1=x` sorts before `a=x`, since "1" sorts before "="."""
        query = sign_proxy(SECRET, a="x", a1="x", shop="s.myshopify.com", timestamp="1317327555")
        assert is_proxy_signed(query, [SECRET], PROXY_AT)

    @given(
        secret=st.sampled_from([SECRET, OLD, "foreign"]),
        customer=st.sampled_from(["", "7001"]),
        age=st.sampled_from([-100, -80, 0, 80, 100]),
        text=st.text(st.characters(codec="utf-8"), max_size=20),
    )
    def test_shopifys_library_agrees(self, secret: str, customer: str, age: int, text: str):
        query = sign_proxy(
            secret,
            shop="s.myshopify.com",
            logged_in_customer_id=customer,
            path_prefix="/apps/laurel",
            timestamp=str(1317327555 - age),
            locale=text,
        )
        request = {
            "method": "GET",
            "headers": {},
            "url": f"https://laurel.example.com/proxy/summary?{query}",
            "body": "",
        }
        with time_machine.travel(PROXY_AT, tick=False):
            expected = oracle().verify_app_proxy_req(request).ok
        assert is_proxy_signed(query, [SECRET, OLD], PROXY_AT) == expected


class TestOAuth:
    def test_shopifys_own_example_holds(self):
        assert is_oauth_signed(OAUTH, ["other", SECRET], OAUTH_AT)
        assert query_fields(OAUTH)["shop"] == "some-shop.myshopify.com"

    @pytest.mark.parametrize("seconds", [-91, 91, 80_000])
    def test_it_holds_for_90_seconds_only(self, seconds: int):
        assert is_oauth_signed(OAUTH, [SECRET], OAUTH_AT + timedelta(seconds=90))
        assert not is_oauth_signed(OAUTH, [SECRET], OAUTH_AT + timedelta(seconds=seconds))

    @pytest.mark.parametrize(
        "query",
        [
            "",
            OAUTH.partition("&hmac=")[0],
            OAUTH.replace("some-shop", "other-shop"),
            OAUTH + "&shop=other-shop.myshopify.com",
            OAUTH + "&host=x",
            OAUTH.replace("hmac=7", "hmac=%C3%A9"),
            OAUTH.replace("timestamp=1337178173", "timestamp="),
            OAUTH.replace("&state=", "%26state="),
        ],
    )
    def test_anything_dropped_altered_doubled_or_added_is_refused(self, query: str):
        assert not is_oauth_signed(query, [SECRET], OAUTH_AT)

    def test_two_apps_in_one_process_do_not_share_a_secret(self):
        """ShopifyAPI keeps the secret in a class; ours must not leak into anyone else's."""
        import shopify

        assert is_oauth_signed(OAUTH, [SECRET], OAUTH_AT)
        assert shopify.Session.secret is None
        assert not is_oauth_signed(OAUTH, ["other"], OAUTH_AT)

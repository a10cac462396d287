"""An ID token is believed only when every claim is there, for us, for now, and for one shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from shopify_app import ShopifyApp

from plugin.config import DEVELOPMENT_SECRET as SECRET
from plugin.errors import Forbidden
from plugin.shopify.id_tokens import IdToken, verified_id_token
from tests.shopify.hostile import HOSTILE_DOMAINS

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
KEY = "test-api-key"
OLD = "the-previous-secret-of-this-app-0123456789"
SHOP = "nice-shop.myshopify.com"


def claims(**changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    whole = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": KEY,
        "sub": "42",
        "exp": at + 60,
        "nbf": at,
        "iat": at,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
        "sig": "f07cf3740270c17fb61c700b0f0f2e7f5f0f2e7f5f0f2e7f5f0f2e7f5f0f2e7f",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def sign(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


def verify(token: str, now: datetime = NOW) -> IdToken:
    return verified_id_token(token, KEY, [SECRET, OLD], now)


def test_a_good_token_names_shop_staff_member_and_instant():
    token = sign()
    assert verify(token) == IdToken(SHOP, 42, NOW, token)
    assert token not in repr(verify(token))


def test_a_token_signed_with_the_previous_secret_still_counts():
    assert verify(sign(OLD)).shop_domain == SHOP


@pytest.mark.parametrize("claim", ["iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti", "sid"])
def test_a_missing_claim_is_refused(claim: str):
    with pytest.raises(Forbidden):
        verify(sign(**{claim: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"aud": [KEY, "another-app"]},
        {"dest": "https://other-shop.myshopify.com"},
        {"iss": "https://other-shop.myshopify.com/admin"},
        {"dest": "http://nice-shop.myshopify.com", "iss": "http://nice-shop.myshopify.com/admin"},
        {"dest": "https://evil.com", "iss": "https://evil.com/admin"},
        {"dest": SHOP, "iss": SHOP},
        {"dest": 5},
        {"sub": "gid://shopify/Customer/42"},
        {"sub": ""},
        {"exp": "soon"},
        {"exp": 1e300},
        {"exp": float("inf")},
        {"exp": True},
        {"nbf": -1},
        {"dest": "https://[nice-shop.myshopify.com", "iss": "https://[nice-shop.myshopify.com"},
    ],
    ids=repr,
)
def test_a_claim_that_is_not_ours_is_refused(changes: dict[str, Any]):
    with pytest.raises(Forbidden):
        verify(sign(**changes))


@pytest.mark.parametrize("domain", [one for one in HOSTILE_DOMAINS if isinstance(one, str)], ids=repr)
def test_a_hostile_domain_inside_a_token_is_refused(domain: str):
    with pytest.raises(Forbidden):
        verify(sign(iss=f"https://{domain}/admin", dest=f"https://{domain}"))


@pytest.mark.parametrize("seconds", [-11, 70])
def test_a_token_out_of_its_minute_is_stale_so_that_the_page_can_bring_another(seconds: int):
    with pytest.raises(Forbidden) as refused:
        verify(sign(), NOW + timedelta(seconds=seconds))
    assert refused.value.code == "stale_id_token"


@pytest.mark.parametrize("seconds", [-10, 0, 60, 69])
def test_ten_seconds_of_clock_difference_are_forgiven(seconds: int):
    assert verify(sign(), NOW + timedelta(seconds=seconds)).user_id == 42


def test_forged_unsigned_and_mangled_tokens_are_refused():
    good = sign()
    header, body, signature = good.split(".")
    forged = [
        sign("somebody-elses-secret-0123456789-0123456789"),
        sign(algorithm="HS512", secret=SECRET * 2),
        jwt.encode(claims(), None, algorithm="none"),
        f"{header}.{body}.",
        f"{header}.{body}x.{signature}",
        f"{header}.{body}",
        "",
        "é" + good,
        "a" * 5000,
    ]
    for token in forged:
        with pytest.raises(Forbidden):
            verify(token)


@pytest.mark.parametrize("changes", [{}, {"aud": "another-app"}, {"exp": int(NOW.timestamp()) - 60}])
def test_shopifys_library_agrees_where_it_looks(changes: dict[str, Any]):
    token = sign(**changes)
    request = {
        "method": "GET",
        "headers": {"authorization": f"Bearer {token}"},
        "url": "https://laurel.example.com/app",
        "body": "",
    }
    with time_machine.travel(NOW, tick=False):
        oracle = ShopifyApp(client_id=KEY, client_secret=SECRET).verify_app_home_req(request, "/app/bounce").ok
    try:
        ours = bool(verify(token))
    except Forbidden:
        ours = False
    assert ours == oracle

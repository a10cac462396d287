"""Nobody gets past the door without the app proxy's signature, and nobody as somebody else."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

import random
from urllib.parse import quote, urlencode

import pytest

from plugin.config import DEVELOPMENT_SECRET
from plugin.wsgi import create_app
from tests.factories import CUSTOMER, make_member, make_settings, make_tools
from tests.storefront.proxy import Storefront, sign

OTHER = 7002
DOORS = [
    ("GET", "summary"),
    ("GET", "history"),
    ("POST", "redemptions"),
    ("GET", "redemptions/0190f5b5-7e1f-7a55-b5f8-000000000000"),
    ("DELETE", "redemptions/0190f5b5-7e1f-7a55-b5f8-000000000000"),
    ("POST", "actions"),
]


def _query(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote)


def _is_refused(answer) -> bool:
    return answer.status_code == 401 and answer.json["error"]["code"] == "bad_signature"


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_asks_for_the_signature(storefront: Storefront, method: str, path: str):
    for query in ("", "?shop=laurel-test.myshopify.com", f"?{_query(storefront.pairs())}"):
        assert _is_refused(storefront.client.open(f"/proxy/{path}{query}", method=method, json={}))


def test_documents_own_example_is_signed_as_we_sign_it():
    """Shopify's documented vector: if this holds, our stand-in signs as Shopify does."""
    pairs = [
        ("extra", "1"),
        ("extra", "2"),
        ("shop", "shop-name.myshopify.com"),
        ("logged_in_customer_id", "1"),
        ("path_prefix", "/apps/awesome_reviews"),
        ("timestamp", "1317327555"),
    ]
    assert sign(pairs, "hush") == "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"


def test_a_signed_query_is_let_in_whatever_its_order(storefront: Storefront):
    pairs = [*storefront.pairs(), ("signature", sign(storefront.pairs()))]
    shuffled = random.Random(7)
    for _ in range(20):
        shuffled.shuffle(pairs)
        assert storefront.client.get(f"/proxy/summary?{_query(pairs)}").status_code == 200
        storefront.clock.advance(seconds=1)


def test_dropping_doubling_or_altering_any_parameter_shuts_the_door(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=120)
    make_member(tools, shop, OTHER, points=990)
    signed = [*storefront.pairs(), ("signature", sign(storefront.pairs()))]
    for at, (name, value) in enumerate(signed):
        rest = [*signed[:at], *signed[at + 1 :]]
        altered = [
            rest,
            [*signed, (name, value)],
            [*rest, (name, f"{value}x")],
            [*rest, (name, "")] if value else [*rest, (name, "1")],
            [*rest, (name.upper(), value)],
            [*rest, (f"{name}[]", value)],
            [*signed, (name, "7002")],
            [(name, "7002"), *signed],
        ]
        for pairs in altered:
            answer = storefront.client.get(f"/proxy/summary?{_query(pairs)}")
            assert _is_refused(answer), pairs
            assert b"990" not in answer.data


@pytest.mark.parametrize(
    "name",
    ["logged_in_customer_id", "customer_id", "shop", "member_id", "logged_in_customer_id ", "Logged_in_customer_id"],
)
def test_another_customers_id_added_by_hand_is_refused_or_ignored(storefront: Storefront, tools, shop, name: str):
    make_member(tools, shop, CUSTOMER, points=120)
    make_member(tools, shop, OTHER, points=990)
    signed = [*storefront.pairs(), ("signature", sign(storefront.pairs()))]
    for pairs in ([*signed, (name, str(OTHER))], [(name, str(OTHER)), *signed]):
        assert _is_refused(storefront.client.get(f"/proxy/summary?{_query(pairs)}"))
    if not name.startswith(("logged", "shop")):
        asked = {name: str(OTHER)}
        assert storefront.get("summary", **asked).json["member"]["points"]["available"] == 120


def test_a_random_change_of_any_byte_never_lets_anybody_in(storefront: Storefront):
    """A thousand requests with one byte of the query changed, dropped or added: 401 each, never a 500."""
    url = storefront.url("summary")
    start, dice, letters = url.index("?") + 1, random.Random(2026), "abcXYZ0189%&=+;.,_-~[]é"
    for _ in range(1000):
        at = dice.randrange(start, len(url))
        cut = dice.choice([0, 1])
        changed = url[:at] + dice.choice([dice.choice(letters), ""]) + url[at + cut :]
        if changed == url or _means_the_same(url, changed):
            continue
        assert _is_refused(storefront.client.get(changed)), changed


def _means_the_same(one: str, other: str) -> bool:
    from urllib.parse import parse_qsl, urlsplit

    return parse_qsl(urlsplit(one).query, keep_blank_values=True) == parse_qsl(
        urlsplit(other).query, keep_blank_values=True
    )


def test_a_signature_older_than_ninety_seconds_is_worth_nothing(storefront: Storefront):
    url = storefront.url("summary")
    storefront.clock.advance(seconds=90)
    assert storefront.client.get(url).status_code == 200
    storefront.clock.advance(seconds=1)
    assert _is_refused(storefront.client.get(url))


@pytest.mark.parametrize(
    "customer",
    ["0", "-1", "7001.0", "7001 ", "٧٠٠١", "9" * 19, "1" * 40, "7001,7002", "null", "gid://shopify/Customer/7001"],
)
def test_a_signed_customer_id_that_cannot_be_one_is_refused(storefront: Storefront, customer: str):
    storefront.customer = customer
    assert _is_refused(storefront.get("summary"))


def test_both_secrets_open_the_door_during_a_rotation_and_others_do_not(database, clock, storefront: Storefront):
    secrets = ("the-new-one-" + "1" * 30, DEVELOPMENT_SECRET)
    rotating = create_app(make_tools(database, clock, shopify_api_secrets=secrets)).test_client()
    assert rotating.get(storefront.url("summary", secrets[0])).status_code == 200
    assert rotating.get(storefront.url("summary", secrets[1])).status_code == 200
    assert _is_refused(rotating.get(storefront.url("summary", "another" * 8)))
    assert make_settings(database).shopify_api_secrets == (DEVELOPMENT_SECRET,)


def test_a_shop_that_is_not_ours_is_not_found_and_one_that_left_neither(storefront: Storefront, tools, shop):
    from plugin.shops.store import get_shop, uninstall_shop

    storefront.domain = "somebody-else.myshopify.com"
    assert storefront.get("summary").status_code == 404
    storefront.domain = shop.domain
    with tools.writing() as session:
        uninstall_shop(session, get_shop(session, shop.shop_id), tools.clock())
    assert storefront.get("summary").status_code == 404


def test_one_shops_customer_is_a_stranger_in_another(storefront: Storefront, tools, shop):
    """Customer ids are Shopify's; the same number in another shop is another person."""
    from tests.factories import make_shop

    make_member(tools, shop, CUSTOMER, points=120)
    make_shop(tools, "second.myshopify.com")
    storefront.domain = "second.myshopify.com"
    assert storefront.get("summary").json["member"]["points"]["available"] == 0


def test_answers_are_never_kept_by_anybody_on_the_way(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=120)
    answers = [
        storefront.get("summary"),
        storefront.get("history"),
        storefront.redeem("no_such"),
        storefront.client.get("/proxy/summary"),
    ]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert all("Set-Cookie" not in answer.headers for answer in answers)

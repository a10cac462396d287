"""Every page says what it is, stays in the house, and carries the theme extension where Shopify would."""

from __future__ import annotations

import re

import pytest

from plugin.devstore.gids import gid
from plugin.devstore.records import Metafield

PAGES = ["/", "/products/morning-mug", "/cart", "/account/login", "/differences", "/admin", "/admin/webhooks"]
PAGES += ["/admin/discounts", "/admin/weather", "/admin/apps/laurel", "/checkout", "/account"]


@pytest.fixture
def busy(stand):
    stand.sign_in("Ada")
    stand.buy({"morning-mug": 1})
    stand.client.post("/cart/add", data={"id": stand.product("tea-bowl").variant_id})
    return stand


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_that_it_is_not_shopify_and_where_it_differs(busy, path):
    page = busy.client.get(path)
    assert page.status_code == 200
    assert "Not Shopify" in page.text
    assert 'href="/differences"' in page.text
    assert page.headers["X-Stand-In"] == "Laurel dev store, not Shopify"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fetches_nothing_from_elsewhere(busy, path):
    fetched = re.findall(r'(?:src|href|action|data-script|data-style)="([^"]+)"', busy.client.get(path).text)
    allowed = ("/", "#", busy.parts.deployment.app_url)
    assert [address for address in fetched if not address.startswith(allowed)] == []


@pytest.mark.parametrize("path", ["/static/shop.css", "/static/admin.css", "/static/icon.svg"])
def test_the_style_fetches_nothing_either(stand, path):
    with stand.client.get(path) as answer:
        text = answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "@import" not in text


def test_the_balance_of_the_metafield_stands_in_the_page(busy):
    assert figure(busy.client.get("/").text) == "0 points"
    owner = gid("Customer", busy.person("Ada").customer_id)
    busy.store.books.metafields[1] = Metafield(1, owner, "$app", "balance", "number_integer", "234", busy.store.clock())
    assert figure(busy.client.get("/").text) == "234 points"


def test_the_embed_is_on_every_page_of_the_shop_but_check_out(busy):
    for path, count in (("/", 1), ("/cart", 1), ("/products/notebook", 1), ("/account", 1), ("/checkout", 0)):
        assert busy.client.get(path).text.count("<laurel-panel") == count, path


def test_no_embed_is_there_before_the_app_is(stand):
    stand.store.books.installation = None
    assert "<laurel-panel" not in stand.client.get("/").text


@pytest.mark.parametrize(("locale", "word"), [("tr", "puan"), ("bg", "точки"), ("xx", "points")])
def test_the_panel_speaks_the_language_the_visitor_chose(busy, locale, word):
    busy.client.post("/locale", data={"locale": locale})
    assert word in figure(busy.client.get("/").text)


def test_assets_of_the_extension_are_served_and_nothing_beside_them(stand):
    with stand.client.get("/cdn/laurel/laurel-panel.js") as script:
        assert script.status_code == 200
    assert stand.client.get("/cdn/laurel/../shopify.extension.toml").status_code == 404
    assert stand.client.get("/cdn/laurel/%2e%2e/blocks/rewards-panel.liquid").status_code == 404


def test_whoever_has_no_account_cannot_sign_in(stand):
    answer = stand.client.post("/account/login", data={"customer_id": stand.person("Georgi").customer_id})
    assert answer.status_code == 404


def test_a_new_sample_customer_is_told_to_the_app(stand):
    stand.client.post("/account/register")
    ((topic, body),) = stand.sent()
    assert topic == "customers/create"
    assert body["id"] in stand.store.books.customers


def test_who_wants_the_newsletter_at_once_is_told_of_in_two_webhooks(stand):
    stand.client.post("/account/register", data={"newsletter": "yes"})
    (_, created), (topic, told) = stand.sent()
    assert topic == "customers_email_marketing_consent/update"
    assert (told["customer_id"], told["email_marketing_consent"]["state"]) == (created["id"], "subscribed")


def test_another_host_name_is_not_answered(stand):
    assert stand.client.get("/", headers={"Host": "evil.example"}).status_code == 404
    assert stand.client.get("/", headers={"Host": stand.store.books.shop.domain}).status_code == 200


def test_a_form_from_another_site_is_refused(stand):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert stand.client.post("/admin/apps/laurel/uninstall", headers=headers).status_code == 403
    assert stand.store.books.installation


def test_the_stub_says_that_it_is_one(stand):
    with stand.client.get("/stub/app-bridge.js") as script:
        assert "isStub: true" in script.text
        assert "not Shopify's script" in script.text


def figure(page: str) -> str:
    """What the launcher shows."""
    found = re.search(r"<span data-figure>([^<]*)</span>", page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("channel", "topic", "name"),
    [
        ("email", "customers_email_marketing_consent/update", "email_marketing_consent"),
        ("sms", "customers_marketing_consent/update", "sms_marketing_consent"),
    ],
)
def test_a_consent_is_told_to_the_app_as_shopify_tells_it(stand, channel, topic, name):
    stand.sign_in("Ada")
    for state in ("subscribed", "unsubscribed"):
        assert stand.client.post("/account/consent", data={"channel": channel, "state": state}).status_code == 302
        told, seen = stand.sent()[-2:]
        assert (told[0], told[1][name]["state"], seen[0]) == (topic, state, "customers/update")
        assert {told[1].get("customer_id"), told[1].get("id")} >= {stand.person("Ada").customer_id}
    assert "Newsletter: off, switch on" in stand.client.get("/account").text
    for twisted in ({"channel": "post", "state": "subscribed"}, {"channel": channel, "state": "perhaps"}, {}):
        assert stand.client.post("/account/consent", data=twisted).status_code == 400

"""What the first page says, and who may frame it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import responses
from flask.testing import FlaskClient

from plugin.admin.home import EMBED_BLOCK
from plugin.db import Database
from plugin.journeys.documents import current_document, publish_document
from plugin.journeys.passing_time import settle_lots
from plugin.journeys.tools import Tools
from plugin.rules import default_document, dump_document
from plugin.shops.store import find_shop
from plugin.wsgi import create_app
from tests.admin.conftest import Mint, bearer
from tests.factories import (
    CUSTOMER,
    Clock,
    Shopfront,
    cancelled,
    credit_now,
    make_delivery,
    make_shop,
    make_tools,
    paid_order,
    refunded,
)


def _open(client: FlaskClient, shop: Shopfront, mint: Mint, **query: str) -> str:
    answer = client.get("/app", query_string={"shop": shop.domain, "id_token": mint(shop), **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def _seen(html: str) -> str:
    """The page's words, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_new_shop_sees_what_is_still_to_do(client: FlaskClient, connected: Shopfront, mint: Mint):
    html = _open(client, connected, mint)
    assert "<span>2 of 5 done</span>" in html
    assert '<details class="card" id="setup" open>' in html
    seen = _seen(html)
    assert "Points Setting up" in seen
    assert "None has come yet." in seen
    assert "No points yet" in seen
    assert "Nothing arrived" in seen


def test_postings_are_told_with_what_counted_and_what_changed(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint
):
    order = paid_order(connected)
    gone = paid_order(connected, order_id=5002, amount="10.00")
    credit_now(tools, order, gone)
    credit_now(tools, refunded(order, "5.00"), cancelled(gone))
    seen = _seen(_open(client, connected, mint))
    assert "Order #5001 €25.50 counted: 25 points in all" in seen
    assert "Refund of order #5001 €20.50 counted: 20 points in all" in seen
    assert "Order #5002 cancelled Earns nothing now" in seen
    assert f"Customer {CUSTOMER}" in seen
    assert "Outstanding points 20" in seen
    for points in ("+25", "-5", "+10", "-10"):
        assert points in seen


def test_budgets_show_what_was_given_and_left_and_what_the_trade_redeems(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint
):
    limits = {
        "caps": [{"id": "all", "per": "programme", "period": "life", "points": 70}],
        "budgets": [
            {"id": "win", "title": {"en": "Welcome"}, "purpose": "winning", "period": "month", "points": 500},
            {"id": "keep", "purpose": "keeping", "period": "year", "points": 1_000},
        ],
    }
    assert 'id="limits"' not in _open(client, connected, mint)
    with tools.writing() as session:
        document = dump_document(default_document()) | limits
        at = tools.clock() - timedelta(days=300)
        publish_document(session, connected.programme_id, document, actor="test", now=at)
    credit_now(tools, paid_order(connected, 1, amount="60.00"), paid_order(connected, 2, amount="60.00"))
    seen = _seen(_open(client, connected, mint))
    assert "all All members together, in all 70 points (€0.70) 0 points (€0)" in seen
    assert "Welcome Winning customers, this month 60 points (€0.60) 440 points (€4.40)" in seen
    assert "keep Keeping customers, this year 10 points (€0.10) 990 points (€9.90)" in seen
    assert "13 % of points given are redeemed on average" in seen
    assert "At the average, what was given costs €0.09." in seen
    assert "Order #2 €60 counted: 10 points in all · limit “Cap (all)” left 10 of 60 points" in seen


def test_arrivals_of_the_last_day_are_counted_by_topic(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    for n in range(3):
        tools.store([make_delivery(connected, "orders/paid", b"{}", clock.now, event_id=f"e{n}")])
    clock.advance(hours=25)
    tools.store([make_delivery(connected, "refunds/create", b"{}", clock.now, event_id="late")])
    html = client.get("/app/activity", headers=bearer(mint(connected))).text
    assert "refunds/<wbr>create" in html
    assert "orders/<wbr>paid" not in html
    assert "4 waiting" in html


def test_missing_scopes_and_withheld_customers_are_shown(client: FlaskClient, tools: Tools, mint: Mint):
    poor = make_shop(tools, "poor-shop.myshopify.com", scopes=("read_orders",))
    credit_now(tools, paid_order(poor, customer_id=None, customer_standing="unknown"))
    seen = _seen(client.get("/app/activity", headers=bearer(mint(poor))).text)
    assert "Laurel lacks permissions" in seen
    assert "write_discounts" in seen
    assert "1 order of the last 7 days named no customer" in seen


def test_points_that_wait_for_their_warning_are_told_to_the_merchant(
    client: FlaskClient, tools: Tools, clock: Clock, mint: Mint
):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    document["earning"]["expiry_warnings"] = {"days": [7], "must_be_delivered": True}
    patient = make_shop(tools, "patient-shop.myshopify.com", document=document)
    credit_now(tools, paid_order(patient, amount="120"))
    settle_lots(tools, str(patient.programme_id), clock.advance(days=32))
    html = client.get("/app/activity", headers=bearer(mint(patient))).text
    seen = _seen(html)
    assert "Some points did not expire, for want of a warning" in seen
    assert "1 member keeps 120 points for now" in seen


def test_two_programmes_never_see_each_other(client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint):
    other = make_shop(tools, "other-shop.myshopify.com")
    credit_now(tools, paid_order(other, order_id=6006, amount="777.00"))
    seen = _seen(client.get("/app/activity", headers=bearer(mint(connected))).text)
    assert "6006" not in seen
    assert "777" not in seen


@pytest.mark.parametrize(
    ("locale", "title"), [("bg", "Последни движения"), ("tr-TR", "En yeni hareketler"), ("xx", "Newest")]
)
def test_the_page_speaks_the_language_of_the_merchants_admin(
    client: FlaskClient, connected: Shopfront, mint: Mint, locale: str, title: str
):
    html = _open(client, connected, mint, locale=locale)
    assert title in html
    assert f'<html lang="{locale[:2] if locale != "xx" else "en"}"' in html


def test_app_bridge_is_the_first_script_of_every_page(client: FlaskClient, connected: Shopfront, mint: Mint):
    pages = [
        _open(client, connected, mint),
        client.get("/app/bounce", query_string={"shop": connected.domain}).text,
        client.get("/app").text,
    ]
    for html in pages:
        first = re.search(r"<script[^>]*>", html)
        assert first is not None
        assert (
            first[0] == '<script src="https://cdn.shopify.com/shopifycloud/app-bridge.js" data-api-key="test-api-key">'
        )
        assert not re.search(r"<script(?![^>]*src=)[^>]*>", html), "no inline script"
        assert not re.search(r"\son\w+=", html), "no inline handler"


def test_only_the_shops_own_admin_may_frame_a_page(client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint):
    query = {"shop": connected.domain, "id_token": mint(connected)}
    policy = client.get("/app", query_string=query).headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors https://{connected.domain} https://admin.shopify.com")
    assert "default-src 'none'" in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    settings = replace(
        tools.settings, frame_origins=("http://127.0.0.1:9",), app_bridge_url="http://127.0.0.1:9/stub.js"
    )
    demo = create_app(replace(tools, settings=settings)).test_client()
    policy = demo.get("/app", query_string=query).headers["Content-Security-Policy"]
    assert "https://admin.shopify.com http://127.0.0.1:9" in policy
    assert "script-src 'self' http://127.0.0.1:9 https://cdn.shopify.com" in policy


def test_pages_and_failures_are_kept_nowhere_and_statics_for_ever(
    client: FlaskClient, connected: Shopfront, mint: Mint
):
    html = _open(client, connected, mint)
    assert client.get("/app/activity", headers=bearer(mint(connected))).headers["Cache-Control"] == "no-store"
    assert client.get("/app").headers["Cache-Control"] == "no-store"
    styles = re.search(r'href="(/app/static/admin\.css\?v=[0-9a-f]+)"', html)
    assert styles is not None
    with client.get(styles[1]) as kept:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get("/app/static/admin.css") as unversioned:
        assert "immutable" not in unversioned.headers["Cache-Control"]


def test_the_theme_editor_opens_on_an_embed_that_exists():
    theme = Path(__file__).parents[2] / "storefront_widget" / "theme" / "blocks"
    assert (theme / f"{EMBED_BLOCK}.liquid").is_file()


def test_the_first_signed_in_page_load_installs_the_shop(client: FlaskClient, tools: Tools, mint: Mint):
    domain = "brand-new.myshopify.com"
    with responses.RequestsMock() as shopify:
        shopify.post(
            f"https://{domain}/admin/oauth/access_token",
            json={
                "access_token": "shpat_new",
                "scope": "read_orders,write_customers",
                "expires_in": 3600,
                "refresh_token": "shprt_new",
                "refresh_token_expires_in": 7_776_000,
            },
        )
        shopify.post(f"https://{domain}/admin/api/2026-10/graphql.json", json={"data": _installation(domain)})
        answer = client.get("/app", query_string={"shop": domain, "id_token": mint(domain)})
    assert answer.status_code == 200
    assert "Laurel lacks permissions" in answer.text
    with tools.reading() as session:
        shop = find_shop(session, domain)
        assert shop is not None
        assert (shop.is_installed, shop.currency, shop.timezone) == (True, "TRY", "Europe/Istanbul")
        assert current_document(session, shop.programme_id) == (1, default_document())


def _installation(domain: str) -> dict[str, object]:
    scopes = [{"handle": "read_orders"}, {"handle": "write_customers"}]
    return {
        "shop": {
            "name": "Brand new",
            "currencyCode": "TRY",
            "ianaTimezone": "Europe/Istanbul",
            "myshopifyDomain": domain,
        },
        "currentAppInstallation": {"accessScopes": scopes},
    }


def test_what_shopify_withholds_is_shown_once_the_page_stands(
    client: FlaskClient, connected: Shopfront, mint: Mint, shopify: responses.RequestsMock
):
    address = f"https://{connected.domain}/admin/api/2026-10/graphql.json"
    assert client.get("/app/access", headers=bearer(mint(connected))).text.strip() == ""
    whole = shopify.registered()[0].body
    denied = {"message": "denied", "path": ["customers"], "extensions": {"code": "ACCESS_DENIED"}}
    shopify.reset()
    shopify.post(address, body=whole)
    shopify.post(address, body=whole)
    shopify.post(address, json={"data": None, "errors": [denied]})
    seen = _seen(client.get("/app/access", headers=bearer(mint(connected))).text)
    assert "Shopify hides your customers from Laurel" in seen
    assert "Shopify withholds from this app: customers." in seen


def test_a_shopify_that_cannot_be_asked_is_said_to_be_so(client: FlaskClient, connected: Shopfront, mint: Mint):
    with responses.RequestsMock() as shopify:
        shopify.post(f"https://{connected.domain}/admin/api/2026-10/graphql.json", status=503)
        answer = client.get("/app/access", headers=bearer(mint(connected)))
    assert (answer.status_code, "could not be asked" in answer.text) == (200, True)


def test_a_shopify_that_does_not_answer_leaves_a_page_that_says_so(client: FlaskClient, mint: Mint):
    domain = "brand-new.myshopify.com"
    with responses.RequestsMock() as shopify:
        shopify.post(f"https://{domain}/admin/oauth/access_token", status=503, body="")
        answer = client.get("/app", query_string={"shop": domain, "id_token": mint(domain)})
    assert answer.status_code == 503
    assert "Shopify did not answer" in answer.text
    assert f"frame-ancestors https://{domain} https://admin.shopify.com" in answer.headers["Content-Security-Policy"]


def _rate(client: FlaskClient, token: str, points_per_unit: str, version: object = 1) -> tuple[int, str]:
    form = {"points_per_unit": points_per_unit, "version": version}
    answer = client.post("/app/rate", data=form, headers=bearer(token))
    return answer.status_code, _seen(answer.text)


def test_a_new_rate_becomes_a_new_version_that_names_who_published_it(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint
):
    from plugin.programme.store import current

    status, seen = _rate(client, mint(connected), " 1,5 ")
    assert status == 200
    assert "Published. The new rate is version 2." in seen
    with tools.reading() as session:
        published = current(session, connected.programme_id)
    assert (published.version, published.actor) == (2, "merchant:42")
    assert published.document["earning"]["rules"][0]["points_per_unit"] == "1.5"
    before = dump_document(default_document())
    assert {**published.document, "earning": before["earning"]} == before


@pytest.mark.parametrize("typed", ["0", "-1", "", "many", "1e3", "NaN", "1.2345678", "1" * 21, "\uff11", "1;2"])
def test_what_is_no_rate_publishes_nothing(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, typed: str
):
    status, seen = _rate(client, mint(connected), typed)
    assert status == 400
    assert "Write a number above 0" in seen
    with tools.reading() as session:
        assert current_document(session, connected.programme_id)[0] == 1


def test_a_rate_seen_before_somebody_elses_publication_is_not_published(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    with tools.writing() as session:
        publish_document(
            session, connected.programme_id, dump_document(default_document()), actor="somebody", now=clock.now
        )
    for version in (1, 0, "x", 99):
        status, seen = _rate(client, mint(connected), "3", version)
        assert status == 409
        assert "Somebody else published version 2" in seen
    with tools.reading() as session:
        assert current_document(session, connected.programme_id)[0] == 2


def test_the_same_rate_again_publishes_nothing(client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint):
    status, seen = _rate(client, mint(connected), "1")
    assert (status, "That is the rate already." in seen) == (200, True)
    with tools.reading() as session:
        assert current_document(session, connected.programme_id)[0] == 1


def test_a_programme_with_several_rates_is_not_changed_by_the_small_form(client: FlaskClient, tools: Tools, mint: Mint):
    document = dump_document(default_document())
    document["earning"]["rules"].append({"kind": "spend", "id": "more", "points_per_unit": "1"})
    shop = make_shop(tools, "rich-shop.myshopify.com", document=document)
    assert _rate(client, mint(shop), "2")[0] == 422
    with tools.reading() as session:
        assert current_document(session, shop.programme_id)[0] == 1


def test_a_fault_of_ours_is_a_page_that_gives_nothing_away(tmp_path: Path, clock: Clock, mint: Mint):
    database = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    client = create_app(make_tools(database, clock)).test_client()
    shop = "nice-shop.myshopify.com"
    page = client.get("/app", query_string={"shop": shop, "id_token": mint(shop)})
    assert (page.status_code, "Something went wrong" in page.text, "sqlite" in page.text) == (500, True, False)
    action = client.get("/app/activity", headers=bearer(mint(shop)))
    assert (action.status_code, action.json) == (500, {"error": "error"})
    database.dispose()

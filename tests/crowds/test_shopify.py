"""Twenty webhooks at the same moment, and twenty browsers that come back from Shopify's grant screen."""

from __future__ import annotations

import json
from http import HTTPStatus

from sqlalchemy import func, select

from plugin.inbox.tables import delivery
from plugin.install.routes import COOKIE
from plugin.ledger.tables import posting
from plugin.programme.tables import programme
from plugin.shops.store import list_shops
from plugin.wiring import drain_once
from tests.crowds.crowd import PEOPLE, PROCESSES, tells
from tests.factories import balance_of
from tests.install.conftest import Shopify, network, shopify  # noqa: F401 - fixtures
from tests.install.test_routes import depart, signed
from tests.journeys.shop_floor import at, later, line, order, refund
from tests.webhooks.sending import webhook_headers

LINE = line(1, "100.00")
TRIES = 20
"""Shopify tries 8 times, hours apart; here all are within a minute."""


@tells("POST /webhooks")
def test_one_webhook_twenty_times_is_one_delivery(crowd, tools, shop):
    """nozzlegear/ShopifySharp#919: copies in the same instant."""
    told = order(5001, LINE)
    assert crowd.press(lambda browser, _: arrive(browser, shop, "orders/paid", told, "event-1")) == {200: PEOPLE}
    assert counted(tools, delivery) == 1
    crowd.work_off()
    assert balance_of(tools, shop).available == 100
    assert counted(tools, posting) == 1


@tells("POST /webhooks")
def test_twenty_orders_of_one_customer_all_count(crowd, tools, shop):
    assert crowd.press(
        lambda browser, number: arrive_and_drain(crowd, browser, shop, number, order(5001 + number, LINE))
    ) == {200: PEOPLE}
    crowd.work_off()
    assert balance_of(tools, shop).available == 100 * PEOPLE


@tells("POST /webhooks")
def test_twenty_states_of_one_order_end_with_the_newest(crowd, tools, shop):
    """Each was refunded a little more; every one is worked off as soon as it came, whatever is under way elsewhere."""
    first = order(5001, LINE)

    def told(number: int):
        back = [refund(one, at(f"10:{one:02}"), beyond=["-3.00"]) for one in range(1, number + 1)]
        return later(first, at(f"10:{number:02}"), refunds=back, financial_status="partially_refunded")

    crowd.clock.advance(hours=1)
    crowd.press(lambda browser, number: arrive_and_drain(crowd, browser, shop, number, told(number)))
    crowd.work_off()
    assert balance_of(tools, shop).available == 100 - 3 * (PEOPLE - 1)


@tells("GET /auth", "GET /auth/callback")
def test_one_grant_that_comes_back_twenty_times_installs_once(crowd, tools, shopify):  # noqa: F811
    first = crowd.apps[0].test_client()
    query = signed(tools, state=depart(first))
    kept = first.get_cookie(COOKIE, path="/auth").value

    def come_back(browser, _number: int) -> int:
        browser.set_cookie(COOKIE, kept, path="/auth")
        return browser.get(f"/auth/callback?{query}").status_code

    assert crowd.press(come_back) == {302: 1, 401: PEOPLE - 1}
    assert shopify.issued == 1
    with tools.reading() as session:
        assert len(list_shops(session)) == 1


@tells("GET /auth", "GET /auth/callback")
def test_twenty_browsers_that_install_one_shop_open_one_programme(crowd, tools, shopify):  # noqa: F811
    def install(browser, _number: int) -> int:
        query = signed(tools, state=depart(browser))
        return browser.get(f"/auth/callback?{query}").status_code

    assert crowd.press(install) == {302: PEOPLE}
    assert counted(tools, programme) == 1
    with tools.reading() as session:
        assert len(list_shops(session)) == 1


@tells("GET /app")
def test_twenty_first_visits_of_the_admin_install_one_shop(crowd, tools, mint, shopify):  # noqa: F811
    domain = "new-shop.myshopify.com"
    query = {"shop": domain, "id_token": mint(domain)}
    assert crowd.press(lambda browser, _: browser.get("/app", query_string=query).status_code) == {200: PEOPLE}
    with tools.reading() as session:
        assert [one.domain for one in list_shops(session)] == [domain]


def arrive(browser, shop, topic, body, event_id) -> int:
    """Bring a webhook as Shopify does: where it hears "try again", as on a machine too busy to store it in 3 seconds, it does."""
    raw = json.dumps(body).encode()
    for _ in range(TRIES):
        headers = webhook_headers(topic, raw, shop.domain, event_id)
        status = browser.post("/webhooks", data=raw, headers=headers).status_code
        if status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    return status


def arrive_and_drain(crowd, browser, shop, number: int, body) -> int:
    """Bring a webhook and work off whatever is there at once, while others bring theirs."""
    status = arrive(browser, shop, "orders/updated", body, f"event-{number}")
    drain_once(crowd.tools[number % PROCESSES])
    return status


def counted(tools, table) -> int:
    with tools.reading() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()

"""Deliveries in the admin: what could not be processed is seen, understood, opened and put back in line; by its own shop alone."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from plugin import inbox
from plugin.inbox import Arrival
from plugin.journeys.draining import drain
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint, bearer
from tests.factories import Clock, Shopfront, balance_of, make_delivery, make_shop
from tests.journeys.shop_floor import line, order
from webhooks.topics import parse_delivery


def _seen(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _open(client: FlaskClient, shop: Shopfront, mint: Mint, path: str = "", locale: str = "en") -> str:
    answer = client.get(
        f"/app/deliveries{path}", query_string={"shop": shop.domain, "id_token": mint(shop), "locale": locale}
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def _post(client: FlaskClient, shop: Shopfront, mint: Mint, path: str, **query: str) -> str:
    answer = client.post(
        f"/app/deliveries{path}", query_string={"shop": shop.domain, **query}, headers=bearer(mint(shop))
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def _arrive(tools: Tools, shop: Shopfront, topic: str, body: object, event_id: str = "event-1") -> Arrival:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    tools.store([make_delivery(shop, topic, raw, tools.clock(), event_id)])
    while drain(tools, parse_delivery, tools.clock()):
        pass
    return next(one for one in _all(tools, shop) if one.event_id == event_id)


def _all(tools: Tools, shop: Shopfront) -> list[Arrival]:
    with tools.reading() as session:
        return [one for one in inbox.list_deliveries(session, shop.programme_id) if one.shop_id == shop.shop_id]


@pytest.fixture
def dead(tools: Tools, connected: Shopfront) -> Arrival:
    """A dead letter: an order that changed at no time one can read."""
    body = order(5001, line(1, "25.00"), name="#1042", when="the other day")
    return _arrive(tools, connected, "orders/paid", body)


@pytest.mark.parametrize(("locale", "said"), [("en", "Nothing waits"), ("bg", "Нищо не чака"), ("tr", "Bekleyen yok")])
def test_where_all_is_done_the_page_says_so(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, *, locale: str, said: str
):
    _arrive(tools, connected, "orders/paid", order(5001, line(1, "25.00")))
    assert said in _seen(_open(client, connected, mint, locale=locale))
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def test_a_dead_letter_is_listed_with_what_it_is_about_and_what_went_wrong(
    client: FlaskClient, connected: Shopfront, mint: Mint, dead: Arrival
):
    html = _open(client, connected, mint)
    seen = _seen(html)
    assert "Set aside" in seen
    assert "Order #1042" in seen
    assert "Its content is not what Laurel knows how to read." in seen
    assert f'href="https://{connected.domain}/admin/orders/5001"' in html
    assert f"/app/deliveries/{dead.delivery_id}?" in html
    assert "Replay all" in seen


def test_the_first_page_leads_to_dead_letters(client: FlaskClient, connected: Shopfront, mint: Mint, dead: Arrival):
    html = client.get("/app", query_string={"shop": connected.domain, "id_token": mint(connected)}).text
    assert "1 delivery was set aside" in _seen(html)
    assert '<a href="/app/deliveries?shop=' in html.split("1 delivery was set aside")[1]


def test_one_is_opened_with_its_body_in_lines(client: FlaskClient, connected: Shopfront, mint: Mint, dead: Arrival):
    html = _open(client, connected, mint, f"/{dead.delivery_id}")
    seen = _seen(html)
    assert "X-Shopify-Event-Id event-1" in seen
    assert "X-Shopify-Webhook-Id webhook-event-1" in seen
    assert "&#34;name&#34;: &#34;#1042&#34;,\n" in html
    assert "kept encrypted for 25 days" in seen
    assert dead.error is not None
    assert dead.error in seen


def test_an_erased_body_is_said_to_be_so_and_cannot_be_replayed(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, dead: Arrival
):
    with tools.writing() as session:
        inbox.forget_bodies(session, tools.clock() + timedelta(days=1))
    opened = _seen(_open(client, connected, mint, f"/{dead.delivery_id}"))
    assert "Erased: contents are kept for 25 days only." in opened
    assert "Replay" not in opened
    assert "Its content has been erased" in _seen(_open(client, connected, mint))
    answer = _seen(_post(client, connected, mint, f"/{dead.delivery_id}/replay"))
    assert "It cannot be replayed: its content has been erased." in answer
    home = client.get("/app", query_string={"shop": connected.domain, "id_token": mint(connected)}).text
    assert "was set aside" not in _seen(home), "nobody can do anything about it any more"


def test_what_was_replayed_is_processed(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, dead: Arrival
):
    assert "Back in line." in _seen(_post(client, connected, mint, f"/{dead.delivery_id}/replay"))
    assert [one.state for one in _all(tools, connected)] == ["waiting"]
    drain(tools, parse_delivery, tools.clock())
    state = client.get(
        f"/app/deliveries/{dead.delivery_id}/state",
        query_string={"shop": connected.domain},
        headers=bearer(mint(connected)),
    )
    assert "Set aside" in _seen(state.text), "its body is still wrong"
    assert "every 2s" not in state.text


def test_all_are_replayed_at_once(client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, dead: Arrival):
    _arrive(tools, connected, "customers/merge", b"no json", "event-2")
    answer = _seen(_post(client, connected, mint, "/replay"))
    assert "2 deliveries are back in line." in answer
    assert {one.state for one in _all(tools, connected)} == {"waiting"}
    assert "1 delivery is back in line." not in answer


def test_one_that_will_be_tried_again_says_when(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    tools.store([make_delivery(connected, "orders/paid", json.dumps(order(1, line(1, "5.00"))).encode(), clock.now)])
    with tools.writing() as session:
        (claimed,) = inbox.claim(session, tools.sealer, clock.now, 1)
        inbox.fail(session, claimed, "OperationalError", clock.now, is_final=False)
    seen = _seen(_open(client, connected, mint))
    assert "Trying again" in seen
    assert "Tried 1 time" in seen
    assert "The database refused the work." in seen
    _post(client, connected, mint, f"/{claimed.delivery_id}/replay")
    drain(tools, parse_delivery, clock.now)
    assert balance_of(tools, connected).available == 5
    assert "Nothing waits" in _seen(_open(client, connected, mint))
    with tools.reading() as session:
        assert verify(session) == []


def test_another_shops_deliveries_do_not_exist_here(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, dead: Arrival
):
    stranger = make_shop(tools, "laurel-other.myshopify.com")
    sister = make_shop(tools, "laurel-sister.myshopify.com", programme_id=connected.programme_id)
    theirs = [_arrive(tools, shop, "orders/paid", b"no json") for shop in (stranger, sister)]
    here = {"shop": connected.domain}
    for one in (*(each.delivery_id for each in theirs), UUID(int=1)):
        opened = client.get(f"/app/deliveries/{one}", query_string={**here, "id_token": mint(connected)})
        state = client.get(f"/app/deliveries/{one}/state", query_string=here, headers=bearer(mint(connected)))
        replayed = client.post(f"/app/deliveries/{one}/replay", query_string=here, headers=bearer(mint(connected)))
        assert (opened.status_code, state.status_code, replayed.status_code) == (404, 404, 404)
        assert str(one) not in _open(client, connected, mint)
    assert "1 delivery is back in line." in _seen(_post(client, connected, mint, "/replay"))
    assert {one.state for shop in (stranger, sister) for one in _all(tools, shop)} == {"dead_letter"}


def test_nobody_is_answered_without_a_token(client: FlaskClient, connected: Shopfront, dead: Arrival):
    for path in ("/lists", f"/{dead.delivery_id}/state"):
        assert client.get(f"/app/deliveries{path}", query_string={"shop": connected.domain}).status_code == 401
    for path in ("/replay", f"/{dead.delivery_id}/replay"):
        assert client.post(f"/app/deliveries{path}", query_string={"shop": connected.domain}).status_code == 401
    page = client.get(f"/app/deliveries/{dead.delivery_id}", query_string={"shop": connected.domain})
    assert page.status_code == 302, "to fetch a token first"

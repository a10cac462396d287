"""What comes through the doors: twice in one instant, after a notice that was lost, and with nothing to divide by."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import responses

from plugin.facts import TokenPair
from plugin.journeys.draining import drain
from plugin.journeys.installing import install
from plugin.shopify.installation import NEEDED_SCOPES
from plugin.wsgi import create_app
from tests.factories import CUSTOMER
from tests.journeys.shop_floor import FIVE_OFF, Floor, at, customer, later, line, order
from tests.shopify.bodies import installation
from tests.shopify.stub import AdminStub, listen
from tests.storefront.proxy import Storefront
from webhooks.topics import parse_delivery

NEWCOMER = 7009


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    floor.publish()
    yield floor
    floor.prove()


def test_two_copies_in_the_same_instant_have_one_effect(floor):
    """Shopify/shopify_app#1173, nozzlegear/ShopifySharp#919: answered in time, sent again all the same."""
    body = order(5001, line(1, "60.00"))
    for event_id in ("event-a", "event-a", "event-b", "event-c"):
        floor.arrive("orders/paid", body, event_id)
    start = threading.Barrier(4)

    def work(_number: int) -> int:
        start.wait()
        return drain(floor.tools, parse_delivery, floor.clock())

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(4))) == 3
    floor.drain()
    assert (floor.points(), floor.postings()) == (60, 1)


def test_a_shop_whose_uninstall_was_never_told_is_installed_again_with_all_balances(floor):
    """Kyon147/laravel-shopify#283: the notice was lost; the shop that came back was refused."""
    paid = floor.pay(line(1, "60.00"))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        listen(mock, AdminStub(installation()), floor.shop.domain)
        floor.clock.advance(days=3)
        back = install(floor.tools, floor.shop.domain, TokenPair("shpat_new", scopes=NEEDED_SCOPES))
    assert (back.shop_id, back.programme_id) == (floor.shop.shop_id, floor.shop.programme_id)
    floor.tell("orders/paid", paid, later(paid, at("09:30")))
    floor.pay(line(1, "20.00"), order_id=5002, customer=customer(NEWCOMER))
    assert (floor.points(), floor.points(NEWCOMER)) == (60, 20)


def test_whoever_has_nothing_is_answered_in_numbers(floor):
    """pallets/flask#6114: a ratio of nothing became NaN, which is no JSON."""
    floor.publish(days_ago=100, rewards=[], rules=[])
    floor.pay(line(1, "0.00"))
    client = create_app(floor.tools).test_client()
    for who in (CUSTOMER, NEWCOMER, None):
        answer = Storefront(client, floor.clock, floor.shop.domain, who).get("summary")
        assert answer.status_code == 200
        json.loads(answer.text, parse_constant=refuse)


def test_whoever_is_half_way_is_answered_in_numbers(floor):
    """pallets/flask#6114: with rewards to come, and with nobody signed in."""
    floor.publish(days_ago=100, rewards=[FIVE_OFF, FIVE_OFF | {"id": "one", "points": 1}])
    floor.pay(line(1, "0.99"))
    client = create_app(floor.tools).test_client()
    for who in (CUSTOMER, NEWCOMER, None):
        answer = Storefront(client, floor.clock, floor.shop.domain, who).get("summary")
        assert answer.status_code == 200
        json.loads(answer.text, parse_constant=refuse)


def refuse(literal: str):
    raise AssertionError(f"{literal} is no JSON")

"""Webhooks arrive as Shopify sends them: signed, at least once, in no promised order."""

from __future__ import annotations

from datetime import datetime

import pytest
import responses
from shopify_app import ShopifyApp

from plugin.devstore.courier import signature
from plugin.shopify.signatures import is_webhook_signed
from tests.devstore.conftest import API_KEY, APP_URL, SECRET

DOOR = f"{APP_URL}/webhooks"


@pytest.fixture
def door():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_the_signature_is_the_one_of_shopifys_documentation():
    assert signature(b'{"id":1}', "hush") == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="


def test_a_webhook_passes_our_check_and_shopifys_own_package(stand, door):
    door.post(DOOR, status=200)
    stand.buy({"morning-mug": 1})
    stand.parts.courier.deliver_waiting()
    sent = door.calls[0].request
    assert is_webhook_signed(sent.body, sent.headers["X-Shopify-Hmac-Sha256"], [SECRET])
    request = {"method": "POST", "url": DOOR, "headers": dict(sent.headers), "body": sent.body.decode()}
    assert ShopifyApp(client_id=API_KEY, client_secret=SECRET).verify_webhook_req(request).ok


def test_a_webhook_carries_shopifys_headers(stand, door):
    door.post(DOOR, status=200)
    order = stand.buy({"morning-mug": 1})
    stand.parts.courier.deliver_waiting()
    headers = door.calls[0].request.headers
    assert headers["X-Shopify-Topic"] == "orders/create"
    assert headers["X-Shopify-Shop-Domain"] == stand.store.books.shop.domain
    assert headers["X-Shopify-API-Version"] == "2026-10"
    assert datetime.fromisoformat(headers["X-Shopify-Triggered-At"]) == order.placed_at
    assert headers["X-Shopify-Webhook-Id"] != headers["X-Shopify-Event-Id"]


def test_a_webhook_that_is_not_accepted_comes_again_unchanged(stand, door):
    door.post(DOOR, status=503)
    stand.buy({"morning-mug": 1})
    first = stand.parts.courier.deliver_waiting()
    second = stand.parts.courier.deliver_waiting()
    assert [arrival.status for arrival in first + second] == [503] * 6
    assert [arrival.parcel.webhook_id for arrival in first] == [arrival.parcel.webhook_id for arrival in second]
    assert [arrival.parcel.body for arrival in first] == [arrival.parcel.body for arrival in second]


def test_it_is_given_up_after_eight_tries(stand, door):
    door.post(DOOR, status=500)
    stand.buy({"morning-mug": 1})
    assert sum(len(stand.parts.courier.deliver_waiting()) for _ in range(20)) == 3 * 8


def test_nobody_at_the_door_is_no_answer(stand, door):
    stand.buy({"morning-mug": 1})
    assert {arrival.status for arrival in stand.parts.courier.deliver_waiting()} == {0}


def test_a_double_has_the_event_and_the_body_but_its_own_id(stand, door):
    door.post(DOOR, status=200)
    stand.store.faults.duplicated_next = 1
    stand.buy({"morning-mug": 1})
    one, other, *rest = [arrival.parcel for arrival in stand.parts.courier.deliver_waiting()]
    assert (one.topic, one.body, one.event_id, one.triggered_at) == (
        other.topic,
        other.body,
        other.event_id,
        other.triggered_at,
    )
    assert one.webhook_id != other.webhook_id
    assert [parcel.topic for parcel in rest] == ["orders/paid", "orders/updated"]


def test_held_webhooks_leave_late_and_backwards(stand, door):
    door.post(DOOR, status=200)
    stand.store.faults.is_holding = True
    stand.buy({"morning-mug": 1})
    assert stand.parts.courier.deliver_waiting() == []
    stand.client.post("/admin/webhooks/release", data={"order": "backwards"})
    topics = [arrival.parcel.topic for arrival in stand.parts.courier.deliver_waiting()]
    assert topics == ["orders/updated", "orders/paid", "orders/create"]


def test_a_topic_the_app_did_not_subscribe_to_is_not_sent(stand):
    stand.parts.courier.send("carts/update", {}, "event")
    assert stand.sent() == []


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
def test_compliance_topics_are_sent_to_a_shop_that_left_too(stand, topic):
    stand.client.post("/admin/apps/laurel/uninstall")
    customer = stand.person("Ada").customer_id
    stand.client.post("/admin/webhooks/compliance", data={"topic": topic, "customer_id": customer})
    sent, body = stand.sent()[-1]
    assert (sent, body["shop_domain"]) == (topic, stand.store.books.shop.domain)


def test_the_background_thread_delivers_and_tries_again(stand, door):
    door.post(DOOR, status=500)
    door.post(DOOR, status=200)
    stand.parts.courier.start()
    stand.parts.courier.send("shop/update", {"id": 1}, "event")
    assert stand.parts.courier.wait_until_idle(10)
    assert [arrival.status for arrival in stand.parts.courier.journal] == [500, 200]

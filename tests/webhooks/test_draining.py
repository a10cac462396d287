"""From the door through the inbox to the points: what was stored is worked through, what cannot be read is set aside."""

from __future__ import annotations

import json
from functools import partial

import pytest

from plugin import inbox
from plugin.journeys.draining import drain
from tests.factories import balance_of
from tests.webhooks.sending import TOPICS, payload, raw_payload
from webhooks.topics import parse_delivery

CUSTOMER = 6_600_000_000_001


@pytest.fixture
def drained(door):
    """Work through whatever was stored; gives the states of all deliveries."""

    def work():
        while drain(door.tools, parse_delivery, door.tools.clock()):
            pass
        with door.tools.reading() as session:
            return [one.state for one in inbox.list_deliveries(session, door.shop.programme_id)]

    return work


def test_a_signed_paid_order_becomes_points_once_however_often_it_comes(door, drained):
    for event_id in ("event-1", "event-1", "event-2"):
        assert door.send("orders/paid", raw_payload("orders_paid"), Event_Id=event_id).status_code == 200
    assert drained() == ["done", "done"]
    assert balance_of(door.tools, door.shop, CUSTOMER).available == 50


def test_points_follow_a_refund_and_a_late_copy_of_the_paid_order_changes_nothing(door, drained):
    refunded = payload("orders_updated_partly_refunded")
    paid = refunded | {"refunds": [], "financial_status": "paid", "updated_at": "2026-11-02T09:15:31+02:00"}
    points = partial(balance_of, door.tools, door.shop, CUSTOMER)
    door.send("orders/paid", json.dumps(paid).encode())
    drained()
    assert points().available == 49
    door.send("orders/updated", json.dumps(refunded).encode(), Event_Id="event-2")
    drained()
    assert points().available == 16
    door.send("orders/paid", json.dumps(paid).encode(), Event_Id="event-3")
    drained()
    assert points().available == 16


def test_a_body_of_the_wrong_shape_is_set_aside_and_harms_no_other(door, drained):
    door.send("orders/paid", b'{"id":"5001"}')
    door.send("orders/paid", raw_payload("orders_paid"), Event_Id="event-2")
    assert sorted(drained()) == ["dead_letter", "done"]
    assert balance_of(door.tools, door.shop, CUSTOMER).available == 50
    with door.tools.reading() as session:
        [dead] = inbox.list_deliveries(session, door.shop.programme_id, state="dead_letter")
    assert dead.error == "id: id is not a whole number from 1"


def test_every_topic_of_ours_is_worked_through(door, drained):
    for name, topic in TOPICS.items():
        assert door.send(topic, raw_payload(name), Event_Id=name).status_code == 200
    assert set(drained()) == {"done"}

"""The fast lane: what was stored is worked once, a bad delivery harms nobody else, nothing is lost."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import SQLAlchemyError

from plugin import inbox
from plugin.errors import BadInput, Overloaded
from plugin.inbox import GroupCommit
from plugin.inbox.store import ATTEMPTS_MAX
from plugin.journeys.draining import drain
from plugin.journeys.retaining import due_bodies, settle_bodies
from tests.factories import balance_of, make_delivery, make_shop, paid_order


class Orders:
    """Reads a delivery whose body is an order's number; some numbers are unreadable or break the work with `fault`."""

    def __init__(self, shop, unreadable=(), breaking=(), fault=ValueError):
        self.shop, self.unreadable, self.breaking, self.fault = shop, set(unreadable), set(breaking), fault

    def __call__(self, delivery):
        number = int(delivery.body)
        if number in self.unreadable:
            raise BadInput("no order", path="id")
        if number in self.breaking:
            raise self.fault("the work breaks")
        return [paid_order(self.shop, order_id=number, amount="10.00")]


@pytest.fixture
def deliver(tools, shop):
    def deliver(*numbers):
        tools.store([arrival(tools, shop, number) for number in numbers])

    return deliver


def arrival(tools, shop, number):
    return make_delivery(shop, "orders/paid", str(number).encode(), tools.clock(), event_id=f"event-{number}")


def test_stored_deliveries_are_credited_and_done(tools, shop, deliver):
    deliver(*range(1, 31))
    assert drain(tools, Orders(shop), tools.clock()) == 30
    assert drain(tools, Orders(shop), tools.clock()) == 0
    assert balance_of(tools, shop).available == 300
    assert states(tools, shop) == {"done": 30}


def test_a_copy_of_a_delivery_is_stored_once(tools, shop, deliver):
    deliver(1, 1)
    deliver(1)
    assert states(tools, shop) == {"waiting": 1}


def test_an_unreadable_delivery_becomes_a_dead_letter_at_once_and_says_why(tools, shop, deliver):
    deliver(1, 2, 3)
    drain(tools, Orders(shop, unreadable=[2]), tools.clock())
    assert balance_of(tools, shop).available == 20
    with tools.reading() as session:
        dead = inbox.list_deliveries(session, shop.programme_id, state="dead_letter")
    assert [(one.event_id, one.error) for one in dead] == [("event-2", "id: no order")]


@pytest.mark.parametrize(
    "fault", [ValueError, KeyError, AttributeError, AssertionError, RecursionError, SQLAlchemyError]
)
def test_a_delivery_whose_work_breaks_is_tried_alone_and_later_again(tools, shop, deliver, fault):
    """However it breaks: else its batch would be claimed again for ever, and nothing behind it would move."""
    deliver(1, 2, 3)
    drain(tools, Orders(shop, breaking=[2], fault=fault), tools.clock())
    assert balance_of(tools, shop).available == 20
    assert states(tools, shop) == {"done": 2, "waiting": 1}
    assert drain(tools, Orders(shop), tools.clock()) == 0
    tools.clock.advance(minutes=1)
    assert drain(tools, Orders(shop), tools.clock()) == 1
    assert balance_of(tools, shop).available == 30


def test_a_delivery_that_always_breaks_ends_as_a_dead_letter_and_can_be_replayed(tools, shop, deliver):
    deliver(2)
    for _ in range(ATTEMPTS_MAX):
        assert drain(tools, Orders(shop, breaking=[2]), tools.clock()) == 1
        tools.clock.advance(hours=1)
    assert states(tools, shop) == {"dead_letter": 1}
    with tools.writing() as session:
        dead = inbox.list_deliveries(session, shop.programme_id, state="dead_letter")
        assert inbox.replay(session, shop.programme_id, [one.delivery_id for one in dead], tools.clock()) == 1
    drain(tools, Orders(shop), tools.clock())
    assert balance_of(tools, shop).available == 10


def test_a_dead_letter_does_not_repeat_what_a_database_said(tools, shop, deliver):
    """The database's own words may hold whole rows, and dead letters are shown."""
    deliver(2)
    drain(tools, Orders(shop, breaking=[2], fault=SQLAlchemyError), tools.clock())
    with tools.reading() as session:
        (failed,) = inbox.list_deliveries(session, shop.programme_id)
    assert failed.error == "SQLAlchemyError"


@pytest.mark.parametrize("flood", [300, 1500])
def test_one_shops_flood_leaves_room_for_another(tools, shop, deliver, flood):
    deliver(*range(1, flood + 1))
    other = make_shop(tools, "laurel-other.myshopify.com")
    tools.store([make_delivery(other, "orders/paid", b"9001", tools.clock(), event_id="late")])
    with tools.writing() as session:
        claimed = inbox.claim(session, tools.sealer, tools.clock(), 200)
        assert other.shop_id in {one.shop_id for one in claimed}


def test_bodies_are_sealed_at_rest(tools, shop):
    tools.store([make_delivery(shop, "orders/paid", b"a very private body", tools.clock())])
    with tools.reading() as session:
        arrival, body = inbox.read_delivery(
            session, tools.sealer, shop.programme_id, inbox.list_deliveries(session, shop.programme_id)[0].delivery_id
        )
        sealed = session.connection().exec_driver_sql("SELECT body_sealed FROM delivery").scalar_one()
    assert body == b"a very private body"
    assert b"private" not in bytes(sealed)
    assert arrival.topic == "orders/paid"


def test_bodies_are_erased_after_their_time_and_the_log_stays(tools, shop, deliver):
    deliver(1)
    drain(tools, Orders(shop), tools.clock())
    assert due_bodies(tools, tools.clock(), 10) == []
    tools.clock.advance(days=26)
    for key in due_bodies(tools, tools.clock(), 10):
        settle_bodies(tools, key, tools.clock())
    with tools.reading() as session:
        (arrival,) = inbox.list_deliveries(session, shop.programme_id)
        assert inbox.read_delivery(session, tools.sealer, shop.programme_id, arrival.delivery_id)[1] == b""
    assert due_bodies(tools, tools.clock(), 10) == []


def test_deliveries_stored_by_many_threads_share_commits_and_all_arrive(tools, shop):
    commits = []

    def write(deliveries):
        commits.append(len(deliveries))
        tools.store(deliveries)

    group = GroupCommit(write)
    threads = [threading.Thread(target=group.store, args=([arrival(tools, shop, number)],)) for number in range(1, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    assert sum(commits) == 100
    assert states(tools, shop) == {"waiting": 100}


def test_a_group_that_fails_is_stored_row_by_row_and_only_the_bad_one_is_refused(tools, shop):
    from sqlalchemy.exc import IntegrityError

    def write(deliveries):
        if any(one.body == b"13" for one in deliveries):
            raise IntegrityError("insert", {}, ValueError("bad row"))
        tools.store(deliveries)

    group = GroupCommit(write)
    refused = []

    def store(number):
        try:
            group.store([arrival(tools, shop, number)])
        except Overloaded:
            refused.append(number)

    threads = [threading.Thread(target=store, args=(number,)) for number in range(1, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    assert refused == [13]
    assert states(tools, shop) == {"waiting": 29}


def states(tools, shop):
    with tools.reading() as session:
        arrivals = inbox.list_deliveries(session, shop.programme_id, limit=1000)
    counted = {}
    for one in arrivals:
        counted[one.state] = counted.get(one.state, 0) + 1
    return counted

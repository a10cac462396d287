"""Forgetting reaches referrals: who was brought, who brought them, and the traces by which they were compared."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import responses
from sqlalchemy import func, select

from plugin.facts import CustomerRedaction, DataRequest
from plugin.journeys.complying import due_requests, note_request, settle_request
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.proving import verify
from plugin.referrals.links import find_link_owner
from plugin.referrals.tables import referral_trace
from plugin.shops.requests import get_request
from tests.factories import cancelled
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.journeys.referral_stage import FRIEND, REFERRER, WINDOW, Circle, gather
from tests.journeys.test_referrals_converge import leave


@pytest.fixture
def circle(tools, clock, shop) -> Circle:
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield gather(tools, clock, shop, desk)


def forget(circle: Circle, customer_id: int, *orders: int) -> None:
    fact = CustomerRedaction(circle.shop.programme_id, circle.shop.shop_id, circle.clock(), customer_id, orders)
    with circle.tools.writing() as session:
        forget_customer(session, circle.tools.sealer, fact, circle.clock())


def test_a_forgotten_friend_leaves_no_name_and_the_member_keeps_the_points(circle):
    one = circle.claim(None, "friend@example.com")
    leave(circle, "1 High St", FRIEND)
    circle.arrive(circle.order(one))
    circle.pass_time(WINDOW + timedelta(hours=1))
    forget(circle, FRIEND, 6001)
    found = circle.again(one)
    assert (found.friend_key, found.friend_email, found.claimed_by, found.friend_customer_id) == (None,) * 4
    assert traces(circle) == 0
    circle.pass_time(WINDOW)
    assert (circle.state(one), circle.points()) == ("rewarded", (300, 0))


def test_a_late_copy_of_an_order_leaves_no_trace_of_who_was_forgotten(circle):
    leave(circle, "1 High St", FRIEND, 8002)
    forget(circle, FRIEND)
    leave(circle, "1 High St", FRIEND, 8002)
    assert traces(circle) == 1


def test_a_friend_forgotten_in_the_window_settles_nothing_more(circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    forget(circle, FRIEND, 6001)
    circle.arrive(cancelled(circle.order(one)))
    circle.pass_time(WINDOW * 2)
    assert circle.state(one) == "waiting"
    with circle.tools.reading() as session:
        assert verify(session) == []


def test_a_forgotten_members_link_leads_nowhere_and_what_was_open_is_blocked(circle):
    link, one = circle.link(), circle.claim()
    circle.arrive(circle.order(one))
    forget(circle, REFERRER)
    circle.settle()
    assert (circle.again(one).state, circle.again(one).reasons) == ("blocked", ("referrer_gone",))
    with circle.tools.reading() as session:
        assert find_link_owner(session, circle.shop.programme_id, link) is None
        assert verify(session) == []


def test_a_data_request_names_link_friends_and_claims(circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    member = answered(circle, REFERRER, 1)["referrals"]
    assert (member["link"], [each["state"] for each in member["friends"]]) == (circle.link(), ["waiting"])
    (claimed,) = answered(circle, FRIEND, 2)["referrals"]["claimed"]
    assert (claimed["code"], claimed["order_id"]) == (one.code, 6001)


def answered(circle: Circle, customer_id: int, number: int) -> dict:
    """What a data request is answered with."""
    fact = DataRequest(circle.shop.programme_id, circle.shop.shop_id, circle.clock(), number, customer_id, ())
    with circle.tools.writing() as session:
        note_request(session, fact, circle.clock())
    (key,) = due_requests(circle.tools, circle.clock(), 10)
    settle_request(circle.tools, key, circle.clock())
    programme_id, request_id = key.split(":")
    with circle.tools.writing() as session:
        return get_request(session, UUID(programme_id), UUID(request_id)).answer


def traces(circle: Circle) -> int:
    with circle.tools.reading() as session:
        return session.scalar(select(func.count()).select_from(referral_trace))

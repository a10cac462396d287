"""Whatever states of a friend's order arrive, how often and in what order: both have in the end what its newest state gives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
import responses

from plugin.facts import OrderContact
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.tracing import trace_contacts
from tests.factories import cancelled, credit_now, line_returned, refunded
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.journeys.referral_stage import FRIEND, REFERRER, WINDOW, Circle, gather

STORIES = 12


@pytest.fixture
def circle(tools, clock, shop) -> Circle:
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield gather(tools, clock, shop, desk, minimum_order="30")


def states_of(first, ending):
    """An order's life: unpaid, paid, a little refunded, and then how it ends."""
    unpaid = replace(first, financial_status="pending")
    paid = replace(first, updated_at=first.updated_at + timedelta(minutes=5))
    less = refunded(paid, "4.00")
    last = {
        "kept": less,
        "returned": line_returned(less),
        "cancelled": cancelled(less),
        "small": refunded(less, "30.00"),
    }
    return [unpaid, paid, less, *([last[ending]] if ending != "kept" else [])]


@pytest.mark.parametrize("ending", ["kept", "returned", "cancelled", "small"])
def test_any_order_and_any_copies_of_the_webhooks_end_the_same(circle, ending):
    """Some stories are settled after each state, some only at the end, some long after the window."""
    ends, dice = set(), random.Random(f"referral {ending}")
    for story in range(STORIES):
        one = circle.claim(FRIEND + story)
        states = states_of(circle.order(one, 6100 + story, FRIEND + story), ending)
        told = [dice.choice(states) for _ in range(dice.randrange(4))] + states
        dice.shuffle(told)
        before = circle.points()
        for state in told:
            credit_now(circle.tools, state)
            if dice.random() < 0.5:
                circle.settle()
        if dice.random() < 0.3:
            circle.clock.advance(days=20)
        circle.settle()
        circle.pass_time(WINDOW * 2)
        found, after = circle.again(one), circle.points()
        ends.add(
            (found.state, found.reasons, found.referrer_points, sum(after) - sum(before), circle.points(FRIEND + story))
        )
    rewarded = ending == "kept"
    assert len(ends) == 1
    (end,) = ends
    assert (end[0], end[2], end[3]) == (("rewarded", 300, 300) if rewarded else ("taken_back", 0, 0))
    with circle.tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, circle.clock()) == []


@pytest.mark.parametrize("is_first", [True, False])
def test_an_address_known_early_or_late_in_the_window_stops_the_same_referral(circle, is_first):
    one = circle.claim()
    if is_first:
        leave(circle, "12 Main St", REFERRER, FRIEND)
    circle.arrive(circle.order(one))
    assert circle.state(one) == ("review" if is_first else "waiting")
    leave(circle, "12, main st.", REFERRER, FRIEND)
    circle.pass_time(WINDOW + timedelta(hours=1))
    assert (circle.state(one), circle.again(one).reasons) == ("review", ("same_address",))
    assert circle.points() == (0, 0)


def test_two_friends_at_one_address_are_looked_at_and_one_elsewhere_is_not(circle):
    leave(circle, "1 High St", REFERRER)
    leave(circle, "5 Low St", FRIEND, 8002)
    leave(circle, "7 Far Rd", 8003)
    ends = []
    for number, friend in enumerate((FRIEND, 8002, 8003)):
        one = circle.claim(friend)
        circle.clock.advance(minutes=1)
        circle.arrive(circle.order(one, 6001 + number, friend))
        ends.append((circle.state(one), circle.again(one).reasons))
    assert ends == [("waiting", ()), ("review", ("shared_address",)), ("waiting", ())]


def test_the_members_own_address_in_another_spelling_is_blocked(circle):
    leave(circle, "1 High St", REFERRER, email="ada.lovelace@gmail.com")
    one = circle.claim()
    leave(circle, "9 Low St", FRIEND, email="AdaLovelace+x@googlemail.com")
    circle.arrive(circle.order(one))
    assert (circle.state(one), circle.again(one).reasons) == ("blocked", ("same_email",))
    assert circle.again(one).unchecked == ()


def test_without_traces_it_says_that_nothing_was_compared(circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    assert circle.again(one).unchecked == ("email", "address")


def leave(circle, street, *customers, email=""):
    """Let orders of these customers have named an address."""
    address = (street, "", "1000", "Sofia", "BG")
    emails = (email,) if email else ()
    found = [
        OrderContact(circle.shop.programme_id, circle.shop.shop_id, each, emails, (address,)) for each in customers
    ]
    with circle.tools.writing() as session:
        trace_contacts(session, circle.tools.sealer, found)

"""Who members are, as signed webhooks tell it: guests' points claimed once, opting out, merges with a hold open, households."""

from __future__ import annotations

from itertools import permutations

import pytest

from plugin.journeys import households
from plugin.journeys.joining import leave
from plugin.rules import default_document, dump_document
from tests.factories import CUSTOMER, balance_of, make_shop, member_of
from tests.journeys.discount_desk import lost_answer
from tests.journeys.shop_floor import Floor, at, customer, later, line, order, refund
from tests.journeys.test_orders_changed import merged

OTHER, THIRD = 7002, 7003
GUEST = customer(CUSTOMER, "disabled")


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    floor.publish()
    yield floor
    floor.prove()


@pytest.fixture
def account_holders(tools, clock):
    document = dump_document(default_document()) | {"enrolment": "account_holders"}
    floor = Floor(tools, clock, make_shop(tools, "laurel-holders.myshopify.com", document=document))
    yield floor
    floor.prove()


def test_a_guests_points_wait_for_the_account_and_are_claimed_once(account_holders):
    floor = account_holders
    paid = floor.pay(line(1, "40.00"), line(2, "25.00"), customer=GUEST)
    back = refund(91, at("09:10"), (2, 1, "25.00"), amount="25.00")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    floor.pay(line(1, "10.00"), order_id=5002, customer=GUEST)
    assert (floor.points(), floor.why(), floor.postings()) == (0, "not_joined", 0)
    floor.tell("customers/update", *[customer(CUSTOMER)] * 3)
    assert (floor.points(), floor.postings()) == (50, 2)


@pytest.mark.parametrize("arrival", list(permutations(range(3))), ids=str)
def test_the_account_and_the_orders_may_be_told_in_any_order(account_holders, arrival):
    floor = account_holders
    told = [
        ("customers/create", GUEST),
        ("customers/update", customer(CUSTOMER)),
        ("orders/paid", order(5001, line(1, "40.00"), customer=GUEST)),
    ]
    for place in (*arrival, *arrival):
        floor.tell(*told[place])
    floor.tell("customers/update", customer(CUSTOMER))
    assert (floor.points(), floor.postings()) == (40, 1)


def test_a_guests_order_that_waits_moves_with_its_customer_and_counts_for_whoever_has_the_account(account_holders):
    floor = account_holders
    floor.pay(line(1, "40.00"), customer=GUEST)
    floor.tell("customers/create", customer(OTHER))
    floor.tell("customers/merge", *[merged(CUSTOMER, OTHER)] * 2)
    assert (floor.points(OTHER), floor.why()) == (40, None)


def test_who_opts_out_keeps_what_came_before_and_is_still_told_of_its_refunds(floor):
    paid = floor.pay(line(1, "40.00"), line(2, "25.00"))
    with floor.tools.writing() as session:
        leave(session, member_of(floor.tools, floor.shop), floor.clock())
    floor.clock.advance(hours=1)
    when = "2026-11-21T10:30:00Z"
    floor.pay(line(1, "99.00"), order_id=5002, when=when, processed_at=when)
    assert (floor.points(), floor.why(5002)) == (65, "left")
    back = refund(91, when, (2, 1, "25.00"), amount="25.00")
    floor.tell("orders/updated", later(paid, when, refunds=[back], financial_status="partially_refunded"))
    assert (floor.points(), floor.owed()) == (40, 0)


@pytest.mark.parametrize("chain", [[(CUSTOMER, OTHER)], [(CUSTOMER, OTHER), (OTHER, THIRD)]], ids=len)
def test_a_hold_that_is_open_while_its_customer_is_merged_is_settled_once_for_the_kept_one(floor, desk, chain):
    """The call was carried out and its answer lost; each notice of a merge comes twice, and the refund last."""
    paid = floor.pay(line(1, "60.00"))
    floor.pay(line(1, "30.00"), order_id=5002, customer=customer(OTHER))
    desk.go_wrong("create", lost_answer)
    assert floor.redeem().standing == "preparing"
    for deleted, kept in chain:
        floor.tell("customers/merge", *[merged(deleted, kept)] * 2)
    last = chain[-1][1]
    assert (floor.points(last), balance_of(floor.tools, floor.shop, last).held) == (40, 50)
    floor.let_time_pass(minutes=10)
    account = balance_of(floor.tools, floor.shop, last)
    assert (account.available, account.held, floor.postings("redeem_capture")) == (40, 0, 1)
    assert list(desk.codes.values()) == ["ACTIVE"]
    when = "2026-11-21T10:20:00Z"
    back = refund(91, when, (1, 1, "60.00"), amount="60.00")
    floor.tell("orders/updated", later(paid, when, refunds=[back], financial_status="refunded"))
    assert (floor.points(last), floor.owed(last)) == (0, 20)


def test_a_household_earns_together_and_parts_by_when_orders_were_placed(floor):
    floor.pay(line(1, "40.00"))
    floor.pay(line(1, "30.00"), order_id=5002, customer=customer(OTHER))
    host, guest = (member_of(floor.tools, floor.shop, one) for one in (CUSTOMER, OTHER))
    with floor.tools.writing() as session:
        token = households.invite(session, host, floor.clock())
    with floor.tools.writing() as session:
        households.accept(session, guest.programme_id, guest.member_id, token, floor.clock())
    assert floor.points() == floor.points(OTHER) == 70
    floor.clock.advance(hours=2)
    with floor.tools.writing() as session:
        households.leave_household(session, guest.programme_id, guest.member_id, floor.clock())
    late, own = "2026-11-21T11:00:00Z", "2026-11-21T13:00:00Z"
    floor.clock.advance(hours=2)
    floor.pay(line(1, "7.00"), order_id=5003, customer=customer(OTHER), when=own, processed_at=own)
    floor.pay(line(1, "5.00"), order_id=5004, customer=customer(OTHER), when=own, processed_at=late)
    assert (floor.points(), floor.points(OTHER)) == (75, 7)
    floor.tell("customers/merge", *[merged(OTHER, CUSTOMER)] * 2)
    assert floor.points() == floor.points(OTHER) == 82

"""Twenty orders at the same moment under one cap and one budget: what is given is the limit, to the point, and not one more."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from plugin.journeys.awarding import AwardWish, award_points
from plugin.journeys.charging_caps import allow
from plugin.journeys.documents import publish_document
from plugin.orders.tables import order_target
from plugin.rules import default_document, dump_document
from tests.crowds.careless import careless_crowd
from tests.crowds.crowd import PEOPLE, PROCESSES, at_once
from tests.factories import balance_of, credit_now, make_member, member_of, paid_order

LIMIT = 130
LIMITS = {
    "a member's cap": {"caps": [{"id": "daily", "per": "member", "period": "day", "points": LIMIT}]},
    "a programme's cap": {"caps": [{"id": "all", "per": "programme", "period": "month", "points": LIMIT}]},
    "a budget": {
        "budgets": [{"id": "keep", "purpose": "keeping", "period": "month", "points": LIMIT}],
        "purposes": {"first_order": False},
    },
}


@pytest.mark.parametrize("limit", LIMITS)
def test_twenty_orders_of_one_member_share_what_is_left(crowd, tools, shop, limit):
    under(tools, shop, LIMITS[limit])
    at_once(PEOPLE, lambda number: give(crowd.tools[number % PROCESSES], shop, number, 7001))
    assert balance_of(tools, shop).available == LIMIT


@pytest.mark.parametrize("limit", ["a programme's cap", "a budget"])
def test_twenty_members_share_what_the_programme_has_left(crowd, tools, shop, limit):
    under(tools, shop, LIMITS[limit])
    at_once(PEOPLE, lambda number: give(crowd.tools[number % PROCESSES], shop, number, 8000 + number))
    assert sum(balance_of(tools, shop, 8000 + number).available for number in range(PEOPLE)) == LIMIT


def test_orders_and_actions_at_once_share_it_too(crowd, tools, shop):
    under(tools, shop, LIMITS["a programme's cap"])
    people = [make_member(tools, shop, 8000 + number) for number in range(PEOPLE)]

    def press(number):
        mine = crowd.tools[number % PROCESSES]
        if number % 2:
            return give(mine, shop, number, 8000 + number)
        with mine.writing() as session:
            wish = AwardWish(
                shop.programme_id, people[number].account_id, f"action:{number}", "action", 10, mine.clock(), 2
            )
            return award_points(session, [one for one in allow(session, [wish]) if one.points], mine.clock())

    at_once(PEOPLE, press)
    assert sum(balance_of(tools, shop, 8000 + number).available for number in range(PEOPLE)) == LIMIT


def test_batches_in_which_members_cross_do_not_wait_for_each_other_for_ever(crowd, tools, shop):
    """Half of the batches bring the members one way round, half the other; each process holds several accounts and the limit."""
    under(tools, shop, LIMITS["a programme's cap"] | {"budgets": LIMITS["a budget"]["budgets"]})

    def batch(number):
        customers = range(8000, 8004) if number % 2 else range(8003, 7999, -1)
        orders = [paid_order(shop, number * 10 + at, one, amount="2.00") for at, one in enumerate(customers, start=1)]
        credit_now(crowd.tools[number % PROCESSES], *orders)

    for customer_id in range(8000, 8004):
        make_member(tools, shop, customer_id)
    at_once(PEOPLE, batch)
    assert sum(balance_of(tools, shop, one).available for one in range(8000, 8004)) == LIMIT


@pytest.mark.parametrize("limit", ["a member's cap", "a budget"])
def test_without_the_lock_more_is_given_than_is_left(database_url, clock, tools, shop, limit):
    """The control: with the locks out, twenty who all looked at what is used before anybody used it give too much."""
    under(tools, shop, LIMITS[limit])
    for number in range(PEOPLE):
        make_member(tools, shop, 8000 + number)
    with careless_crowd(database_url, clock, "cap_use") as crowd:
        at_once(PEOPLE, lambda number: give(crowd.tools[number % PROCESSES], shop, number, customer(limit, number)))
    with tools.reading() as session:
        assert session.scalar(select(func.sum(order_target.c.points))) > LIMIT


def customer(limit, number):
    return 8000 if limit == "a member's cap" else 8000 + number


def give(tools, shop, number, customer_id):
    credit_now(tools, paid_order(shop, 1 + number, customer_id, amount="10.00"))


def under(tools, shop, limits):
    """Let the shop's programme be capped from long before its orders were placed."""
    make_member(tools, shop)
    with tools.writing() as session:
        document = dump_document(default_document()) | limits
        at = tools.clock().replace(month=1)
        publish_document(session, shop.programme_id, document, actor="test", now=at)
    assert member_of(tools, shop)

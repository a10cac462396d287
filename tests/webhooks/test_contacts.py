"""How an order's customer may be reached: read where it is told, kept as hashes and only where a programme compares them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from plugin.facts import OrderContact
from plugin.referrals.tables import referral_trace
from plugin.wiring import drain_once
from tests.factories import make_delivery
from tests.journeys.referral_stage import publish_terms
from tests.journeys.shop_floor import line, order
from webhooks.topics import parse_delivery

HOME = {"address1": "12 Main St", "address2": None, "zip": "1000", "city": "Sofia", "country_code": "BG", "name": "Ada"}


def contacts(shop, clock, **changes) -> list[OrderContact]:
    body = json.dumps(order(5001, line(1, "20.00"), **changes)).encode()
    facts = parse_delivery(make_delivery(shop, "orders/paid", body, clock()))
    return [fact for fact in facts if isinstance(fact, OrderContact)]


def test_addresses_are_read_once_each_and_nothing_else_of_the_person(shop, clock):
    (found,) = contacts(shop, clock, email="ada@example.com", shipping_address=HOME, billing_address=HOME)
    assert found.emails == ("ada@example.com",)
    assert found.addresses == (("12 Main St", "", "1000", "Sofia", "BG"),)
    assert "Ada" not in str(found)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"email": None, "shipping_address": None},
        {"email": 7, "shipping_address": ["x"], "billing_address": {"address1": 5}},
        {"email": "ada@example.com", "customer": None},
    ],
)
def test_what_is_withheld_or_twisted_is_not_there_and_holds_nothing_up(shop, clock, changes):
    assert contacts(shop, clock, **changes) == []


@pytest.mark.parametrize(("is_asking", "kept"), [(True, 2), (False, 0)])
def test_only_hashes_are_kept_and_only_where_friends_are_asked_for(tools, shop, clock, is_asking, kept):
    publish_terms(tools, shop, is_active=is_asking)
    body = json.dumps(order(5001, line(1, "20.00"), email="ada@example.com", shipping_address=HOME)).encode()
    tools.store([make_delivery(shop, "orders/paid", body, clock())])
    while drain_once(tools):
        pass
    with tools.reading() as session:
        assert session.scalar(select(func.count()).select_from(referral_trace)) == kept
        tags = session.scalars(select(referral_trace.c.tag)).all()
    assert all(len(tag) == 64 for tag in tags)

"""The controls: without its locks the product must be caught by these very stories, or they would show nothing."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from plugin.journeys.proving import find_drift, verify
from tests.admin.test_points import FORM
from tests.crowds.careless import careless_crowd
from tests.crowds.crowd import PEOPLE, at_once
from tests.crowds.test_merchants import make_debt, send
from tests.factories import balance_of, credit_now, make_member, paid_order
from tests.storefront.proxy import Storefront


@pytest.fixture
def careless(database_url, clock, tools):
    """Twenty before processes without locks, who have all looked at a table before anybody changes it."""

    @contextmanager
    def gather(table: str = "account"):
        with careless_crowd(database_url, clock, table) as crowd:
            yield crowd

    return gather


def test_without_the_lock_twenty_wishes_buy_too_much(careless, tools, shop, desk):
    make_member(tools, shop, points=1_200)
    with careless() as crowd:
        crowd.press(
            lambda browser, number: Storefront(browser, crowd.clock, shop.domain).redeem(wish_id=f"wish-{number:04}")
        )
    assert len(desk.codes) > 2
    assert is_caught(tools)


def test_without_the_lock_changes_by_hand_are_lost(careless, tools, shop, mint):
    make_member(tools, shop, points=30)
    with careless() as crowd:
        crowd.press(
            lambda browser, number: send(browser, mint(shop), "points/adjust", FORM | {"key": f"k{number}"}).status_code
        )
    assert balance_of(tools, shop).available < 30 + 100 * PEOPLE
    assert is_caught(tools)


def test_without_the_lock_a_debt_is_written_off_more_than_once(careless, tools, clock, shop, mint):
    with careless() as crowd:
        make_debt(crowd, tools, shop)
        ends = crowd.press(
            lambda browser, number: (
                send(browser, mint(shop), "points/write-off", FORM | {"key": f"k{number}"}).status_code
            )
        )
    assert ends[200] > 1
    assert is_caught(tools)


def test_without_the_lock_points_of_orders_are_lost(careless, tools, shop):
    make_member(tools, shop)
    with careless() as crowd:
        at_once(PEOPLE, lambda number: credit_now(crowd.tools[number % 4], paid_order(shop, order_id=number + 1)))
    assert balance_of(tools, shop).available < 25 * PEOPLE
    assert is_caught(tools)


def is_caught(tools) -> bool:
    """Whether the proof that ends every story here sees something."""
    with tools.reading() as session:
        return bool(verify(session) or find_drift(session, tools.clock()))

"""Fixtures of the journeys' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from plugin.journeys.tools import Tools
from tests.factories import Clock, Shopfront, make_member
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.past_stage import Past, open_past
from tests.journeys.redeeming_stage import CUSTOMER, Stage, connect


@pytest.fixture
def desk(tools: Tools, shop: Shopfront) -> Iterator[DiscountDesk]:
    """Shopify's side of the shop's discounts and metafields; we hold a token for the shop."""
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield desk


@pytest.fixture
def stage(tools: Tools, clock: Clock, shop: Shopfront) -> Stage:
    """A member with 1,200 points."""
    return Stage(tools, clock, shop, make_member(tools, shop, CUSTOMER, points=1_200))


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    """The way out, answered by what a test puts there."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def past(tools: Tools, clock: Clock, http: responses.RequestsMock) -> Past:
    """A connected shop whose past can be put at Shopify."""
    return open_past(tools, clock, http)

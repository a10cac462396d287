"""A shop's storefront in front of the real application, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from plugin.journeys.tools import Tools
from plugin.wsgi import create_app
from tests.factories import Clock, Shopfront
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.storefront.proxy import Storefront


@pytest.fixture
def storefront(tools: Tools, clock: Clock, shop: Shopfront) -> Storefront:
    """The storefront, visited by the customer of most tests."""
    return Storefront(create_app(tools).test_client(), clock, shop.domain)


@pytest.fixture
def desk(tools: Tools, shop: Shopfront) -> Iterator[DiscountDesk]:
    """Shopify's side of the shop's discounts; we hold a token for the shop."""
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield desk

"""Fixtures of the journeys' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from plugin.facts import TokenPair
from plugin.journeys.tools import Tools
from plugin.shops.store import get_shop
from plugin.shops.tokens import keep_tokens
from tests.factories import Clock, Shopfront, make_member
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import CUSTOMER, Stage


@pytest.fixture
def desk(tools: Tools, shop: Shopfront) -> Iterator[DiscountDesk]:
    """Shopify's side of the shop's discounts and metafields; we hold a token for the shop."""
    with tools.writing() as session:
        keep_tokens(session, tools.sealer, get_shop(session, shop.shop_id), TokenPair("shpat_test", None, None, None))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield DiscountDesk(mock, shop.domain)


@pytest.fixture
def stage(tools: Tools, clock: Clock, shop: Shopfront) -> Stage:
    """A member with 1,200 points."""
    return Stage(tools, clock, shop, make_member(tools, shop, CUSTOMER, points=1_200))

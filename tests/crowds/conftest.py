"""A crowd before a shop that is connected to Shopify, and a merchant's signed actions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from plugin.db import Database
from tests.admin.conftest import connected, mint  # noqa: F401 - fixtures
from tests.crowds.crowd import Crowd, gathered
from tests.factories import Clock, Shopfront
from tests.journeys.discount_desk import DiscountDesk


@pytest.fixture
def crowd(database: Database, clock: Clock) -> Iterator[Crowd]:
    """Twenty people before four processes; whatever they did, the books are proven in the end."""
    with gathered(database, clock) as crowd:
        yield crowd
        crowd.prove()


@pytest.fixture
def shop(connected: Shopfront) -> Shopfront:  # noqa: F811
    """A shop with all scopes and a token that works."""
    return connected


@pytest.fixture
def desk(shop: Shopfront) -> Iterator[DiscountDesk]:
    """Shopify's side of the shop's discounts."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield desk

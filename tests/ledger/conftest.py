"""Books to write in, beside another programme's, which must never be seen."""

from __future__ import annotations

import pytest

from plugin.journeys.tools import Tools
from tests.factories import Shopfront, make_shop
from tests.ledger.bookkeeper import Bookkeeper


@pytest.fixture
def keeper(tools: Tools, shop: Shopfront) -> Bookkeeper:
    """The books of the test's shop."""
    return Bookkeeper(tools, shop.programme_id)


@pytest.fixture
def stranger(tools: Tools) -> Bookkeeper:
    """The books of a shop that has nothing to do with it."""
    return Bookkeeper(tools, make_shop(tools, "laurel-other.myshopify.com").programme_id)

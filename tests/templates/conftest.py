"""A shop that runs a template, its discounts watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import responses

from plugin.facts import OrderSnapshot
from plugin.journeys.tools import Tools
from plugin.rules import dump_document
from plugin.rules.templates import get_template
from tests.factories import Clock, Shopfront, credit_now, make_shop, member_of, paid_order
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import Stage, connect

Open = Callable[[str, int], Stage]


def bought(shop: Shopfront, amount: str, less: str = "0", **changes: Any) -> OrderSnapshot:
    """A paid order of one thing that no product rule asks about, with this much taken off it."""
    order = paid_order(shop, amount=amount, **changes)
    (line,) = order.lines
    return replace(order, lines=(replace(line, product_id=None, discount=Decimal(less)),))


@pytest.fixture
def desk_of() -> DiscountDesk:
    """Shopify's side of the shop's discounts."""
    return DiscountDesk()


@pytest.fixture
def opened(tools: Tools, clock: Clock, desk_of: DiscountDesk) -> Iterator[Open]:
    """Open a shop under a template for everybody who buys, with a member who has earned so many points."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:

        def _open(name: str, points: int) -> Stage:
            document = dump_document(get_template(name).document) | {"enrolment": "every_customer"}
            document["earning"]["maturity_days"] = 0
            shop: Shopfront = make_shop(tools, document=document)
            connect(tools, shop)
            desk_of.serve(mock, shop.domain)
            credit_now(tools, bought(shop, str(points), order_id=4001))
            return Stage(tools, clock, shop, member_of(tools, shop))

        yield _open

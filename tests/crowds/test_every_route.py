"""No way to write is forgotten: each route of the product that is not a GET has its story of twenty at once."""

from __future__ import annotations

from types import ModuleType

from plugin.journeys.tools import Tools
from plugin.wsgi import create_app
from tests.crowds import (
    test_actions,
    test_deliveries,
    test_merchants,
    test_past_orders,
    test_referrals,
    test_shopify,
    test_shoppers,
)

STORIES: tuple[ModuleType, ...] = (
    test_actions,
    test_shopify,
    test_shoppers,
    test_merchants,
    test_past_orders,
    test_deliveries,
    test_referrals,
)
READS = {"GET", "HEAD", "OPTIONS"}


def test_every_route_that_writes_has_its_story_and_no_story_is_of_a_route_that_is_gone(tools: Tools):
    rules = list(create_app(tools).url_map.iter_rules())
    every = {f"{method} {rule.rule}" for rule in rules for method in rule.methods or ()}
    writing = {route for route in every if route.split()[0] not in READS}
    assert writing - told() == set()
    assert told() - every == set()
    assert len(writing) >= 10, "or this test looks at nothing"


def told() -> set[str]:
    """Every route that some test here tells of."""
    tests = [one for module in STORIES for name, one in vars(module).items() if name.startswith("test_")]
    return {route for one in tests for route in getattr(one, "routes", ())}

"""Shopify's side of a shop's discounts, where stories spend points."""

from tests.journeys.conftest import desk  # noqa: F401 - a fixture

"""A storefront for actions, and Shopify's side of a shop's discounts."""

from tests.journeys.conftest import desk  # noqa: F401 - a fixture
from tests.storefront.conftest import storefront  # noqa: F401 - a fixture

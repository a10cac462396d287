"""A storefront for actions."""

from tests.storefront.conftest import storefront  # noqa: F401 - a fixture

"""A shop's Admin API that tests fill, and a client for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import responses

from plugin.shopify.client import AdminClient
from tests.shopify.stub import ACCESS_TOKEN, DOMAIN, AdminStub, listen


@pytest.fixture
def network() -> Iterator[responses.RequestsMock]:
    """The only network there is: what no test put there refuses the connection."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def shopify(network: responses.RequestsMock) -> AdminStub:
    """Shopify's answers for the test shop."""
    stub = AdminStub()
    listen(network, stub)
    return stub


@pytest.fixture
def admin(network: responses.RequestsMock) -> AdminClient:
    """A client for the test shop."""
    return AdminClient(requests.Session(), DOMAIN, ACCESS_TOKEN)

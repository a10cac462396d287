"""Only a shop's own domain ever becomes part of an address we call."""

from __future__ import annotations

import pytest
import requests
import responses
from shopify.utils.shop_url import sanitize_shop_domain

from plugin.errors import BadInput
from plugin.shopify.client import AdminClient
from plugin.shopify.domains import parse_shop_domain
from tests.shopify.hostile import HOSTILE_DOMAINS


@pytest.mark.parametrize(
    "domain", ["a.myshopify.com", "0.myshopify.com", "nice-shop-2.myshopify.com", "x" * 60 + ".myshopify.com"]
)
def test_a_shops_domain_is_taken_as_it_is(domain: str):
    assert parse_shop_domain(domain) == domain


@pytest.mark.parametrize("domain", ["nice-shop-2.myshopify.com", "0nice.myshopify.com"])
def test_shopifys_library_agrees_on_what_needs_no_repair(domain: str):
    assert sanitize_shop_domain(domain) == parse_shop_domain(domain)


@pytest.mark.parametrize("domain", HOSTILE_DOMAINS, ids=repr)
def test_a_hostile_domain_is_refused_before_any_call(domain: object, network: responses.RequestsMock):
    with pytest.raises(BadInput):
        parse_shop_domain(domain)
    with pytest.raises(BadInput):
        AdminClient(requests.Session(), domain, "token")
    assert len(network.calls) == 0

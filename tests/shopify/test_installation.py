"""What a shop is, what it grants and what Shopify withholds from us there."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput, ShopifyUnavailable
from plugin.shopify.client import AdminClient
from plugin.shopify.installation import (
    NEEDED_SCOPES,
    ShopDetails,
    fetch_shop,
    fetch_withheld,
    missing_scopes,
    parse_timezone,
)
from tests.shopify.bodies import installation
from tests.shopify.stub import DOMAIN, AdminStub, denied, page


def test_a_shop_tells_who_it_is_and_what_it_grants(admin: AdminClient, shopify: AdminStub):
    shopify.root = installation("write_customers", "read_orders")
    expected = ShopDetails("Nice Shop", "EUR", "Europe/Sofia", DOMAIN, ("read_orders", "write_customers"))
    assert fetch_shop(admin) == expected


def test_a_token_of_another_shop_is_found_out(admin: AdminClient, shopify: AdminStub):
    shopify.root = installation(myshopifyDomain="other-shop.myshopify.com")
    with pytest.raises(ShopifyUnavailable):
        fetch_shop(admin)


def test_missing_scopes_are_named_and_writing_implies_reading():
    assert missing_scopes(NEEDED_SCOPES) == ()
    assert (
        missing_scopes(["write_customers", "write_discounts", "read_orders", "read_products", "read_customer_merge"])
        == ()
    )
    assert missing_scopes(["read_customers", "write_discounts", "read_products"]) == (
        "read_customer_merge",
        "read_orders",
        "write_customers",
    )


def test_withheld_kinds_of_data_are_named(admin: AdminClient, shopify: AdminStub):
    customer = {"id": "gid://shopify/Customer/7001"}
    one = {"id": "gid://shopify/Order/1", "customer": customer}
    cases = [
        (page(one), page(customer), ()),
        (page(), page(), ()),
        (page({**one, "customer": None}), page(customer), ()),
        (page({**one, "customer": denied}), page(customer), ("orders.customer",)),
        (denied, page(customer), ("orders",)),
        (denied, denied, ("orders", "customers")),
    ]
    for orders, customers, expected in cases:
        shopify.root = {"orders": orders, "customers": customers}
        assert fetch_withheld(admin) == expected, expected


@pytest.mark.parametrize(
    "text", [None, "", "Sofia", "../etc/passwd", "/etc/passwd", "Europe/Sofia\n", "Europe", 5, "a" * 300]
)
def test_what_is_no_timezone_is_refused(text: object):
    with pytest.raises(BadInput):
        parse_timezone(text)


@pytest.mark.parametrize(
    "text", ["UTC", "Europe/Sofia", "Europe/Istanbul", "America/Argentina/Buenos_Aires", "Etc/GMT+5"]
)
def test_a_timezone_is_taken_by_its_name(text: str):
    assert parse_timezone(text) == text

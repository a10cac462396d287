"""What orders do not tell about their products is fetched whole."""

from __future__ import annotations

from plugin.facts import ProductFacts
from plugin.shopify.client import AdminClient
from plugin.shopify.products import fetch_products
from tests.shopify.bodies import by_id, collection, one_by_id, product
from tests.shopify.stub import AdminStub, page


def test_a_product_comes_with_type_vendor_tags_and_collections(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"nodes": by_id(product())}
    assert fetch_products(admin, [301]) == [ProductFacts(301, "Tea", "Tea House", ("Eco", "green"), (901,))]


def test_products_that_are_gone_are_left_out(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"nodes": by_id(product(2), product(20))}
    assert [one.product_id for one in fetch_products(admin, range(1, 32))] == [2, 20]
    assert [len(body["variables"]["ids"]) for body in shopify.sent] == [15, 15, 1]


def test_collections_beyond_the_first_page_are_fetched(admin: AdminClient, shopify: AdminStub):
    shopify.root = {
        "nodes": by_id(product(collections=page(collection(3), more="c1"))),
        "product": one_by_id(product(collections=page(collection(1), collection(2)))),
    }
    assert fetch_products(admin, [301])[0].collections == (1, 2, 3)
    assert shopify.variables()["after"] == "c1"

"""What orders do not tell about their products: type, vendor, tags, collections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from plugin.errors import ShopifyUnavailable
from plugin.facts import ProductFacts
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid, number_of

_PRODUCTS_PER_CALL = 15
_COLLECTIONS_PER_PRODUCT = 50
_COLLECTIONS_PER_PAGE = 250


def fetch_products(admin: AdminClient, product_ids: Sequence[int]) -> list[ProductFacts]:
    """Fetch products with every collection they are in; those that Shopify no longer has are left out."""
    found: list[ProductFacts] = []
    for start in range(0, len(product_ids), _PRODUCTS_PER_CALL):
        some = [gid("Product", one) for one in product_ids[start : start + _PRODUCTS_PER_CALL]]
        data = admin.query("products", {"ids": some, "collections": _COLLECTIONS_PER_PRODUCT})
        found += [_facts(admin, node) for node in data["nodes"] if node]
    return found


def _facts(admin: AdminClient, node: dict[str, Any]) -> ProductFacts:
    return ProductFacts(
        product_id=number_of(node["id"], "Product"),
        product_type=node["productType"] or "",
        vendor=node["vendor"] or "",
        tags=tuple(sorted(node["tags"])),
        collections=tuple(sorted(_collections(admin, node))),
    )


def _collections(admin: AdminClient, node: dict[str, Any]) -> Iterator[int]:
    page = node["collections"]
    yield from (number_of(one["id"], "Collection") for one in page["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        variables = {"id": node["id"], "first": _COLLECTIONS_PER_PAGE, "after": page["pageInfo"]["endCursor"]}
        product = admin.query("product_collections", variables)["product"]
        if product is None:
            raise ShopifyUnavailable("the product vanished while we read it")
        page = product["collections"]
        yield from (number_of(one["id"], "Collection") for one in page["nodes"])

"""What the Admin API holds, as the schema's resolvers want it: orders, refunds, products, discounts."""

from __future__ import annotations

from typing import Any

from tests.shopify.stub import DOMAIN, money, page


def installation(*scopes: str, **shop: Any) -> dict[str, Any]:
    """The root of `installation.graphql`."""
    details = {"name": "Nice Shop", "myshopifyDomain": DOMAIN, "currencyCode": "EUR", "ianaTimezone": "Europe/Sofia"}
    return {
        "shop": {**details, **shop},
        "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in scopes]},
    }


def order(order_id: int = 5001, **changes: Any) -> dict[str, Any]:
    """A paid order of one line."""
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "createdAt": "2026-11-21T09:00:00Z",
        "processedAt": "2026-11-21T09:00:01Z",
        "updatedAt": "2026-11-21T09:30:00Z",
        "cancelledAt": None,
        "test": False,
        "taxesIncluded": True,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "sourceName": "web",
        "tags": [],
        "shippingLines": page(),
        "discountCodes": ["LAUREL-1"],
        "displayFinancialStatus": "PAID",
        "customer": {"id": "gid://shopify/Customer/7001", "state": "ENABLED", "tags": []},
        "totalTipReceivedSet": money("0.0"),
        "totalPriceSet": money("30.00"),
        "transactions": [],
        "shippingLine": None,
        "lineItems": page(line()),
        "refunds": [],
        **changes,
    }


def line(line_id: int = 60010, **changes: Any) -> dict[str, Any]:
    """Three pieces at 10.00, 4.50 off, tax in two parts."""
    return {
        "id": f"gid://shopify/LineItem/{line_id}",
        "quantity": 3,
        "sku": "TEA-1",
        "vendor": "Tea House",
        "isGiftCard": False,
        "weight": {"value": 0.25, "unit": "KILOGRAMS"},
        "sellingPlan": None,
        "product": {"id": "gid://shopify/Product/301"},
        "variant": {"id": "gid://shopify/ProductVariant/401"},
        "originalUnitPriceSet": money("10.00"),
        "discountAllocations": [
            {"allocatedAmountSet": money("4.00")},
            {"allocatedAmountSet": money("0.50")},
        ],
        "taxLines": [{"priceSet": money("4.00")}, {"priceSet": money("0.25")}],
        **changes,
    }


def refund(refund_id: int = 8001, **changes: Any) -> dict[str, Any]:
    """One piece of the line came back."""
    return {
        "__typename": "Refund",
        "id": f"gid://shopify/Refund/{refund_id}",
        "createdAt": "2026-11-21T09:20:00Z",
        "processedAt": "2026-11-21T09:20:00Z",
        "refundLineItems": page(refund_line()),
        "refundShippingLines": page(),
        "orderAdjustments": page(),
        "transactions": page({"kind": "REFUND", "status": "SUCCESS"}),
        **changes,
    }


def refund_line(line_id: int = 60010, quantity: int = 1, subtotal: str = "8.50", tax: str = "1.42") -> dict[str, Any]:
    return {
        "quantity": quantity,
        "lineItem": {"id": f"gid://shopify/LineItem/{line_id}"},
        "subtotalSet": money(subtotal),
        "totalTaxSet": money(tax),
    }


def adjustment(amount: str) -> dict[str, Any]:
    return {"amountSet": money(amount)}


def product(product_id: int = 301, **changes: Any) -> dict[str, Any]:
    return {
        "__typename": "Product",
        "id": f"gid://shopify/Product/{product_id}",
        "productType": "Tea",
        "vendor": "Tea House",
        "tags": ["green", "Eco"],
        "collections": page(collection(901)),
        **changes,
    }


def collection(collection_id: int) -> dict[str, Any]:
    return {"id": f"gid://shopify/Collection/{collection_id}"}


def by_id(*nodes: dict[str, Any]) -> Any:
    """A resolver for `nodes(ids)`: null for what is not there, in the order asked for."""
    known = {node["id"]: node for node in nodes}
    return lambda _info, ids: [known.get(one) for one in ids]


def one_by_id(*nodes: dict[str, Any]) -> Any:
    """A resolver for `order(id)`, `refund(id)`, `product(id)`."""
    known = {node["id"]: node for node in nodes}
    return lambda _info, id: known.get(id)  # noqa: A006 - the schema's own name

"""The sample shop: what it sells and who buys there. People and things are made up, and say so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from plugin.devstore.records import Customer, Product, ShopCard
from plugin.devstore.store import Books

DEMO_DOMAIN = "laurel-demo.myshopify.com"
_FILE = Path(__file__).parent / "samples.json"
_FIRST_ID = 7_304_000_000_000


def sample_books(now: datetime, *, domain: str = DEMO_DOMAIN, **changes: Any) -> Books:
    """Make the books of a shop that opens now; `changes` replaces what the shop's card says, e.g. taxes_included=False."""
    sample = json.loads(_FILE.read_text())
    products = [_product(row, _FIRST_ID + 100 + 2 * index) for index, row in enumerate(sample["products"])]
    customers = [_customer(row, _FIRST_ID + 200 + index, now) for index, row in enumerate(sample["customers"])]
    return Books(
        shop=replace(_shop(sample["shop"], domain), **changes),
        products={product.product_id: product for product in products},
        customers={customer.customer_id: customer for customer in customers},
        next_id=_FIRST_ID + 1000,
    )


def _shop(row: dict[str, Any], domain: str) -> ShopCard:
    money = {key: Decimal(row[key]) for key in ("tax_rate", "shipping_price", "free_shipping_from")}
    return ShopCard(shop_id=_FIRST_ID + 1, domain=domain, **{**row, **money})


def _product(row: dict[str, Any], product_id: int) -> Product:
    return Product(
        product_id=product_id,
        variant_id=product_id + 1,
        price=Decimal(row["price"]),
        tags=tuple(row["tags"]),
        collections=tuple(row["collections"]),
        **{key: value for key, value in row.items() if key not in {"price", "tags", "collections"}},
    )


def _customer(row: dict[str, Any], customer_id: int, now: datetime) -> Customer:
    return Customer(customer_id=customer_id, created_at=now, updated_at=now, **row)

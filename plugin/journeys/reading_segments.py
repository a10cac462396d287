"""Segments made at Shopify are read again every hour: orders then know at once who was in them, as it was read last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotFound, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.connecting import admin_for
from plugin.journeys.documents import current_document
from plugin.journeys.tools import Tools
from plugin.programme.store import list_programmes
from plugin.shopify.segments import fetch_segment
from plugin.shops.store import list_shops
from plugin.standing.shopify_segments import SegmentReading, find_reading, keep_reading, replace_customers

EVERY = timedelta(hours=1)
_REST = timedelta(minutes=5)


def due_segments(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the segments of Shopify's, each at its shop, that the newest documents name and that are to be read again."""
    with tools.reading() as session:
        due = [
            f"{programme_id}:{shop_id}:{segment_id}"
            for programme_id, shop_id, segment_id in _wanted(session)
            if _is_due(session, programme_id, shop_id, segment_id, now)
        ]
    return due[:limit]


def settle_segment(tools: Tools, key: str, now: datetime) -> None:
    """Read who is in a segment. Where Shopify refuses, that is remembered, and what was read before stands."""
    programme_id, shop_id, segment_id = (
        UUID(key.split(":", maxsplit=1)[0]),
        UUID(key.split(":")[1]),
        int(key.split(":")[2]),
    )
    customers: list[int] | None = None
    refused, next_read_at = None, now + EVERY
    try:
        customers = list(fetch_segment(admin_for(tools, shop_id, may_rest=True), segment_id))
    except ShopifyRefused as refusal:
        refused = ",".join(refusal.codes) or refusal.code
    except (ShopifyUnavailable, ShopDisconnected):
        next_read_at = now + _REST
    with tools.writing() as session:
        before = next((one for one in find_reading(session, programme_id, segment_id) if one.shop_id == shop_id), None)
        count = before.customers if before else 0
        read_at = before.read_at if before else None
        if customers is not None:
            replace_customers(session, (programme_id, shop_id, segment_id), customers)
            count, read_at = len(set(customers)), now
        keep_reading(session, programme_id, SegmentReading(shop_id, segment_id, count, read_at, refused, next_read_at))


def _wanted(session: Session) -> Iterator[tuple[UUID, UUID, int]]:
    named: dict[UUID, list[int]] = {}
    for programme in list_programmes(session):
        try:
            _, document = current_document(session, programme.programme_id)
        except NotFound:
            continue
        named[programme.programme_id] = [one.segment_id for one in document.segments if one.kind == "shopify"]
    for shop in list_shops(session) if any(named.values()) else ():
        if shop.is_installed:
            yield from ((shop.programme_id, shop.shop_id, one) for one in named.get(shop.programme_id, ()))


def _is_due(session: Session, programme_id: UUID, shop_id: UUID, segment_id: int, now: datetime) -> bool:
    readings = [one for one in find_reading(session, programme_id, segment_id) if one.shop_id == shop_id]
    return not readings or readings[0].next_read_at <= now

"""Back-fills are worked through in the background, a page a transaction: counted first, then run. Stopped anywhere, the rest goes on later.

The place of the next page is written in the transaction that writes what this page's orders would give, or gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plugin.errors import LaurelError, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.facts import OrderSnapshot
from plugin.journeys.connecting import admin_for
from plugin.journeys.fetching import products_of
from plugin.journeys.foreseeing import credit_backfilled, foresee, unknown_products
from plugin.journeys.forgetting import without_forgotten
from plugin.journeys.tools import Tools
from plugin.orders.backfills import (
    Backfill,
    PastOrder,
    change_backfill,
    get_backfill,
    list_working_backfills,
    save_expected,
    save_given,
)
from plugin.orders.products import keep_products
from plugin.shopify.answers import Throttled
from plugin.shopify.orders import PlacedPage, fetch_orders, fetch_placed
from plugin.shops.store import get_shop, list_shops
from plugin.shops.tokens import list_connected

_PAGES_PER_JOB = 50
_PUT_OFF = timedelta(minutes=1)
# state of the back-fill → (its next state, when it reached that)
_AFTER = {"counting": ("counted", "counted_at"), "running": ("done", "finished_at")}


def due_backfills(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the back-fills with pages to be worked on; one of a shop that left waits until it is back."""
    with tools.reading() as session:
        found = list_working_backfills(session, now, limit)
        here = {shop.shop_id for shop in list_shops(session)} & set(list_connected(session)) if found else set()
    return [f"{programme_id}:{backfill_id}" for programme_id, backfill_id, shop_id in found if shop_id in here]


def settle_backfill(tools: Tools, key: str, now: datetime) -> None:
    """Work on the next pages of one back-fill; one with many comes back for more, so that others get their turn."""
    programme_id, backfill_id = (UUID(part) for part in key.split(":"))
    for _ in range(_PAGES_PER_JOB):
        if not work_page(tools, programme_id, backfill_id, now):
            return
    tools.nudge("backfill", key)


def work_page(tools: Tools, programme_id: UUID, backfill_id: UUID, now: datetime) -> bool:
    """Fetch one page and write what becomes of it, together with where the next one begins; say whether there is one."""
    with tools.reading() as session:
        one = get_backfill(session, programme_id, backfill_id)
    if not one.is_working:
        return False
    try:
        page, orders = _fetched(tools, one, now)
    except (ShopifyRefused, ShopifyUnavailable, ShopDisconnected) as fault:
        _put_off(tools, one, fault)
        raise
    foreseen = _foreseen(tools, one, orders, now)
    with tools.writing() as session:
        fresh = get_backfill(session, programme_id, backfill_id, is_locked=True)
        if (fresh.state, fresh.cursor) != (one.state, one.cursor):
            return fresh.is_working
        if one.state == "counting":
            save_expected(session, one, foreseen)
        else:
            orders = without_forgotten(session, tools.sealer, orders)
            save_given(session, one, credit_backfilled(session, one, orders, now))
        change_backfill(session, one, **_next_step(one, page, orders, now))
    return page.cursor is not None


def _fetched(tools: Tools, one: Backfill, now: datetime) -> tuple[PlacedPage, list[OrderSnapshot]]:
    """Fetch the next orders of the range, whole, and what the version named asks about their products."""
    with tools.reading() as session:
        shop = get_shop(session, one.shop_id)
    admin = admin_for(tools, one.shop_id, may_rest=True)
    page = fetch_placed(admin, one.since, one.until, one.cursor)
    found = fetch_orders(admin, (one.programme_id, one.shop_id), page.order_ids)
    until = min(one.until, shop.earning_starts_at)
    orders = [order for order in found if one.since <= order.placed_at < until]
    with tools.reading() as session:
        wanted = unknown_products(session, one, orders, now)
    if wanted:
        facts = products_of(admin, wanted)
        with tools.writing() as session:
            keep_products(session, one.programme_id, one.shop_id, facts, now)
    return page, orders


def _foreseen(tools: Tools, one: Backfill, orders: Sequence[OrderSnapshot], now: datetime) -> list[PastOrder]:
    """Look ahead in a session that cannot write: counting touches no book."""
    if one.state != "counting":
        return []
    with tools.reading() as session:
        return foresee(session, one, without_forgotten(session, tools.sealer, orders), now)


def _next_step(one: Backfill, page: PlacedPage, orders: Sequence[OrderSnapshot], now: datetime) -> dict[str, Any]:
    """What a page worked through changes of the back-fill: on to the next page, or, after the last, to the next state."""
    if page.cursor is None:
        state, reached = _AFTER[one.state]
        return {"state": state, reached: now, "cursor": None, "reached_at": one.until}
    return {"cursor": page.cursor, "reached_at": max((order.placed_at for order in orders), default=one.reached_at)}


def _put_off(tools: Tools, one: Backfill, fault: LaurelError) -> None:
    """Try again a little later; say what holds a back-fill up, unless Shopify only wants us to go slower."""
    slowed = fault if isinstance(fault, Throttled) else None
    pause = timedelta(seconds=slowed.retry_after_seconds or 1.0) if slowed else _PUT_OFF
    with tools.writing() as session:
        fresh = get_backfill(session, one.programme_id, one.backfill_id, is_locked=True)
        if fresh.is_working:
            change_backfill(session, fresh, fault=None if slowed else fault.code, next_try_at=tools.clock() + pause)

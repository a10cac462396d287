"""What webhooks did not bring is fetched: facts of products, newest states of orders, and everything missed while nobody listened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot, ProductFacts
from plugin.journeys.connecting import admin_for
from plugin.journeys.crediting import credit, credit_again, credit_fetched
from plugin.journeys.documents import document_of, version_in_force
from plugin.journeys.forgetting import without_forgotten
from plugin.journeys.tools import Tools
from plugin.orders import load_snapshot
from plugin.orders.products import keep_products
from plugin.orders.queries import Waiting, known_states, orders_with_needs, put_off, shops_with_needs
from plugin.rules import needs_products
from plugin.shopify.client import AdminClient
from plugin.shopify.orders import fetch_orders, stamps_updated_since
from plugin.shopify.products import fetch_products
from plugin.shops.store import Shop, get_shop, list_shops, mark_swept
from plugin.shops.tokens import list_connected

SWEEP_EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=15)
_BATCH = 50
_PUT_OFF = timedelta(minutes=1)


def due_order_facts(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the shops with orders that wait for a fetch."""
    with tools.reading() as session:
        return [str(shop_id) for shop_id in shops_with_needs(session, now, limit)]


def settle_order_facts(tools: Tools, key: str, now: datetime) -> None:
    """Fetch what one shop's orders wait for and let them converge. Whatever fails is tried again later."""
    with tools.writing() as session:
        shop = get_shop(session, UUID(key))
        waiting = orders_with_needs(session, shop.programme_id, shop.shop_id, now, _BATCH)
        put_off(session, [(shop.programme_id, shop.shop_id, one.order_id) for one in waiting], now + _PUT_OFF)
    if not waiting or not shop.is_installed:
        return
    admin = admin_for(tools, shop.shop_id)
    if whole := [one for one in waiting if one.needs == "order"]:
        _settle_orders(tools, admin, shop, whole, now)
    if stored := {one.order_id: one.snapshot for one in waiting if one.needs == "products" and one.snapshot}:
        _settle_products(tools, admin, shop, {one: load_snapshot(text) for one, text in stored.items()}, now)


def due_sweeps(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the shops whose orders have not been compared with ours for an hour."""
    with tools.reading() as session:
        connected = list_connected(session)
        shops = [shop for shop in list_shops(session) if shop.shop_id in connected]
    due = [shop for shop in shops if shop.swept_until is None or shop.swept_until <= now - SWEEP_EVERY]
    return [str(shop.shop_id) for shop in due[:limit]]


def settle_sweep(tools: Tools, key: str, now: datetime) -> None:
    """Go through all orders updated since the last sweep, with overlap; the mark moves only once the last page is in."""
    with tools.reading() as session:
        shop = get_shop(session, UUID(key))
    if not shop.is_installed:
        return
    since = (shop.swept_until or shop.earning_starts_at) - OVERLAP
    admin = admin_for(tools, shop.shop_id, may_rest=True)
    for stamps in stamps_updated_since(admin, since, now):
        with tools.reading() as session:
            known = known_states(session, shop.programme_id, shop.shop_id, [one.order_id for one in stamps])
        missed = [one.order_id for one in stamps if one.order_id not in known or known[one.order_id] < one.updated_at]
        page = fetch_orders(admin, (shop.programme_id, shop.shop_id), missed)
        with tools.writing() as session:
            credit(session, without_forgotten(session, tools.sealer, page), now)
    with tools.writing() as session:
        mark_swept(session, get_shop(session, shop.shop_id), now)


def products_of(admin: AdminClient, wanted: Sequence[int]) -> list[ProductFacts]:
    """Fetch facts of products; one that Shopify no longer has is of no type and in no collection."""
    found = {facts.product_id: facts for facts in fetch_products(admin, wanted)}
    return [found.get(product_id) or ProductFacts(product_id) for product_id in wanted]


def _settle_orders(tools: Tools, admin: AdminClient, shop: Shop, waiting: Sequence[Waiting], now: datetime) -> None:
    """Take Shopify's newest states; an order that is not this shop's was never its to claim."""
    found = fetch_orders(admin, (shop.programme_id, shop.shop_id), [one.order_id for one in waiting])
    answered = {(shop.programme_id, shop.shop_id, one.order_id): one.touched_at for one in waiting}
    with tools.writing() as session:
        credit_fetched(session, without_forgotten(session, tools.sealer, found), answered, now)


def _settle_products(
    tools: Tools, admin: AdminClient, shop: Shop, orders: dict[int, OrderSnapshot], now: datetime
) -> None:
    """Fetch the products these orders ask about."""
    with tools.reading() as session:
        wanted = sorted({one for order in orders.values() for one in _needed(session, order)})
    facts = products_of(admin, wanted)
    with tools.writing() as session:
        keep_products(session, shop.programme_id, shop.shop_id, facts, now)
        credit_again(session, [(shop.programme_id, shop.shop_id, order_id) for order_id in orders], now)


def _needed(session: Session, order: OrderSnapshot) -> tuple[int, ...]:
    version = version_in_force(session, order.programme_id, order.placed_at)
    return needs_products(document_of(session, order.programme_id, version), order)

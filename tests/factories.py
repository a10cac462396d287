"""Makers of things tests need: a clock, tools, a shop, members, orders. Points are always earned through the real journeys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import requests

from plugin import inbox
from plugin.config import DEVELOPMENT_SECRET, Settings
from plugin.db import Database, new_id
from plugin.facts import CustomerRef, Delivery, OrderLine, OrderSnapshot, Refund, RefundedLine
from plugin.journeys.crediting import credit
from plugin.journeys.documents import publish_document
from plugin.journeys.tools import Tools
from plugin.ledger import Account, balances
from plugin.members import Member, find_member
from plugin.programme.store import create_programme
from plugin.rules import default_document, dump_document
from plugin.sealing import Sealer
from plugin.shops.store import NewShop, add_shop

API_KEY = "test-api-key"
CUSTOMER = 7001


@dataclass
class Clock:
    """Time that stands still until a test turns it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> datetime:
        """Let time pass: `advance(days=1)`."""
        self.now += timedelta(**delta)
        return self.now


@dataclass(frozen=True)
class Shopfront:
    """A shop as tests name it."""

    programme_id: UUID
    shop_id: UUID
    domain: str


def make_settings(database: Database, **changes: Any) -> Settings:
    """Settings of a test installation."""
    settings = Settings(
        env="development",
        database_url=database.url.render_as_string(hide_password=False),
        shopify_api_key=API_KEY,
        shopify_api_secrets=(DEVELOPMENT_SECRET,),
        secret_keys=(DEVELOPMENT_SECRET,),
        public_url="https://laurel.example.com",
    )
    return replace(settings, **changes)


def make_tools(database: Database, clock: Clock, http: requests.Session | None = None, **changes: Any) -> Tools:
    """Tools over a test's database: deliveries are stored at once, nudges dropped."""
    sealer = Sealer((DEVELOPMENT_SECRET,))
    return Tools(
        settings=make_settings(database, **changes),
        database=database,
        clock=clock,
        http=http or requests.Session(),
        sealer=sealer,
        store=partial(_store, database, sealer),
        nudge=lambda kind, key: None,
    )


def _store(database: Database, sealer: Sealer, deliveries: Sequence[Delivery]) -> None:
    with database.writing() as session:
        inbox.store(session, sealer, deliveries)


def make_shop(
    tools: Tools,
    domain: str = "laurel-test.myshopify.com",
    *,
    document: dict[str, Any] | None = None,
    currency: str = "EUR",
    timezone: str = "Europe/Sofia",
    programme_id: UUID | None = None,
    **changes: Any,
) -> Shopfront:
    """Add an installed shop; with a programme of its own unless one is given."""
    now = tools.clock()
    with tools.writing() as session:
        if programme_id is None:
            programme_id = create_programme(session, name="Test points", timezone=timezone, currency=currency, now=now)
            published = document or dump_document(default_document())
            publish_document(session, programme_id, published, actor="test", now=now - timedelta(days=400))
        new = NewShop(
            programme_id=programme_id,
            domain=domain,
            name="Test shop",
            currency=currency,
            timezone=timezone,
            installed_at=now - timedelta(days=60),
            scopes=("read_orders", "read_customers", "write_customers", "write_discounts"),
            earning_starts_at=now - timedelta(days=60),
        )
        shop = add_shop(session, replace(new, **changes))
    return Shopfront(shop.programme_id, shop.shop_id, shop.domain)


def paid_order(
    shop: Shopfront, order_id: int = 5001, customer_id: int | None = CUSTOMER, amount: str = "25.50", **changes: Any
) -> OrderSnapshot:
    """A paid order of one line, placed today at nine."""
    at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    snapshot = OrderSnapshot(
        programme_id=shop.programme_id,
        shop_id=shop.shop_id,
        order_id=order_id,
        updated_at=at,
        placed_at=at,
        currency="EUR",
        financial_status="paid",
        name=f"#{order_id}",
        customer=CustomerRef(customer_id, has_account=True) if customer_id else None,
        customer_standing="present" if customer_id else "none",
        source="web",
        lines=(OrderLine(line_id=order_id * 10, quantity=1, price=Decimal(amount), product_id=301),),
    )
    return replace(snapshot, **changes)


def refunded(snapshot: OrderSnapshot, amount: str, *, after: timedelta = timedelta(hours=1)) -> OrderSnapshot:
    """The same order after part of its money was given back, without a line coming back."""
    at = snapshot.updated_at + after
    refund_id = snapshot.order_id * 100 + len(snapshot.refunds)
    refund = Refund(refund_id=refund_id, created_at=at, discrepancy=Decimal(amount))
    return replace(snapshot, updated_at=at, refunds=(*snapshot.refunds, refund), financial_status="partially_refunded")


def line_returned(snapshot: OrderSnapshot, *, after: timedelta = timedelta(hours=1)) -> OrderSnapshot:
    """The same order after its first line came back whole."""
    at, line = snapshot.updated_at + after, snapshot.lines[0]
    part = RefundedLine(line.line_id, line.quantity, line.price * line.quantity - line.discount)
    refund = Refund(snapshot.order_id * 100 + len(snapshot.refunds), at, (part,))
    return replace(snapshot, updated_at=at, refunds=(*snapshot.refunds, refund), financial_status="partially_refunded")


def cancelled(snapshot: OrderSnapshot, *, after: timedelta = timedelta(hours=2)) -> OrderSnapshot:
    """The same order after it was cancelled."""
    at = snapshot.updated_at + after
    return replace(snapshot, updated_at=at, cancelled_at=at, financial_status="voided")


def credit_now(tools: Tools, *snapshots: OrderSnapshot) -> None:
    """Let orders converge in one transaction."""
    with tools.writing() as session:
        credit(session, snapshots, tools.clock())


def member_of(tools: Tools, shop: Shopfront, customer_id: int = CUSTOMER) -> Member:
    """The member behind a customer; fails where there is none."""
    with tools.reading() as session:
        found = find_member(session, shop.programme_id, shop.shop_id, customer_id)
    assert found is not None, f"no member for customer {customer_id}"
    return found


def make_member(tools: Tools, shop: Shopfront, customer_id: int = CUSTOMER, points: int = 0) -> Member:
    """A member who has earned `points` by an order of their own."""
    amount = str(points) if points else "0.00"
    credit_now(tools, paid_order(shop, order_id=900_000 + customer_id, customer_id=customer_id, amount=amount))
    return member_of(tools, shop, customer_id)


def balance_of(tools: Tools, shop: Shopfront, customer_id: int = CUSTOMER) -> Account:
    """The account behind a customer, as committed."""
    member = member_of(tools, shop, customer_id)
    with tools.reading() as session:
        return balances(session, shop.programme_id, member.account_id)


def make_delivery(shop: Shopfront, topic: str, body: bytes, at: datetime, event_id: str = "event-1") -> Delivery:
    """A verified arrival, not yet stored."""
    return Delivery(
        delivery_id=new_id(),
        programme_id=shop.programme_id,
        shop_id=shop.shop_id,
        topic=topic,
        event_id=event_id,
        webhook_id=f"webhook-{event_id}",
        triggered_at=at,
        received_at=at,
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
    )

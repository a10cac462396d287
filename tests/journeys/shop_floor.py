"""A shop as Shopify tells of it: signed webhooks through the door, drained into points; every story ends with the books proven."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from plugin import inbox
from plugin.engine import Engine
from plugin.journeys.documents import publish_document
from plugin.journeys.draining import drain
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.tools import Tools
from plugin.ledger.tables import posting
from plugin.orders.tables import order_state
from plugin.rewards import Redemption, Wish
from plugin.rules import default_document, dump_document
from plugin.shops.store import get_shop, mark_swept
from plugin.wiring import job_kinds
from tests.factories import CUSTOMER, Clock, Shopfront, balance_of, member_of
from tests.webhooks.sending import webhook_headers
from webhooks.routes import bp
from webhooks.topics import parse_delivery

PLACED = "2026-11-21T09:00:00Z"
FIVE_OFF = {"kind": "fixed_amount", "id": "five_off", "points": 50, "amount": "5", "code_prefix": "LAUREL-"}


@dataclass
class Floor:
    """One shop, its webhook door, and what its members hold."""

    tools: Tools
    clock: Clock
    shop: Shopfront
    client: FlaskClient = field(init=False)
    _events: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        app = Flask(__name__)
        app.extensions["laurel"] = self.tools
        app.register_blueprint(bp)
        self.client = app.test_client()

    def arrive(self, topic: str, body: dict[str, Any], event_id: str | None = None) -> None:
        """Let a signed webhook come in, and leave it waiting."""
        raw = json.dumps(body).encode()
        headers = webhook_headers(topic, raw, self.shop.domain, event_id or f"event-{next(self._events)}")
        assert self.client.post("/webhooks", data=raw, headers=headers).status_code == 200

    def tell(self, topic: str, *bodies: dict[str, Any]) -> None:
        """Let webhooks come in one after the other, each worked through before the next; none may be set aside."""
        for body in bodies:
            self.arrive(topic, body)
            self.drain()

    def drain(self) -> None:
        """Work through what has come in."""
        while drain(self.tools, parse_delivery, self.clock()):
            pass
        with self.tools.reading() as session:
            states = {one.state for one in inbox.list_deliveries(session, self.shop.programme_id)}
        assert states <= {"done"}

    def pay(self, *lines: dict[str, Any], order_id: int = 5001, **changes: Any) -> dict[str, Any]:
        """Let an order be paid; gives its body."""
        body = order(order_id, *lines, **changes)
        self.tell("orders/paid", body)
        return body

    def publish(
        self, *, days_ago: float = 300, rewards: Sequence[dict[str, Any]] = (FIVE_OFF,), **earning: Any
    ) -> None:
        """Publish the default programme with another way of earning, or other rewards."""
        document = dump_document(default_document())
        document["earning"] |= earning
        document["rewards"] = list(rewards)
        at = self.clock() - timedelta(days=days_ago)
        with self.tools.writing() as session:
            publish_document(session, self.shop.programme_id, document, actor="test", now=at)

    def redeem(
        self, wish_id: str = "wish-0001", customer_id: int = CUSTOMER, reward_id: str = "five_off"
    ) -> Redemption:
        """Let a member trade points for a code."""
        member = member_of(self.tools, self.shop, customer_id)
        who = (self.shop.programme_id, self.shop.shop_id, member.member_id)
        return redeem(self.tools, Wish(*who, customer_id=customer_id, wish_id=wish_id, reward_id=reward_id))

    def let_time_pass(self, **delta: float) -> None:
        """Turn the clock and let the slow lane do what time brings; no order was missed meanwhile."""
        self.clock.advance(**delta)
        with self.tools.writing() as session:
            mark_swept(session, get_shop(session, self.shop.shop_id), self.clock())
        engine = Engine(job_kinds(self.tools), self.clock)
        for kind in ("time", "redemption"):
            assert engine.sweep(kind, self.clock())[1] == 0

    def points(self, customer_id: int = CUSTOMER) -> int:
        """What a customer can spend."""
        return balance_of(self.tools, self.shop, customer_id).available

    def owed(self, customer_id: int = CUSTOMER) -> int:
        """What a customer owes."""
        return -balance_of(self.tools, self.shop, customer_id).debt

    def why(self, order_id: int = 5001) -> str | None:
        """Why an order gave nothing."""
        with self.tools.reading() as session:
            return session.scalar(select(order_state.c.why_nothing).where(order_state.c.order_id == order_id))

    def postings(self, reason: str = "order") -> int:
        """How many facts of a kind the ledger holds."""
        with self.tools.reading() as session:
            counted = select(func.count()).select_from(posting).where(posting.c.reason == reason)
            return session.execute(counted).scalar_one()

    def prove(self) -> None:
        """Hold that every invariant stands and that telling each account anew changes nothing."""
        with self.tools.reading() as session:
            assert verify(session) == []
            assert find_drift(session, self.clock()) == []


def at(time_of_day: str) -> str:
    """An instant of the day the orders are placed on; the clock stands at ten."""
    return f"2026-11-21T{time_of_day}:00Z"


def money(amount: str, currency: str = "EUR", paid: tuple[str, str] | None = None) -> dict[str, Any]:
    """An amount in shop money and in what the buyer paid with: (amount, currency), the same unless given."""
    shown, currency_shown = paid or (amount, currency)
    return {
        "shop_money": {"amount": amount, "currency_code": currency},
        "presentment_money": {"amount": shown, "currency_code": currency_shown},
    }


def line(line_id: int, price: str, quantity: int = 1, *, off: str = "0.00", tax: str = "0.00", **changes: Any) -> Any:
    """A line of product 300 + its id; `off` and `tax` are over the whole quantity."""
    return {
        "id": line_id,
        "product_id": 300 + line_id,
        "variant_id": 3000 + line_id,
        "quantity": quantity,
        "current_quantity": quantity,
        "price": price,
        "gift_card": False,
        "grams": 100,
        "sku": f"SKU-{line_id}",
        "vendor": "Laurel Goods",
        "requires_shipping": True,
        "total_discount": "0.00",
        "discount_allocations": [{"amount": off, "discount_application_index": 0}],
        "tax_lines": [{"title": "VAT", "rate": 0.2, "price": tax}],
    } | changes


def order(order_id: int, *lines: dict[str, Any], when: str = PLACED, **changes: Any) -> dict[str, Any]:
    """A paid order of customer 7001 in Shopify's shape, as new as `when`."""
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{order_id}",
        "created_at": PLACED,
        "processed_at": PLACED,
        "updated_at": when,
        "cancelled_at": None,
        "currency": "EUR",
        "presentment_currency": "EUR",
        "taxes_included": False,
        "test": False,
        "financial_status": "paid",
        "source_name": "web",
        "discount_codes": [],
        "payment_gateway_names": ["shopify_payments"],
        "total_tip_received": "0.00",
        "customer": customer(CUSTOMER),
        "line_items": list(lines),
        "refunds": [],
    } | changes


def later(body: dict[str, Any], when: str, **changes: Any) -> dict[str, Any]:
    """The same order in a newer state."""
    return body | {"updated_at": when} | changes


def customer(customer_id: int, state: str = "enabled") -> dict[str, Any]:
    """A customer as an order names them."""
    return {"id": customer_id, "state": state}


def refund(refund_id: int, when: str, *parts: tuple[int, int, str], beyond: Sequence[str] = (), **payment: str) -> Any:
    """A refund of parts (line id, quantity, subtotal), with discrepancies `beyond` them in Shopify's sign: given back is negative.

    `payment` describes the one transaction (amount, status, gateway); none at all where it is not given.
    """
    return {
        "id": refund_id,
        "created_at": when,
        "processed_at": when,
        "refund_line_items": [
            {"id": refund_id * 10 + place, "line_item_id": line_id, "quantity": quantity, "subtotal": float(subtotal)}
            | {"total_tax": 0.0, "subtotal_set": money(subtotal), "restock_type": "return"}
            for place, (line_id, quantity, subtotal) in enumerate(parts)
        ],
        "order_adjustments": [
            {"id": refund_id * 10 + place, "kind": "refund_discrepancy", "amount": amount, "tax_amount": "0.00"}
            for place, amount in enumerate(beyond)
        ],
        "transactions": [{"id": refund_id, "kind": "refund", "status": "success"} | payment] if payment else [],
    }

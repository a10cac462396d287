"""A shop with a past at Shopify: orders from before its start line, listed page by page, and the back-fill that goes through them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import responses
from graphql import GraphQLError

from plugin.facts import OrderSnapshot
from plugin.journeys.backfill_pages import due_backfills, work_page
from plugin.journeys.backfilling import Ask, BackfillView, backfill_view, count_past, start_backfill
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.tools import Tools
from plugin.orders.backfills import Backfill, get_backfill
from tests.factories import CUSTOMER, Clock, Shopfront, balance_of, cancelled, make_shop, paid_order, refunded
from tests.journeys.redeeming_stage import connect
from tests.shopify import bodies
from tests.shopify.stub import AdminStub, listen, money, page

DAYS_OPEN = 10
"""For so many days orders have counted when a test begins."""
_RANGE = re.compile(r"processed_at:>='(?P<since>[^']+)' AND processed_at:<='(?P<until>[^']+)'")


@dataclass
class Past:
    """One shop, its orders at Shopify by id, and how many come on a page. `before_page` is called with each page's cursor."""

    tools: Tools
    clock: Clock
    shop: Shopfront
    orders: dict[int, OrderSnapshot] = field(default_factory=dict)
    page_size: int = 2
    before_page: Callable[[str | None], object] = lambda _: None
    stub: AdminStub = field(default_factory=AdminStub)

    def serve(self, http: responses.RequestsMock) -> None:
        """Answer for the shop's Admin API."""
        self.stub.root = {"orders": self._orders, "nodes": self._nodes, "refund": self._refund}
        listen(http, self.stub, self.shop.domain)

    def order(self, order_id: int, days_before: float = 20, **changes: Any) -> OrderSnapshot:
        """Let an order have been placed so many days ago."""
        at = self.clock() - timedelta(days=days_before)
        changes = {"placed_at": at, "updated_at": at, **changes}
        return self.put(paid_order(self.shop, order_id, **changes))

    def put(self, order: OrderSnapshot) -> OrderSnapshot:
        """Let Shopify have this state of an order."""
        self.orders[order.order_id] = order
        return order

    def count(self, days_before: float = 60, until_days: float | None = None, version: int | None = None) -> Backfill:
        """Begin to count orders of the last days."""
        until = None if until_days is None else self.clock() - timedelta(days=until_days)
        since = self.clock() - timedelta(days=days_before)
        return count_past(self.tools, self.shop.shop_id, Ask(since, "test", until, version))

    def work(self, one: Backfill) -> BackfillView:
        """Work on it until there is nothing left in its state."""
        while work_page(self.tools, one.programme_id, one.backfill_id, self.clock()):
            pass
        return self.view(one)

    def run(self, one: Backfill) -> BackfillView:
        """Start a counted one and work on it."""
        start_backfill(self.tools, one.programme_id, one.backfill_id)
        return self.work(one)

    def count_and_run(self, **asked: Any) -> tuple[BackfillView, BackfillView]:
        """Count and run: what was foreseen, and what came."""
        one = self.count(**asked)
        return self.work(one), self.run(one)

    def view(self, one: Backfill) -> BackfillView:
        """How it stands."""
        with self.tools.reading() as session:
            return backfill_view(session, one.programme_id, one.backfill_id)

    def again(self, one: Backfill) -> Backfill:
        """The same, read anew."""
        with self.tools.reading() as session:
            return get_backfill(session, one.programme_id, one.backfill_id)

    def due(self) -> int:
        """How many the slow lane finds to work on."""
        return len(due_backfills(self.tools, self.clock(), 10))

    def points(self, customer_id: int = CUSTOMER) -> int:
        """What a customer can spend."""
        return balance_of(self.tools, self.shop, customer_id).available

    def prove(self) -> None:
        """Hold that the books stand, and that telling them anew changes nothing."""
        with self.tools.reading() as session:
            assert verify(session) == []
            assert find_drift(session, self.clock()) == []

    def _orders(self, _info: Any, first: int, query: str, sortKey: str, after: str | None = None, **_: Any) -> Any:  # noqa: N803
        found = _RANGE.fullmatch(query)
        assert found is not None, query
        assert (sortKey, first) == ("PROCESSED_AT", 20)
        self.before_page(after)
        since, until = (datetime.fromisoformat(found[name]) for name in ("since", "until"))
        listed = sorted(
            (one.placed_at, one.order_id) for one in self.orders.values() if since <= one.placed_at <= until
        )
        at = int(after or 0)
        ids = [{"id": f"gid://shopify/Order/{order_id}"} for _, order_id in listed[at : at + self.page_size]]
        is_more = at + self.page_size < len(listed)
        return page(*ids, more=str(at + self.page_size) if is_more else None)

    def _nodes(self, _info: Any, ids: list[str]) -> list[Any]:
        return [
            self._node(int(one.rpartition("/")[2])) if "/Order/" in one else bodies.product(int(one.rpartition("/")[2]))
            for one in ids
        ]

    def _node(self, order_id: int) -> dict[str, Any] | None:
        order = self.orders.get(order_id)
        if order is None:
            return None
        return bodies.order(
            order_id,
            createdAt=order.placed_at.isoformat(),
            processedAt=order.placed_at.isoformat(),
            updatedAt=order.updated_at.isoformat(),
            cancelledAt=order.cancelled_at.isoformat() if order.cancelled_at else None,
            displayFinancialStatus=order.financial_status.upper(),
            taxesIncluded=False,
            discountCodes=[],
            customer=order.customer
            and {"id": f"gid://shopify/Customer/{order.customer.customer_id}", "state": "ENABLED", "tags": []},
            lineItems=page(*(_line(one) for one in order.lines)),
            refunds=[{"id": f"gid://shopify/Refund/{one.refund_id}"} for one in order.refunds],
        )

    def _refund(self, _info: Any, id: str) -> dict[str, Any]:  # noqa: A002 - the schema's own name
        found = [one for order in self.orders.values() for one in order.refunds if id.endswith(f"/{one.refund_id}")]
        if not found:
            raise GraphQLError("no such refund")
        at = found[0].created_at.isoformat()
        adjustments = page(bodies.adjustment(str(-found[0].discrepancy)))
        return bodies.refund(
            found[0].refund_id, createdAt=at, processedAt=at, refundLineItems=page(), orderAdjustments=adjustments
        )


def open_past(tools: Tools, clock: Clock, http: responses.RequestsMock, **changes: Any) -> Past:
    """A connected shop that has been open for ten days, at whose Admin API a past can be put."""
    changes = {"earning_starts_at": clock() - timedelta(days=DAYS_OPEN), **changes}
    past = Past(tools, clock, make_shop(tools, **changes))
    connect(tools, past.shop)
    past.serve(http)
    return past


def lively(past: Past) -> None:
    """Orders of every kind, of two members, a guest, and one that counts anyway."""
    past.order(1, 50, amount="100.00")
    past.put(refunded(past.order(2, 45, amount="60.00"), "20.00"))
    past.order(3, 40, customer_id=None)
    past.order(4, 35, financial_status="pending")
    past.put(cancelled(past.order(5, 30, amount="70.00")))
    past.order(6, 25, customer_id=7002, amount="0.40")
    past.order(7, 20, customer_id=7002, amount="30.00")
    past.order(8, DAYS_OPEN - 1, amount="500.00")


def _line(line: Any) -> dict[str, Any]:
    return bodies.line(
        line.line_id,
        quantity=line.quantity,
        product={"id": f"gid://shopify/Product/{line.product_id}"},
        originalUnitPriceSet=money(str(line.price)),
        discountAllocations=[],
        taxLines=[],
    )

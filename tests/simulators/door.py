"""States of orders as signed webhooks: through the door, the inbox and the drainer, some of them with the same event twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from plugin.facts import OrderSnapshot, Refund
from tests.journeys.shop_floor import Floor, customer, line, order, refund
from tests.simulators.worlds import World

TOPICS = ("orders/updated", "orders/paid", "orders/create", "orders/cancelled")


class DoorWorld(World):
    """A world that hears of orders as Shopify tells of them."""

    def __post_init__(self) -> None:
        """Open the door."""
        super().__post_init__()
        self._floor = Floor(self.tools, self.clock, self.shop)
        self._dice = random.Random(0)
        self._sent = 0

    def deliver(self, snapshots: list[OrderSnapshot]) -> None:
        """Let a batch of webhooks come in, then let the drainer work through them."""
        for one in snapshots:
            self._sent += self._dice.random() < 0.8 or not self._sent
            self._floor.arrive(self._dice.choice(TOPICS), body_of(one), f"sent-{self._sent}")
        self._floor.drain()
        self.ends["delivered"] += len(snapshots)


def body_of(snapshot: OrderSnapshot) -> dict[str, Any]:
    """Write a snapshot as Shopify's webhooks do."""
    lines = [
        line(one.line_id, str(one.price), one.quantity, product_id=one.product_id, variant_id=None)
        for one in snapshot.lines
    ]
    placed = snapshot.placed_at.isoformat()
    return order(
        snapshot.order_id,
        *lines,
        when=snapshot.updated_at.isoformat(),
        created_at=placed,
        processed_at=placed,
        cancelled_at=snapshot.cancelled_at.isoformat() if snapshot.cancelled_at else None,
        financial_status=snapshot.financial_status,
        customer=customer(snapshot.customer.customer_id) if snapshot.customer else None,
        refunds=[_refund(one) for one in snapshot.refunds],
    )


def _refund(one: Refund) -> dict[str, Any]:
    parts: Sequence[tuple[int, int, str]] = [(part.line_id, part.quantity, str(part.subtotal)) for part in one.lines]
    beyond = [str(-one.discrepancy)] if one.discrepancy else []
    return refund(one.refund_id, one.created_at.isoformat(), *parts, beyond=beyond, amount="1.00")

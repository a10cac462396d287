"""A programme with tiers, and what tests ask of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from plugin.engine import Engine
from plugin.facts import OrderSnapshot
from plugin.journeys.documents import publish_document
from plugin.journeys.tools import Tools
from plugin.orders.queries import orders_told_on
from plugin.rules import default_document, dump_document
from plugin.standing.store import KeptHolding, TierChange, find_holdings, list_changes
from plugin.wiring import job_kinds
from tests.factories import CUSTOMER, Clock, Shopfront, credit_now, make_shop, member_of, paid_order

BRONZE = {"id": "bronze", "title": {"en": "Bronze", "bg": "Бронз", "tr": "Bronz"}}
SILVER = {
    "id": "silver",
    "title": {"en": "Silver", "bg": "Сребро", "tr": "Gümüş"},  # noqa: RUF001
    "entry": {"kind": "spend", "at_least": "100"},
    "multiplier": "2",
    "entry_reward": {"points": 50},
}
GOLD = {
    "id": "gold",
    "title": {"en": "Gold", "bg": "Злато", "tr": "Altın"},  # noqa: RUF001
    "entry": {"kind": "spend", "at_least": "500"},
    "multiplier": "3",
    "imported_as": ["VIP"],
}


def tiered(*levels: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The default programme with bronze, silver and gold, unless other levels are given."""
    return dump_document(default_document()) | {"tiers": {"levels": list(levels or (BRONZE, SILVER, GOLD)), **more}}


@dataclass
class TierStage:
    """One shop, its tiers, and the slow lane that looks at them."""

    tools: Tools
    clock: Clock
    shop: Shopfront

    @classmethod
    def open(cls, tools: Tools, clock: Clock, document: dict[str, Any] | None = None) -> TierStage:
        return cls(tools, clock, make_shop(tools, document=document or tiered()))

    def order(self, order_id: int, amount: str, **changes: Any) -> OrderSnapshot:
        """An order of now."""
        at = changes.pop("at", self.clock.now)
        return paid_order(self.shop, order_id, amount=amount, placed_at=at, updated_at=at, **changes)

    def buy(self, order_id: int, amount: str, **changes: Any) -> OrderSnapshot:
        """Let an order come in now, without a look at tiers."""
        made = self.order(order_id, amount, **changes)
        credit_now(self.tools, made)
        return made

    def settle(self) -> None:
        """Let the slow lane look at tiers."""
        assert Engine(job_kinds(self.tools), self.clock).sweep("tier", self.clock())[1] == 0

    def publish(self, document: dict[str, Any]) -> None:
        with self.tools.writing() as session:
            publish_document(session, self.shop.programme_id, document, actor="test", now=self.clock())

    def kept(self, customer_id: int = CUSTOMER) -> KeptHolding | None:
        member = member_of(self.tools, self.shop, customer_id)
        with self.tools.reading() as session:
            return find_holdings(session, self.shop.programme_id, [member.member_id]).get(member.member_id)

    def tier(self, customer_id: int = CUSTOMER) -> str | None:
        """What is held after a look."""
        self.settle()
        kept = self.kept(customer_id)
        return kept.holding.tier if kept else None

    def history(self, customer_id: int = CUSTOMER) -> list[TierChange]:
        member = member_of(self.tools, self.shop, customer_id)
        with self.tools.reading() as session:
            return list_changes(session, self.shop.programme_id, [member.member_id]).get(member.member_id, [])

    def placed_as(self, customer_id: int = CUSTOMER) -> dict[int, str | None]:
        """The tier frozen with each order."""
        member = member_of(self.tools, self.shop, customer_id)
        with self.tools.reading() as session:
            told = orders_told_on(session, [(member.programme_id, member.account_id)])
        return {one.key[2]: one.context.tier for one in told}


def at_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def newer(snapshot: OrderSnapshot, **changes: Any) -> OrderSnapshot:
    return replace(snapshot, updated_at=snapshot.updated_at + timedelta(hours=1), **changes)

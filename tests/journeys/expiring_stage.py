"""What the tests of expiry share: a shop with terms of its own, and shorthands for what happens to its points as time passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from plugin.db import new_id
from plugin.journeys.documents import publish_document
from plugin.journeys.passing_time import due_graces, due_lots, settle_graces, settle_lots
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.tools import Tools
from plugin.journeys.warning import due_warnings, settle_warnings
from plugin.ledger import Account, Fact, capture_points, hold_points, release_points, return_points
from plugin.ledger.tables import lot, posting
from plugin.rules import default_document, dump_document
from tests.factories import (
    CUSTOMER,
    Clock,
    Shopfront,
    balance_of,
    credit_now,
    make_shop,
    member_of,
    paid_order,
)


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def terms(**earning: Any) -> dict[str, Any]:
    """The default programme with other terms."""
    document = dump_document(default_document())
    document["earning"] |= earning
    return document


@dataclass
class Story:
    """A shop's points as time passes. The clock is turned to when a thing happens, so that facts come in time unless a test says else."""

    tools: Tools
    clock: Clock
    shop: Shopfront

    def order(self, when: str, points: int, order_id: int = 5001, **changes: Any) -> Any:
        """An order paid at `when`, worth one point a euro."""
        placed = at(when)
        return paid_order(
            self.shop, order_id=order_id, amount=f"{points}.00", placed_at=placed, updated_at=placed, **changes
        )

    def earn(self, when: str, points: int, order_id: int = 5001, **changes: Any) -> Any:
        """The order comes in as it is paid."""
        order = self.order(when, points, order_id, **changes)
        self.turn(when)
        credit_now(self.tools, order)
        return order

    def turn(self, when: str) -> datetime:
        """Let it be `when`, and do nothing."""
        self.clock.now = at(when)
        return self.clock.now

    def settle(self, when: str | None = None) -> None:
        """Let it be `when`, and let the slow lane do what is due: warnings first, as they would have come."""
        now = self.turn(when) if when else self.clock.now
        for key in due_graces(self.tools, now, 100):
            settle_graces(self.tools, key, now)
        for key in due_warnings(self.tools, now, 100):
            settle_warnings(self.tools, key, now)
        for key in due_lots(self.tools, now, 100):
            settle_lots(self.tools, key, now)

    def publish(self, when: str, **earning: Any) -> int:
        """The merchant publishes other terms."""
        now = self.turn(when)
        with self.tools.writing() as session:
            return publish_document(session, self.shop.programme_id, terms(**earning), actor="merchant", now=now)

    def hold(self, points: int) -> UUID:
        """Points are set aside now."""
        redemption_id = new_id()
        with self.tools.writing() as session:
            hold_points(session, self.account_id, points, self._fact("redeem_hold", redemption_id))
        return redemption_id

    def spend(self, points: int) -> UUID:
        """Points are spent now."""
        redemption_id = self.hold(points)
        with self.tools.writing() as session:
            capture_points(session, self.account_id, self._fact("redeem_capture", redemption_id))
        return redemption_id

    def release(self, redemption_id: UUID) -> None:
        """Held points come back now."""
        with self.tools.writing() as session:
            release_points(session, self.account_id, self._fact("redeem_release", redemption_id))

    def give_back(self, redemption_id: UUID) -> None:
        """Spent points come back now."""
        with self.tools.writing() as session:
            return_points(session, self.account_id, self._fact("redeem_return", redemption_id))

    @property
    def account_id(self) -> UUID:
        return member_of(self.tools, self.shop).account_id

    @property
    def available(self) -> int:
        return self.balance.available

    @property
    def balance(self) -> Account:
        return balance_of(self.tools, self.shop, CUSTOMER)

    def ends(self) -> dict[int | None, datetime | None]:
        """When each order's points end, as the books have it."""
        with self.tools.reading() as session:
            return {row.order_id: row.expires_at for row in session.execute(select(lot))}

    def posted(self, reason: str) -> list[tuple[int, datetime]]:
        """(points, when) of the postings of a reason."""
        with self.tools.reading() as session:
            rows = session.execute(select(posting).where(posting.c.reason == reason).order_by(posting.c.id))
            return [(row.explanation["points"], row.occurred_at) for row in rows]

    def prove(self) -> None:
        """Every invariant holds, and telling each account anew changes nothing.

        Holds of these stories have no redemption row, which is all that invariants 7 and 9 ask for.
        """
        with self.tools.reading() as session:
            assert [one for one in verify(session) if one.invariant not in {7, 9}] == []
            assert find_drift(session, self.clock()) == []

    def _fact(self, reason: str, redemption_id: UUID) -> Fact:
        programme_id, now = self.shop.programme_id, self.clock()
        return Fact(programme_id, f"{reason}:{redemption_id}", reason, "test", {}, now, redemption_id=redemption_id)


def begin(tools: Tools, clock: Clock, *, timezone: str = "Europe/Sofia", **earning: Any) -> Story:
    """Open a shop long before the story begins."""
    clock.now = at("2026-01-01T00:00:00")
    shop = make_shop(
        tools, document=terms(**earning), timezone=timezone, earning_starts_at=clock.now - timedelta(days=4000)
    )
    with tools.writing() as session:  # the shop's first version is older than all orders; its rule of warnings, too
        publish_document(
            session, shop.programme_id, terms(**earning), actor="test", now=clock.now - timedelta(days=3000)
        )
    return Story(tools, clock, shop)

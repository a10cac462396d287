"""What the referral tests share: a shop that asks its members to bring friends, a member with a link, and friends who come by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plugin.facts import OrderSnapshot
from plugin.journeys.documents import publish_document
from plugin.journeys.passing_time import due_lots, settle_lots
from plugin.journeys.referring import Claim, claim, link_of
from plugin.journeys.settling_referrals import due_referrals, settle_referral
from plugin.journeys.tools import Tools
from plugin.referrals import Referral, get_referral
from plugin.rules import default_document, dump_document
from plugin.shops.store import Shop, get_shop
from tests.factories import Clock, Shopfront, balance_of, credit_now, make_member, member_of, paid_order
from tests.journeys.discount_desk import DiscountDesk

REFERRER, FRIEND = 7001, 8001
TERMS: dict[str, Any] = {
    "referrer_points": 300,
    "friend": {"kind": "amount", "value": "10", "minimum_subtotal": "40", "code_prefix": "FRIEND"},
    "friend_points": 50,
    "maturity_days": 14,
}
WINDOW = timedelta(days=14)


def referring(**changes: Any) -> dict[str, Any]:
    """The default programme, which lets members bring friends."""
    return dump_document(default_document()) | {"referral": TERMS | changes}


def publish_terms(tools: Tools, shop: Shopfront, **changes: Any) -> None:
    """Let the shop's members bring friends from now on."""
    with tools.writing() as session:
        publish_document(session, shop.programme_id, referring(**changes), actor="test", now=tools.clock())


@dataclass(frozen=True)
class Circle:
    """A member and their friends at one shop."""

    tools: Tools
    clock: Clock
    shop: Shopfront
    desk: DiscountDesk

    @property
    def row(self) -> Shop:
        with self.tools.reading() as session:
            return get_shop(session, self.shop.shop_id)

    def link(self, customer_id: int = REFERRER) -> str:
        return link_of(self.tools, member_of(self.tools, self.shop, customer_id))

    def claim(self, customer_id: int | None = FRIEND, email: str | None = None, of: int = REFERRER) -> Referral:
        return claim(self.tools, Claim(self.row, self.link(of), customer_id, email))

    def order(self, one: Referral, order_id: int = 6001, customer_id: int = FRIEND, **changes: Any) -> OrderSnapshot:
        """The friend's order with the code, placed this minute."""
        at = self.clock.now.replace(microsecond=0)
        given = {"amount": "60.00", "placed_at": at, "updated_at": at, "discount_codes": (one.code.lower(),), **changes}
        return paid_order(self.shop, order_id, customer_id, **given)

    def arrive(self, *orders: OrderSnapshot) -> None:
        """Let orders arrive, and everything they make due."""
        credit_now(self.tools, *orders)
        self.settle()

    def settle(self) -> None:
        """Let the slow lane settle what is due."""
        for key in due_lots(self.tools, self.clock.now, 100):
            settle_lots(self.tools, key, self.clock.now)
        for key in due_referrals(self.tools, self.clock.now, 100):
            settle_referral(self.tools, key, self.clock.now)

    def pass_time(self, delta: timedelta) -> datetime:
        """Let time pass and do its work."""
        self.clock.now += delta
        self.settle()
        return self.clock.now

    def again(self, one: Referral) -> Referral:
        with self.tools.reading() as session:
            return get_referral(session, one.programme_id, one.referral_id)

    def state(self, one: Referral) -> str:
        return self.again(one).state

    def points(self, customer_id: int = REFERRER) -> tuple[int, int]:
        """Available and pending."""
        account = balance_of(self.tools, self.shop, customer_id)
        return account.available, account.pending


def gather(tools: Tools, clock: Clock, shop: Shopfront, desk: DiscountDesk, **changes: Any) -> Circle:
    """Open the circle: terms published, one member there."""
    publish_terms(tools, shop, **changes)
    make_member(tools, shop, REFERRER)
    return Circle(tools, clock, shop, desk)

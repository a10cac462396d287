"""What the redemption tests share: a member with points at a shop whose discounts we can watch, and the books to look into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from plugin.facts import TokenPair
from plugin.journeys.documents import publish_document
from plugin.journeys.proving import verify
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.journeys.tools import Tools
from plugin.ledger import Account, balances
from plugin.ledger.flows import LOT_COLUMNS, account_effect, lot_effect
from plugin.ledger.tables import account, entry, lot, posting
from plugin.members.store import Member
from plugin.rewards import Redemption, Wish, get_redemption
from plugin.rewards.tables import redemption
from plugin.rules import default_document, dump_document
from plugin.shops.store import get_shop
from plugin.shops.tokens import keep_tokens
from tests.factories import Clock, Shopfront

CUSTOMER = 7001


@dataclass(frozen=True)
class Stage:
    """One member at one shop, and shorthands for what the tests ask."""

    tools: Tools
    clock: Clock
    shop: Shopfront
    member: Member

    def wish(self, wish_id: str = "wish-0001", reward_id: str = "five_off", **changes: Any) -> Wish:
        shop, member = self.shop, self.member
        values = {"customer_id": CUSTOMER, "wish_id": wish_id, "reward_id": reward_id, **changes}
        return Wish(shop.programme_id, shop.shop_id, member.member_id, **values)

    def account(self) -> Account:
        with self.tools.reading() as session:
            return balances(session, self.shop.programme_id, self.member.account_id)

    def points(self) -> tuple[int, int]:
        """Available and held."""
        now = self.account()
        return now.available, now.held

    def again(self, one: Redemption) -> Redemption:
        with self.tools.reading() as session:
            return get_redemption(session, one.programme_id, one.member_id, one.redemption_id)

    def lots(self) -> list[dict[str, int]]:
        with self.tools.reading() as session:
            rows = session.execute(select(lot).order_by(lot.c.occurred_at, lot.c.id))
            return [{name: getattr(row, name) for name in LOT_COLUMNS if getattr(row, name)} for row in rows]

    def reasons(self) -> list[str]:
        with self.tools.reading() as session:
            return [one for one in session.scalars(select(posting.c.reason).order_by(posting.c.id)) if one != "order"]

    def settle(self) -> int:
        """Let the slow lane settle what is due now, once."""
        due = due_redemptions(self.tools, self.clock.now, 100)
        for key in due:
            settle_redemption(self.tools, key, self.clock.now)
        return len(due)


def connect(tools: Tools, shop: Shopfront) -> None:
    """Give us a token for the shop."""
    with tools.writing() as session:
        keep_tokens(session, tools.sealer, get_shop(session, shop.shop_id), TokenPair("shpat_test"))


def publish_rewards(tools: Tools, shop: Shopfront, now: datetime, **changes: Any) -> None:
    """Publish the default programme with changes to its first reward."""
    document = dump_document(default_document())
    document["rewards"][0].update(changes)
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=now)


def faults_in_books(tools: Tools) -> list[str]:
    """Ask the verifier, and derive once more by another way: balances and lots from the entries, what is held from what is open."""
    with tools.reading() as session:
        accounts: dict[UUID, dict[str, int]] = {}
        lots: dict[UUID, dict[str, int]] = {}
        for row in session.execute(select(entry)):
            _add(accounts.setdefault(row.account_id, {}), account_effect(row.source, row.destination, row.points))
            if row.lot_id:
                _add(lots.setdefault(row.lot_id, {}), lot_effect(row.source, row.destination, row.points))
        faults = [
            f"account {row.id}: {name}"
            for row in session.execute(select(account))
            for name in ("pending", "available", "held", "debt")
            if getattr(row, name) != accounts.get(row.id, {}).get(name, 0)
        ]
        faults += [
            f"lot {row.id}: {name}"
            for row in session.execute(select(lot))
            for name in LOT_COLUMNS
            if getattr(row, name) != lots.get(row.id, {}).get(name, 0)
        ]
        held = session.scalar(select(func.coalesce(func.sum(account.c.held), 0)))
        open_points = func.coalesce(func.sum(redemption.c.points), 0)
        open_now = session.scalar(select(open_points).where(redemption.c.state == "held"))
        faults += [f"{one.name}: {one.row}" for one in verify(session)]
    return faults if held == open_now else [*faults, f"held {held}, open redemptions {open_now}"]


def _add(sums: dict[str, int], effect: dict[str, int]) -> None:
    for name, points in effect.items():
        sums[name] = sums.get(name, 0) + points

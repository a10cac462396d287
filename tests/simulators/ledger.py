"""Anything may happen to a ledger, in any order, at any time: after it every promise holds and every account equals its replay.

`run(seed, count)` plays `count` operations in chapters, each on a fresh ledger under another programme, and checks all promises and
every account, lot by lot, each so many operations.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from plugin.db import Database
from plugin.errors import LaurelError
from plugin.facts import CustomerRef, CustomersMerged, OrderSnapshot
from plugin.journeys.adjusting import Adjustment, WriteOff, adjust, write_off
from plugin.journeys.extending import Extending, extend
from plugin.journeys.households import accept, invite, leave_household
from plugin.journeys.joining import join, leave
from plugin.journeys.merging import merge_customers
from plugin.members import find_member
from tests.factories import Clock, Shopfront
from tests.simulators.benches import benched
from tests.simulators.lives import Manner, Settled, Wished, tell_order
from tests.simulators.orders import OPENED, furnish
from tests.simulators.worlds import SETTLING, World

CHAPTER = 1_000
CUSTOMERS = 12
OPEN_ORDERS = 40
SKEW = timedelta(seconds=5)
"""How far Shopify's clock may be ahead of ours."""
WINDOW = timedelta(days=12)
MANNER = Manner(customers=CUSTOMERS)


@dataclass
class Report:
    """What happened, and every promise broken."""

    seed: int
    operations: int = 0
    checks: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = (
            f"seed {self.seed}: {self.operations} operations, {self.checks} checks, violations: {len(self.violations)}"
        )
        return "\n".join([told, f"ends: {dict(sorted(self.ends.items()))}", *self.violations[:10]])


class Chapter:
    """One ledger and what may happen to it. Customers change from time to time, so that pasts stay short enough to tell often."""

    def __init__(self, database: Database, shop: Shopfront, dice: random.Random) -> None:
        self.dice, self.shop = dice, shop
        self.world = World(database, shop, Clock(OPENED))
        self.coming: list[OrderSnapshot] = []
        self.seen: list[OrderSnapshot] = []
        self.redemptions: dict[UUID, str] = {}
        self.numbers = 0
        self.latest = OPENED

    def step(self) -> int:
        """Let one thing happen, or a batch of things; return how many."""
        acts: tuple[tuple[Callable[[], int], int], ...] = (
            (self.deliver, 10),
            (self.deliver_late, 4),
            (self.wish, 6),
            (self.settle, 6),
            (self.elapse, 1),
            (self.adjust, 3),
            (self.forgive, 1),
            (self.come_or_go, 1),
            (self.merge, 1),
            (self.share, 1),
            (self.extend, 1),
        )
        self.latest = max(self.latest, self.world.clock.now)
        self.world.clock.now += timedelta(seconds=self.dice.choice((0, 0, 1, 60, 3_600, 43_200, -5)))
        act = self.dice.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        return act()

    def deliver(self) -> int:
        """States of orders come, several in a batch, about when they came about."""
        while len(self.coming) < OPEN_ORDERS:
            self._begin_order()
        first = min(self.coming, key=lambda one: one.updated_at)
        self.world.clock.now = max(self.world.clock.now, first.updated_at - SKEW)
        ready = [one for one in self.coming if one.updated_at <= self.world.clock.now + SKEW]
        batch = self.dice.sample(ready, min(len(ready), self.dice.choice((1, 1, 3, 8))))
        self.coming = [one for one in self.coming if one not in batch]
        self.world.deliver(batch)
        self.seen += batch
        return len(batch)

    def deliver_late(self) -> int:
        """Something we have seen comes again, or a customer comes to light long after."""
        if not self.seen:
            return 0
        old = self.dice.choice(self.seen[-200:])
        if self.dice.random() < 0.3:
            later = max(old.updated_at, self.world.clock.now)
            heir = CustomerRef(self._customer(), has_account=True)
            old = replace(old, customer=heir, customer_standing="present", updated_at=later)
        self.world.deliver([old])
        return 1

    def wish(self) -> int:
        redemption_id = UUID(int=self.dice.getrandbits(128), version=4)
        share = self.dice.choice((5, 20, 50, 100, 130))
        self.world.wish(Wished(self.world.clock.now, self._customer(), redemption_id, share))
        if redemption_id in self.world.granted:
            self.redemptions[redemption_id] = "held"
        return 1

    def settle(self) -> int:
        """Finish one redemption in a way that its state allows."""
        if not self.redemptions:
            return 0
        redemption_id = self.dice.choice(list(self.redemptions))
        is_held = self.redemptions.pop(redemption_id) == "held"
        how = self.dice.choice(list(SETTLING)[:2]) if is_held else "redeem_return"
        self.world.settle(Settled(self.world.clock.now, redemption_id, how))  # type: ignore[arg-type]  # one of the three
        if how == "redeem_capture" and self.dice.random() < 0.4:
            self.redemptions[redemption_id] = "captured"
        return 1

    def elapse(self) -> int:
        self.world.elapse()
        return 1

    def adjust(self) -> int:
        """The merchant gives or takes."""
        points = self.dice.choice((1, 50, 300, -1, -40, -500))
        wish = Adjustment(self._alias(), points, "other", self._key(), "merchant", may_owe=self.dice.random() < 0.5)
        with suppress(LaurelError), self.world.tools.writing() as session:
            adjust(session, wish, self.world.clock.now)
            self.world.ends["adjusted"] += 1
        return 1

    def forgive(self) -> int:
        """The merchant writes debt off, if there is any."""
        with suppress(LaurelError), self.world.tools.writing() as session:
            write_off(session, WriteOff(self._alias(), self._key(), "merchant"), self.world.clock.now)
            self.world.ends["written off"] += 1
        return 1

    def come_or_go(self) -> int:
        """Somebody leaves the programme, or comes back."""
        key = self._alias()
        with suppress(LaurelError), self.world.tools.writing() as session:
            member = find_member(session, *key)
            if member is not None and member.standing == "joined":
                leave(session, member, self.world.clock.now)
            else:
                join(session, self.world.tools.sealer, key, self.world.clock.now)
            self.world.ends["came or went"] += 1
        return 1

    def merge(self) -> int:
        """Shopify merges two customers; late copies of old orders may name either for ever."""
        kept_id, deleted_id = self._customer(), self._customer()
        fact = CustomersMerged(*self._alias()[:2], kept_id, deleted_id, self.world.clock.now)
        if kept_id != deleted_id:
            with suppress(LaurelError), self.world.tools.writing() as session:
                merge_customers(session, self.world.tools.sealer, fact, self.world.clock.now)
                self.world.ends["merged"] += 1
        return 1

    def share(self) -> int:
        """Somebody moves into another's household, or leaves their own."""
        now = self.world.clock.now
        with suppress(LaurelError), self.world.tools.writing() as session:
            one, other = (find_member(session, *self._alias()) for _ in range(2))
            if one and self.dice.random() < 0.4:
                leave_household(session, one.programme_id, one.member_id, now)
                self.world.ends["moved out"] += 1
            elif one and other and one.member_id != other.member_id:
                accept(session, one.programme_id, other.member_id, invite(session, one, now), now)
                self.world.ends["moved in"] += 1
        return 1

    def extend(self) -> int:
        """The merchant gives points more time, and brings expired ones back at times."""
        days = self.dice.choice((1, 10, 100, None))
        last_day = None if days is None else (self.world.clock.now + timedelta(days=days)).date()
        is_restoring = self.dice.random() < 0.3
        with suppress(LaurelError), self.world.tools.writing() as session:
            member = find_member(session, *self._alias())
            if member is not None:
                wish = Extending(
                    member.programme_id, member.account_id, last_day, "merchant", "sorry", self._key(), is_restoring
                )
                extend(session, wish, self.world.clock.now)
                self.world.ends["extended"] += 1
        return 1

    def faults(self) -> list[str]:
        """Bring everything up to the clock, as far as it ever was, and name what is broken."""
        self.world.clock.now = max(self.latest, self.world.clock.now)
        self.world.elapse()
        return self.world.faults()

    def _begin_order(self) -> None:
        self.numbers += 1
        past = self.dice.choice((0, 0, 0, 1, 5)) * WINDOW / 10
        states = tell_order(self.shop, self.dice, self.numbers, self._customer(), MANNER, self.world.clock.now - past)
        self.coming += states

    def _customer(self) -> int:
        """Three or four are about at a time; who they are moves on."""
        return 7000 + (self.numbers // 60 + self.dice.randrange(4)) % 10_000

    def _alias(self) -> tuple[UUID, UUID, int]:
        return self.shop.programme_id, self.shop.shop_id, self._customer()

    def _key(self) -> str:
        return f"{self.dice.getrandbits(64):x}"


def run(seed: int, count: int, url: str | None = None, every: int = 100) -> Report:
    """Play chapters until `count` operations happened; check each `every` operations."""
    report = Report(seed)
    number = 0
    while report.operations < count and not report.violations:
        _play(report, seed * 1_000_000 + number, min(CHAPTER, count - report.operations), url, every)
        number += 1
    return report


def _play(report: Report, seed: int, count: int, url: str | None, every: int) -> None:
    dice, shops = random.Random(seed), list[Shopfront]()
    with benched(lambda database: furnish(shops, dice, database), url) as bench, bench.fresh() as database:
        chapter = Chapter(database, shops[0], dice)
        done, checked = 0, 0
        while done < count and not report.violations:
            done += chapter.step()
            if done - checked >= every or done >= count:
                checked = done
                report.checks += 1
                report.violations += [f"chapter {seed}, after {done}: {fault}" for fault in chapter.faults()]
        report.operations += done
        report.ends += chapter.world.ends

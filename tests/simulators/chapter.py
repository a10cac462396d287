"""One ledger and what shoppers may do to it: orders in all their states, redemptions, comings and goings, merges, households."""

from __future__ import annotations

import random
from bisect import insort
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from plugin.db import Database
from plugin.errors import LaurelError
from plugin.facts import CustomerRedaction, CustomerRef, CustomersMerged, OrderSnapshot
from plugin.journeys.crediting import credit
from plugin.journeys.forgetting import forget_customer, without_forgotten
from plugin.journeys.households import accept, invite, leave_household
from plugin.journeys.joining import join, leave
from plugin.journeys.merging import merge_customers
from plugin.members import find_member
from tests.factories import Clock, Shopfront
from tests.simulators.lives import Manner, Settled, Wished, tell_order
from tests.simulators.orders import OPENED
from tests.simulators.worlds import SETTLING, World

CUSTOMERS = (40, 100, 250)
"""How many people a chapter is about: few with long pasts, or many with short ones."""
OPEN_STATES = 240
SEEN_MAX = 300
BATCHES = (1, 1, 4, 30, 60, 120)
"""How many states of orders come together: as a drainer takes what waits."""
SKEW = timedelta(seconds=5)
"""How far Shopify's clock may be ahead of ours."""
WINDOW = timedelta(days=12)


class Chapter:
    """What happened so far, and what is coming: states of orders that came about at Shopify, or will."""

    def __init__(self, database: Database, shop: Shopfront, dice: random.Random) -> None:
        self.dice, self.shop = dice, shop
        self.world = World(database, shop, Clock(OPENED))
        self.coming: list[OrderSnapshot] = []
        self.seen: list[OrderSnapshot] = []
        self.redemptions: dict[UUID, str] = {}
        self.manner = Manner(customers=dice.choice(CUSTOMERS))
        self.numbers = 0
        self.latest = OPENED

    def deliver(self) -> int:
        """States of orders come, several in a batch, about when they came about; some are late, and many come more than once."""
        while len(self.coming) < OPEN_STATES:
            self._begin_order()
        wanted = self.dice.choice(BATCHES)
        self.world.clock.now = max(self.world.clock.now, self.coming[wanted - 1].updated_at - SKEW)
        waits = [self.dice.random() < 0.1 for _ in range(wanted)]
        ready = [one for one, is_late in zip(self.coming[:wanted], waits, strict=True) if not is_late]
        self.coming = [one for one, is_late in zip(self.coming[:wanted], waits, strict=True) if is_late] + self.coming[
            wanted:
        ]
        copies = self.dice.choices([*self.seen, *ready], k=len(ready) * 2 // 3) if ready else []
        both = [*ready, *copies]
        self.dice.shuffle(both)
        self._credit(both)
        self.world.ends["delivered again"] += len(copies)
        self.seen = [*self.seen, *ready][-SEEN_MAX:]
        return len(both)

    def deliver_late(self) -> int:
        """Something we have seen comes again, or a customer comes to light long after."""
        old = self.dice.sample(self.seen, min(len(self.seen), self.dice.choice((1, 1, 10))))
        for place, one in enumerate(old):
            if self.dice.random() < 0.3:
                later = max(one.updated_at, self.world.clock.now)
                heir = CustomerRef(self.customer(), has_account=True)
                old[place] = replace(one, customer=heir, customer_standing="present", updated_at=later)
        self._credit(old)
        return len(old)

    def wish(self) -> int:
        """Somebody wants to set points aside."""
        redemption_id = UUID(int=self.dice.getrandbits(128), version=4)
        share = self.dice.choice((5, 20, 50, 100, 130))
        self.world.wish(Wished(self.world.clock.now, self.customer(), redemption_id, share))
        if redemption_id in self.world.granted:
            self.redemptions[redemption_id] = "held"
        return 1

    def settle(self) -> int:
        """Finish one redemption in a way that its state allows; a code that was given back may turn out to have been used."""
        if not self.redemptions:
            return 0
        redemption_id = self.dice.choice(list(self.redemptions))
        state = self.redemptions.pop(redemption_id)
        if state == "given back":
            self.world.use_late(redemption_id)
            return 1
        how = self.dice.choice(list(SETTLING)[:2]) if state == "held" else "redeem_return"
        self.world.settle(Settled(self.world.clock.now, redemption_id, how))  # type: ignore[arg-type]  # one of the three
        if self.dice.random() < 0.4:
            self.redemptions[redemption_id] = "captured" if how == "redeem_capture" else "given back"
        return 1

    def come_or_go(self) -> int:
        """Somebody leaves the programme, or comes back."""
        key = self.alias()
        with suppress(LaurelError), self.world.tools.writing() as session:
            member = find_member(session, *key)
            if member is not None and member.standing == "joined":
                leave(session, member, self.world.clock.now)
                self.world.ends["left"] += 1
            else:
                join(session, self.world.tools.sealer, key, self.world.clock.now)
                self.world.ends["joined"] += 1
            return 1
        self.world.ends["joining refused"] += 1
        return 1

    def merge(self) -> int:
        """Shopify merges two customers; late copies of old orders may name either for ever."""
        kept_id, deleted_id = self.dice.sample(self.people, 2)
        fact = CustomersMerged(*self.alias()[:2], kept_id, deleted_id, self.world.clock.now)
        with self.world.tools.writing() as session:
            merge_customers(session, self.world.tools.sealer, fact, self.world.clock.now)
        self.world.ends["merged"] += 1
        return 1

    def share(self) -> int:
        """Somebody moves into another's household, or leaves their own."""
        now = self.world.clock.now
        with suppress(LaurelError), self.world.tools.writing() as session:
            one, other = (find_member(session, *self.alias()) for _ in range(2))
            if one and self.dice.random() < 0.4:
                leave_household(session, one.programme_id, one.member_id, now)
                self.world.ends["moved out"] += 1
            elif one and other and one.member_id != other.member_id:
                accept(session, one.programme_id, other.member_id, invite(session, one, now), now)
                self.world.ends["moved in"] += 1
            return 1
        self.world.ends["moving refused"] += 1
        return 1

    def forget(self) -> int:
        """A person asks to be forgotten."""
        fact = CustomerRedaction(*self.alias()[:2], self.world.clock.now, self.customer(), ())
        with self.world.tools.writing() as session:
            forget_customer(session, self.world.tools.sealer, fact, self.world.clock.now)
        self.world.ends["forgotten"] += 1
        return 1

    @property
    def people(self) -> range:
        """Everybody: their ids at Shopify."""
        return range(7000, 7000 + self.manner.customers)

    def customer(self) -> int:
        """Anybody."""
        return self.dice.choice(self.people)

    def alias(self) -> tuple[UUID, UUID, int]:
        """Anybody, as (programme, shop, customer)."""
        return self.shop.programme_id, self.shop.shop_id, self.customer()

    def key(self) -> str:
        """A key of the asker's own."""
        return f"{self.dice.getrandbits(64):x}"

    def _credit(self, snapshots: list[OrderSnapshot]) -> None:
        if snapshots:
            with self.world.tools.writing() as session:
                known = without_forgotten(session, self.world.tools.sealer, snapshots)
                credit(session, known, self.world.clock.now)
            self.world.ends["delivered"] += len(snapshots)

    def _begin_order(self) -> None:
        self.numbers += 1
        past = self.dice.choice((0, 0, 0, 1, 5)) * WINDOW / 10
        for one in tell_order(
            self.shop, self.dice, self.numbers, self.customer(), self.manner, self.world.clock.now - past
        ):
            insort(self.coming, one, key=lambda state: state.updated_at)

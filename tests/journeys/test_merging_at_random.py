"""Any mixture of orders, refunds, codes, merges, comings and goings ends in books that agree with the replay of what happened."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import responses

from plugin.errors import InsufficientPoints, LaurelError
from plugin.facts import CustomerRedaction, CustomersMerged
from plugin.journeys.applying import apply_facts
from plugin.journeys.households import accept, invite, leave_household
from plugin.journeys.joining import join, leave
from plugin.journeys.passing_time import due_lots, settle_lots
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.members import find_member
from plugin.rewards import Wish
from plugin.rules import default_document, dump_document
from tests.factories import cancelled, make_shop, paid_order, refunded
from tests.journeys.discount_desk import DiscountDesk, lost_answer, lost_call, refused
from tests.journeys.redeeming_stage import connect

pytestmark = pytest.mark.slow

CUSTOMERS = range(7001, 7007)
STEPS = 60
TERMS = {
    "plain": {},
    "pending and expiring": {"maturity_days": 3, "expiry": {"kind": "after_days", "days": 20}},
    "rolling": {"expiry": {"kind": "rolling", "days": 15}},
    "capped": {"maturity_days": 3},
}
CAPS = (
    {"id": "weekly", "per": "member", "period": "week", "points": 150},
    {"id": "all", "per": "programme", "period": "month", "points": 2_000},
)
WAYS = {
    "order": 8,
    "change": 5,
    "late": 3,
    "spend": 5,
    "settle": 4,
    "wait": 4,
    "merge": 2,
    "pool": 4,
    "part": 2,
    "leave": 1,
    "join": 1,
    "forget": 1,
}


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_books_agree_with_what_happened(tools, seed, terms):
    document = dump_document(default_document())
    document["earning"] |= TERMS[terms]
    document["caps"] = CAPS if terms == "capped" else ()
    shop = make_shop(tools, document=document)
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        world = World(tools, shop, desk, random.Random(seed))
        for number in range(STEPS):
            world.step()
            if number % 10 == 9:
                prove(tools, f"seed {seed}, step {number}")
    assert sum(world.done.values()) > STEPS / 2


class World:
    """One shop, six customers, and what may happen to them."""

    def __init__(self, tools, shop, desk, dice):
        self.tools, self.shop, self.desk, self.dice = tools, shop, desk, dice
        self.orders, self.has_forgotten, self.made, self.done = {}, False, 0, Counter()

    def step(self):
        """Let something happen; what the rules refuse is refused."""
        (what,) = self.dice.choices(list(WAYS), weights=list(WAYS.values()))
        try:
            getattr(self, what)()
        except LaurelError:
            return
        self.done[what] += 1

    def anybody(self):
        return self.dice.choice([one for one in CUSTOMERS if self.member(one)] or list(CUSTOMERS))

    def member(self, customer_id):
        with self.tools.reading() as session:
            return find_member(session, self.shop.programme_id, self.shop.shop_id, customer_id)

    def order(self, *, ago=timedelta(0)):
        self.made += 1
        at, amount = self.tools.clock() - ago, str(self.dice.choice([40, 200, 700]))
        one = paid_order(self.shop, self.made, self.dice.choice(CUSTOMERS), amount, placed_at=at, updated_at=at)
        self.orders[self.made] = one
        self.apply(one)

    def late(self):
        self.order(ago=timedelta(hours=self.dice.randrange(1, 400)))

    def change(self):
        if self.orders:
            one = self.orders[self.dice.choice(list(self.orders))]
            newer = self.dice.choice([self.refund, cancelled, self.hand_over])(one)
            self.orders[one.order_id] = newer
            self.apply(newer)

    def refund(self, one):
        return refunded(one, self.dice.choice(["10.00", "40.00"]))

    def hand_over(self, one):
        customer = replace(one.customer, customer_id=self.dice.choice(CUSTOMERS))
        return replace(one, customer=customer, updated_at=one.updated_at + timedelta(minutes=1))

    def spend(self):
        customer_id, fault = self.anybody(), self.dice.choice([None, None, lost_answer, lost_call, refused("INVALID")])
        if fault:
            self.desk.go_wrong("create", fault)
        if member := self.member(customer_id):
            wish_id = f"wish-{self.dice.randrange(10**9):09}"
            try:
                redeem(self.tools, Wish(*self.here, member.member_id, customer_id, wish_id, "five_off"))
            except InsufficientPoints:
                self.desk.faults.clear()

    def settle(self):
        for key in due_redemptions(self.tools, self.tools.clock(), 100):
            settle_redemption(self.tools, key, self.tools.clock())

    def wait(self):
        self.tools.clock.advance(hours=self.dice.randrange(1, 200))

    def merge(self):
        deleted_id, kept_id = self.dice.sample(CUSTOMERS, 2)
        self.apply(CustomersMerged(*self.here, kept_id, deleted_id, self.tools.clock()))

    def pool(self):
        host, guest = self.member(self.anybody()), self.member(self.anybody())
        if host and guest:
            with self.tools.writing() as session:
                token = invite(session, host, self.tools.clock())
                accept(session, self.shop.programme_id, guest.member_id, token, self.tools.clock())

    def part(self):
        if member := self.member(self.anybody()):
            with self.tools.writing() as session:
                leave_household(session, self.shop.programme_id, member.member_id, self.tools.clock())

    def leave(self):
        if member := self.member(self.anybody()):
            with self.tools.writing() as session:
                leave(session, member, self.tools.clock())

    def join(self):
        with self.tools.writing() as session:
            join(session, self.tools.sealer, (*self.here, self.anybody()), self.tools.clock())

    def forget(self):
        if not self.has_forgotten:
            self.has_forgotten = True
            self.apply(CustomerRedaction(*self.here, self.tools.clock(), self.anybody(), ()))

    @property
    def here(self):
        return self.shop.programme_id, self.shop.shop_id

    def apply(self, *facts):
        with self.tools.writing() as session:
            apply_facts(self.tools, session, facts, self.tools.clock())


def prove(tools, where):
    """Let the clock's own journey catch up, then ask for every promise."""
    for key in due_lots(tools, tools.clock(), 10):
        settle_lots(tools, key, tools.clock())
    with tools.reading() as session:
        assert verify(session) == [], where
        assert find_drift(session, tools.clock()) == [], where

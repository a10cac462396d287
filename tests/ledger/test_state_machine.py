"""A machine that does anything to a ledger in any order; after each step every promise holds and every account equals its replay.

Hypothesis looks for a story that breaks something and shrinks it to the shortest one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from plugin.errors import LaurelError
from plugin.facts import CustomersMerged, OrderSnapshot
from plugin.journeys.adjusting import Adjustment, adjust
from plugin.journeys.extending import Extending, extend
from plugin.journeys.merging import merge_customers
from tests.factories import Clock, Shopfront, cancelled, make_shop, make_tools, member_of, paid_order, refunded
from tests.simulators.benches import Bench, benched
from tests.simulators.lives import EXPIRIES, Settled, Wished, make_document
from tests.simulators.orders import OPENED
from tests.simulators.worlds import World

pytestmark = pytest.mark.slow

CUSTOMERS = st.sampled_from((7001, 7002, 7003))
HOURS = st.sampled_from((0, 1, 24, 24 * 4, 24 * 20))
POINTS = st.sampled_from((1, 30, 100))
PLACES = st.integers(0, 99)


class Ledger(RuleBasedStateMachine):
    """One shop, three customers, and everything that may happen to their points."""

    bench: Bench
    shops: list[Shopfront]

    @initialize(expiry=st.sampled_from(EXPIRIES), maturity_days=st.sampled_from((0, 2)))
    def open(self, expiry, maturity_days):
        self._copy = self.bench.fresh()
        database = self._copy.__enter__()
        document = make_document(random.Random(0))
        document["earning"] |= {"expiry": expiry, "maturity_days": maturity_days}
        self.clock = Clock(OPENED)
        self.shop = make_shop(make_tools(database, self.clock), document=document)
        self.world = World(database, self.shop, self.clock)
        self.states: list[OrderSnapshot] = []
        self.wishes: dict[Wished, str] = {}
        self.given_back: list[UUID] = []

    @rule(customer_id=CUSTOMERS, points=POINTS, hours=HOURS, is_late=st.booleans())
    def order(self, customer_id, points, hours, is_late):
        at = self.clock.now - timedelta(hours=hours)
        number = len(self.states) + 1
        state = paid_order(self.shop, number, customer_id, f"{points}.00", placed_at=at, updated_at=at)
        self.states.append(state)
        if not is_late:
            self.world.deliver([state])

    @rule(place=PLACES, how=st.sampled_from(("again", "refund", "cancel", "other customer")), customer_id=CUSTOMERS)
    def change(self, place, how, customer_id):
        if not self.states:
            return
        last = self.states[place % len(self.states)]
        since = max(self.clock.now - last.updated_at, timedelta(seconds=1))
        if how == "refund":
            last = refunded(last, "10.00", after=since)
        elif how == "cancel":
            last = cancelled(last, after=since)
        elif how == "other customer":
            heir = paid_order(self.shop, customer_id=customer_id).customer
            last = OrderSnapshot(**{**_fields(last), "customer": heir, "updated_at": last.updated_at + since})
        self.states[place % len(self.states)] = last
        self.world.deliver([last])

    @rule(customer_id=CUSTOMERS, share=st.sampled_from((10, 100)), number=st.uuids(version=4))
    def hold(self, customer_id, share, number):
        wish = Wished(self.clock.now, customer_id, number, share)
        self.world.wish(wish)
        if number in self.world.granted:
            self.wishes[wish] = "held"

    @rule(place=PLACES, is_released=st.booleans())
    def settle(self, place, is_released):
        if not self.wishes:
            return
        wish = list(self.wishes)[place % len(self.wishes)]
        was_held = self.wishes.pop(wish) == "held"
        how = "redeem_return" if not was_held else "redeem_release" if is_released else "redeem_capture"
        self.world.settle(Settled(self.clock.now, wish.redemption_id, how))
        if how == "redeem_capture":
            self.wishes[wish] = "captured"
        else:
            self.given_back.append(wish.redemption_id)

    @rule(place=PLACES)
    def use_a_code_after_all(self, place):
        if self.given_back:
            self.world.use_late(self.given_back[place % len(self.given_back)])

    @rule(hours=HOURS, is_back=st.booleans())
    def turn_the_clock(self, hours, is_back):
        self.clock.now += timedelta(seconds=-3) if is_back else timedelta(hours=hours)

    @rule(customer_id=CUSTOMERS, points=st.sampled_from((50, -50)), key=st.uuids(version=4))
    def change_by_hand(self, customer_id, points, key):
        wish = Adjustment(self._alias(customer_id), points, "other", str(key), "merchant", may_owe=True)
        self._try(lambda session: adjust(session, wish, self.clock.now))

    @rule(one=CUSTOMERS, other=CUSTOMERS)
    def merge(self, one, other):
        fact = CustomersMerged(self.shop.programme_id, self.shop.shop_id, one, other, self.clock.now)
        if one != other:
            self._try(lambda session: merge_customers(session, self.world.tools.sealer, fact, self.clock.now))

    @rule(customer_id=CUSTOMERS, is_restoring=st.booleans(), key=st.uuids(version=4))
    def give_more_time(self, customer_id, is_restoring, key):
        if self.world.account_of(customer_id) is None:
            return
        account_id = member_of(self.world.tools, self.shop, customer_id).account_id
        last_day = (self.clock.now + timedelta(days=30)).date()
        wish = Extending(self.shop.programme_id, account_id, last_day, "merchant", "sorry", str(key), is_restoring)
        self._try(lambda session: extend(session, wish, self.clock.now))

    @invariant()
    def every_promise_holds(self):
        if hasattr(self, "world"):
            now = self.clock.now
            self.clock.now = self._latest = max(now, getattr(self, "_latest", now))
            self.world.elapse()
            assert self.world.faults() == []
            self.clock.now = now

    def teardown(self):
        if hasattr(self, "_copy"):
            self._copy.__exit__(None, None, None)

    def _try(self, act):
        try:
            with self.world.tools.writing() as session:
                act(session)
        except LaurelError:
            pass

    def _alias(self, customer_id):
        return self.shop.programme_id, self.shop.shop_id, customer_id


def _fields(snapshot):
    return {name: getattr(snapshot, name) for name in OrderSnapshot.__dataclass_fields__}


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    del tmp_path
    with benched(lambda database: None, database_url) as bench:
        yield bench


def test_no_story_breaks_a_promise(bench):
    Ledger.bench = bench
    quick = settings(
        max_examples=12,
        stateful_step_count=18,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Ledger, settings=quick)

"""Orders converge: the same lives are told once in time and then shuffled, doubled, late and with gaps; all must end alike.

A world is one programme. Its order histories are told in time, and in three shuffles of three copies each. Besides, lives with
redemptions are told late and in time with the redemptions that both tellings grant. The dumps must be the same, byte for byte.
"""

from __future__ import annotations

import difflib
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from plugin.db import Database
from tests.dumps import dump
from tests.factories import Clock, Shopfront, make_shop, make_tools
from tests.simulators.benches import Bench
from tests.simulators.lives import Event, Manner, delayed, in_time, live, make_document
from tests.simulators.playing import Report, play_all, worlds_of
from tests.simulators.worlds import World, tell

OPENED = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
SHUFFLES = 3
HISTORIES = 200
WITH_WISHES = Manner(customers=3, orders=10, wishes=8, sweeps=6)


def play(bench: Bench, seed: int, count: int, kind: type[World] = World) -> Report:
    """Tell `count` order histories, a fifth of them with redemptions; each telling in a `World` of this kind."""
    dice, shops = random.Random(seed), list[Shopfront]()
    teller = Teller(Report(seed, worlds=1), seed, count, kind)
    with bench.branch(lambda database: furnish(shops, dice, database)) as begun:
        lives = count // 5 // WITH_WISHES.orders
        teller.tell_orders(begun, shops[0], dice, count - lives * WITH_WISHES.orders)
        for _ in range(lives):
            teller.tell_with_wishes(begun, shops[0], dice)
    return teller.report


def run(seed: int, count: int, url: str | None = None, *, kind: type[World] = World) -> Report:
    """Tell lives until `count` order histories were told."""
    return play_all(partial(play, kind=kind), worlds_of(seed, count, HISTORIES), Report(seed), url)


def furnish(shops: list[Shopfront], dice: random.Random, database: Database) -> None:
    """Put one shop into the database that every telling begins with."""
    tools = make_tools(database, Clock(OPENED))
    shops.append(make_shop(tools, document=make_document(dice)))


@dataclass
class _Telling:
    text: str
    granted: dict[UUID, int]


@dataclass
class Teller:
    """Tells the same lives more than once and compares how they end."""

    report: Report
    seed: int
    count: int
    kind: type[World]

    def tell_orders(self, bench: Bench, shop: Shopfront, dice: random.Random, orders: int) -> None:
        """Tell orders alone: in time, then in shuffles that the dice make."""
        events = live(shop, dice, Manner(max(orders // 5, 1), orders, 0, sweeps=10))
        straight = self._told(bench, shop, in_time(events), None)
        for number in range(SHUFFLES):
            shuffled = self._told(bench, shop, delayed(events, dice), None, dice)
            self.compare(f"shuffle {number}", straight.text, shuffled.text)
        self.report.sums["histories"] += orders

    def tell_with_wishes(self, bench: Bench, shop: Shopfront, dice: random.Random) -> None:
        """Tell late first: what the late telling grants is what both tell; what either refuses both leave out."""
        events = live(shop, dice, WITH_WISHES)
        late_comings = delayed(events, dice)
        granted = self._told(bench, shop, late_comings, None).granted
        while True:
            straight = self._told(bench, shop, in_time(events), granted)
            late = self._told(bench, shop, late_comings, straight.granted)
            if straight.granted == late.granted:
                break
            granted = late.granted
        self.report.sums["redemptions"] += len(granted)
        self.report.sums["histories"] += WITH_WISHES.orders
        self.compare("late with redemptions", straight.text, late.text)

    def _told(
        self,
        bench: Bench,
        shop: Shopfront,
        comings: list[tuple[datetime, Event]],
        granted: dict[UUID, int] | None,
        batches: random.Random | None = None,
    ) -> _Telling:
        with bench.fresh() as database:
            world = self.kind(database, shop, Clock(OPENED))
            tell(world, comings, granted, batches)
            self.report.sums["deliveries"] += world.ends["delivered"]
            self.report.ends += world.ends
            self.report.violations += [f"{self._name}: {fault}" for fault in world.faults()]
            return _Telling(dump(world.tools), world.granted)

    def compare(self, what: str, one: str, other: str) -> None:
        """Name what two dumps differ in."""
        self.report.sums["dumps compared"] += 1
        if one != other:
            lines = list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=8))
            self.report.violations.append(f"{self._name}, {what}: {len(lines)} lines differ\n" + "\n".join(lines[:60]))

    @property
    def _name(self) -> str:
        return f"world {self.seed} of {self.count}"

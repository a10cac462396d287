"""Orders converge: the same lives are told once in time and then shuffled, doubled, late and with gaps; all must end alike.

`run(seed, count)` tells about `count` order histories: in time, and in three shuffles of three copies each. Besides, lives with
redemptions are told late and in time with the redemptions that both tellings grant.
"""

from __future__ import annotations

import difflib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from plugin.db import Database
from tests.dumps import dump
from tests.factories import Clock, Shopfront, make_shop, make_tools
from tests.simulators.benches import Bench, benched
from tests.simulators.lives import Event, Manner, delayed, in_time, live, make_document
from tests.simulators.worlds import World, tell

OPENED = datetime(2026, 9, 30, 10, 0, tzinfo=UTC)
SHUFFLES = 3
ORDERS_ALONE = Manner(customers=10, orders=50, wishes=0, sweeps=10)
WITH_WISHES = Manner(customers=3, orders=10, wishes=8, sweeps=6)


@dataclass
class Report:
    """What was told, and every promise broken."""

    seed: int
    world: type[World] = World
    histories: int = 0
    deliveries: int = 0
    redemptions: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.histories} order histories, {self.deliveries} deliveries, {self.redemptions} redemptions"
        return "\n".join([f"seed {self.seed}: {told}, violations: {len(self.violations)}", *self.violations[:10]])


def run(seed: int, count: int, url: str | None = None, *, world: type[World] = World) -> Report:
    """Tell lives until `count` order histories were told; each in a `world` of this kind."""
    report = Report(seed, world)
    place = 0
    while report.histories < count:
        life_seed = seed * 1_000_000 + place
        place += 1
        if place % 3:
            _tell_orders(report, life_seed, min(ORDERS_ALONE.orders, count - report.histories), url)
        else:
            _tell_with_wishes(report, life_seed, url)
    return report


def furnish(shops: list[Shopfront], dice: random.Random, database: Database) -> None:
    """Put one shop into the database that every telling begins with."""
    tools = make_tools(database, Clock(OPENED))
    shops.append(make_shop(tools, document=make_document(dice)))


def _tell_orders(report: Report, seed: int, orders: int, url: str | None) -> None:
    dice, shops = random.Random(seed), list[Shopfront]()
    with benched(lambda database: furnish(shops, dice, database), url) as bench:
        manner = Manner(ORDERS_ALONE.customers, orders, 0, ORDERS_ALONE.sweeps)
        events = live(shops[0], dice, manner)
        straight = _told(report, bench, shops[0], in_time(events), None)
        for number in range(SHUFFLES):
            shuffled = _told(report, bench, shops[0], delayed(events, dice), None, dice)
            compare(report, f"seed {seed}, shuffle {number}", straight.text, shuffled.text)
        report.histories += orders


def _tell_with_wishes(report: Report, seed: int, url: str | None) -> None:
    """Tell late first: what the late telling grants is what both tell; what either refuses both leave out."""
    dice, shops = random.Random(seed), list[Shopfront]()
    with benched(lambda database: furnish(shops, dice, database), url) as bench:
        events = live(shops[0], dice, WITH_WISHES)
        late_comings = delayed(events, dice)
        granted = _told(report, bench, shops[0], late_comings, None).granted
        while True:
            straight = _told(report, bench, shops[0], in_time(events), granted)
            late = _told(report, bench, shops[0], late_comings, straight.granted)
            if straight.granted == late.granted:
                break
            granted = late.granted
        report.redemptions += len(granted)
        report.histories += WITH_WISHES.orders
        compare(report, f"seed {seed}, late with redemptions", straight.text, late.text)


@dataclass
class _Telling:
    text: str
    granted: dict[UUID, int]


def _told(
    report: Report,
    bench: Bench,
    shop: Shopfront,
    comings: list[tuple[datetime, Event]],
    granted: dict[UUID, int] | None,
    batches: random.Random | None = None,
) -> _Telling:
    with bench.fresh() as database:
        world = report.world(database, shop, Clock(OPENED))
        tell(world, comings, granted, batches)
        report.deliveries += world.ends["delivered"]
        report.violations += [f"seed {report.seed}: {fault}" for fault in world.faults()]
        return _Telling(dump(world.tools), world.granted)


def compare(report: Report, what: str, one: str, other: str) -> None:
    """Name what two dumps differ in."""
    if one != other:
        lines = list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=8))
        report.violations.append(f"{what}: {len(lines)} lines differ\n" + "\n".join(lines[:60]))

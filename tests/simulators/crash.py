"""kill -9 at any moment: the product runs in processes of its own, which are killed and started again while a shop goes on.

`run(seed, count)` kills at every named point once and then at random moments until `count` kills were made. On SQLite one process
does everything; on Postgres also one answers and two work. In the end all that was answered must be there, once, and the orders
must have come to what they come to undisturbed.
"""

from __future__ import annotations

import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.process import BaseProcess

from plugin.db import Database
from plugin.devstore.adapter import session_for
from plugin.journeys.proving import verify
from tests.factories import Clock, Shopfront, make_tools
from tests.simulators.benches import Bench, benched
from tests.simulators.crash_points import POINTS
from tests.simulators.crash_product import Life, Time, give_birth
from tests.simulators.crash_proof import FINAL, faults_of, settle_all, told_undisturbed
from tests.simulators.crash_shopify import Courier, Shopify, serving
from tests.simulators.crash_story import Story, furnish
from tests.simulators.lives import END
from tests.simulators.worlds import World

ROUND = 50
"""Kills between two proofs."""
MEET_SECONDS, PROGRESS_SECONDS, END_SECONDS = 40, 5, 60
LOST_AT_POINTS = 0.4
EVERYTHING, ANSWERING, WORKING = (True, True), (True, False), (False, True)


@dataclass
class Report:
    """What was killed, what went on meanwhile, and every promise broken."""

    seed: int
    kills: int = 0
    turns: int = 0
    points: list[str] = field(default_factory=list)
    webhooks: int = 0
    tries: int = 0
    redemptions: Counter[str] = field(default_factory=Counter)
    gifts: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.webhooks} webhooks, {sum(self.redemptions.values())} clicks {dict(sorted(self.redemptions.items()))}"
        lines = [
            f"seed {self.seed}: {self.kills} processes killed in {self.turns} turns, {len(self.points)} at named points",
            f"{told}, {self.gifts} gifts; {self.tries} requests until all were answered",
            f"violations: {len(self.violations)}",
        ]
        return "\n".join(lines + self.violations[:10])


@dataclass
class Turn:
    """Processes with one door, one Shopify, one time; who is alive."""

    url: str
    door: socket.socket
    shopify_port: int
    clock: Time
    is_hasty: bool = False
    alive: dict[int, BaseProcess] = field(default_factory=dict)

    def now(self) -> datetime:
        """The product's time."""
        return self.clock()

    def start(self, roles: Sequence[tuple[bool, bool]], dies_at: str | None = None) -> None:
        """Start whoever of these is not alive."""
        for place, (listens, works) in enumerate(roles):
            if place not in self.alive:
                life = Life(self.url, self.shopify_port, self.clock, listens, works, dies_at, self.is_hasty)
                self.alive[place] = give_birth(life, self.door)

    def kill(self, *places: int) -> None:
        """kill -9."""
        for place in places:
            process = self.alive.pop(place)
            process.kill()
            process.join()
            process.close()

    def sleep(self, minutes: float) -> None:
        """Let time pass while nobody is alive."""
        at = self.clock().timestamp() + minutes * 60
        self.clock = Time(datetime.fromtimestamp(at, END.tzinfo), time.time())


def run(seed: int, count: int, url: str | None = None) -> Report:
    """Meet every named point, then kill at random until `count` kills were made."""
    report, shops = Report(seed), list[Shopfront]()
    with benched(lambda database: furnish(database, shops), url, is_durable=True) as bench:
        play(report, bench, shops[0], list(POINTS)[:count])
        while report.kills < count and not report.violations:
            play(report, bench, shops[0], [None] * min(ROUND, count - report.kills))
    return report


def play(
    report: Report, bench: Bench, shop: Shopfront, deaths: Sequence[str | None], *, is_hasty: bool = False
) -> None:
    """One story on one database: die as said (None is a random moment), come back, and prove everything in the end."""
    dice = random.Random(f"{report.seed} {report.kills} {is_hasty}")
    shopify = Shopify(random.Random(dice.random()))
    with bench.fresh() as database, serving(shopify) as shopify_port, socket.create_server(("127.0.0.1", 0)) as door:
        url = database.url.render_as_string(hide_password=False)
        turn = Turn(url, door, shopify_port, Time(END, time.time()), is_hasty)
        courier = Courier(door.getsockname()[1], random.Random(dice.random()))
        story = Story(shop, dice, turn.now, courier, len(deaths), None not in deaths, 1 if is_hasty else 3)
        roles = [EVERYTHING]
        if not database.is_sqlite and None in deaths and dice.random() < 0.5:
            roles = [ANSWERING, WORKING, WORKING]
        for death in deaths:
            story.next_slice()
            if death is None:
                report.kills += _kill_somebody(turn, roles, dice, courier)
            else:
                shopify.lost_share = LOST_AT_POINTS
                report.violations += _meet(turn, death)
                report.points.append(death)
                report.kills += 1
            report.turns += 1
            if not turn.alive and report.turns % 10 == 0:
                report.violations += [f"after {report.kills} kills: {one}" for one in _verified(database)]
        shopify.lost_share = 0.0
        turn.start(roles)
        while courier.has_gone_on(END_SECONDS) and courier.left():
            pass
        courier.stop()
        turn.kill(*list(turn.alive))
        if left := courier.left():
            report.violations.append(f"never answered: {left}")
            return
        clock = Clock(turn.clock())
        world = World(database, shop, clock)
        tools = make_tools(database, clock, session_for(shopify_port))
        report.violations += settle_all(tools, clock)
        clock.now = FINAL
        world.elapse()
        with bench.fresh() as other:
            control, faults = told_undisturbed(other, story)
        report.violations += [*faults, *faults_of(world, story, shopify.desk, control)]
        _count(report, courier)
        sys.stderr.write(f"{report}\n")


def _kill_somebody(turn: Turn, roles: Sequence[tuple[bool, bool]], dice: random.Random, courier: Courier) -> int:
    """Let them live for a moment, then kill some of them, most while they work, some while they start; tell how many."""
    if not turn.alive and dice.random() < 0.3:
        turn.sleep(minutes=dice.choice((1, 20, 70)))
    turn.start(roles)
    if dice.random() < 0.75:
        courier.has_gone_on(PROGRESS_SECONDS)
    next(iter(turn.alive.values())).join(dice.random() * 0.4)
    doomed = dice.sample(range(len(roles)), dice.randint(1, len(roles)))
    turn.kill(*doomed)
    return len(doomed)


def _meet(turn: Turn, point: str) -> list[str]:
    """Live until the point is met; that an hour passed before lets leases end and sweeps be due."""
    turn.sleep(minutes=70)
    turn.start([EVERYTHING], POINTS.get(point, point))
    process = turn.alive[0]
    process.join(MEET_SECONDS)
    has_died = process.exitcode is not None
    turn.kill(0)
    return [] if has_died else [f"never met: {point}"]


def _verified(database: Database) -> list[str]:
    with database.reading() as session:
        return [str(one) for one in verify(session)]


def _count(report: Report, courier: Courier) -> None:
    for one in courier.done:
        report.tries += one.tries
        report.webhooks += one.name == "webhook"
        report.gifts += one.name.startswith("gift")
        if one.name.startswith("wish") and one.answer:
            report.redemptions[str(one.answer[0])] += 1

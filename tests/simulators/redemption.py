"""Redemptions in bad weather: lost, late, doubled and refused answers, throttling, deaths of the process, dead tokens, shops that leave.

`run(seed, count)` plays a seeded story and returns what was broken, which must be nothing:
no code works that was not paid for, no points are gone without a code, nothing is held for ever.

    python -m tests.simulators.redemption --count 2000 --seed 7 [--url postgresql://…]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import requests
from sqlalchemy import select

from plugin.db import Database
from plugin.errors import Conflict, NotAllowed
from plugin.facts import OrderSnapshot
from plugin.journeys.proving import verify
from plugin.journeys.publishing import due_balances, settle_balances
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.journeys.taking_back import take_back
from plugin.migrations import upgrade
from plugin.rewards import Redemption, Wish
from plugin.rewards.redemptions import find_redemption
from plugin.rewards.tables import redemption
from plugin.shops.store import get_shop, mark_swept, reinstall_shop, uninstall_shop
from plugin.shops.tokens import drop_tokens
from tests.factories import credit_now, make_member, make_shop, make_tools, paid_order
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.simulators.weather import Died, MortalClock, StormyWay

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MEMBERS = 12
STORM, DEADLY = 0.35, 0.01
REWARDS = ("five_off", "ten_off")


@dataclass
class Report:
    """What happened: calls by fate, redemptions by end, and every promise broken."""

    seed: int
    wishes: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.wishes} redemptions", f"calls: {dict(sorted(self.fates.items()))}"]
        lines += [f"ends: {dict(sorted(self.ends.items()))}", f"violations: {len(self.violations)}"]
        return "\n".join(lines + self.violations[:10])


class Story:
    """One shop, its members, and Shopify's side of both."""

    def __init__(self, database: Database, seed: int) -> None:
        self.luck = random.Random(seed)
        self.clock = MortalClock(START, self.luck)
        self.desk = DiscountDesk()
        self.way = StormyWay(self.desk, self.luck, self.clock)
        http = requests.Session()
        http.mount("https://", self.way)
        self.tools = make_tools(database, self.clock, http)  # type: ignore[arg-type]  # a clock is what can be asked
        self.shop = make_shop(self.tools, domain=f"storm-{seed}.myshopify.com")
        connect(self.tools, self.shop)
        self.members = [make_member(self.tools, self.shop, 7000 + one, points=3_000) for one in range(MEMBERS)]
        self.wishes: list[Wish] = []
        self.made: dict[UUID, Redemption] = {}
        self.unseen: list[OrderSnapshot] = []
        self.used: set[str] = set()
        self.orders = 0
        self.report = Report(seed)

    def step(self) -> None:
        """Let one thing happen, whatever the weather; a death ends it there."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.wish, 8),
            (self.wish_again, 3),
            (self.earn, 2),
            (self.use, 2),
            (self.hand_back, 2),
            (self.pass_time, 5),
            (self.sweep, 1),
            (self.disturb_shop, 1),
        )
        act = self.luck.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        try:
            act()
        except Died:
            self.report.fates["died somewhere"] += 1
        except (Conflict, NotAllowed) as refusal:
            self.report.ends[f"refused: {refusal.code}"] += 1

    def wish(self) -> None:
        number = self.luck.randrange(MEMBERS)
        wish = Wish(
            self.shop.programme_id,
            self.shop.shop_id,
            self.members[number].member_id,
            7000 + number,
            f"wish-{len(self.wishes):07}",
            self.luck.choice(REWARDS),
        )
        self.wishes.append(wish)
        self._redeem(wish)

    def wish_again(self) -> None:
        if self.wishes:
            self._redeem(self.luck.choice(self.wishes[-40:]))

    def earn(self) -> None:
        number = self.luck.randrange(MEMBERS)
        self._order(7000 + number, amount=str(self.luck.randrange(200, 3_000)))

    def use(self) -> None:
        """Somebody pays with a code they were shown; the webhook may be missed, then only the sweep brings the order."""
        ready = [one for one in self.made.values() if self._works(one)]
        if ready:
            one = self.luck.choice(ready)
            self.used.add(one.code)
            typed = one.code.lower() if self.luck.random() < 0.3 else one.code
            self._order(one.customer_id, amount="40", discount_codes=(typed,))

    def hand_back(self) -> None:
        """Somebody hands a code back; at times the one they just paid with."""
        recent = list(self.made.values())[-40:]
        paid_with = [one for one in recent if one.code in self.used]
        if one := self.luck.choice([None, *(paid_with if self.luck.random() < 0.3 else recent)]):
            take_back(self.tools, one.programme_id, one.member_id, one.redemption_id)

    def pass_time(self) -> None:
        self.clock.advance(seconds=self.luck.choice((1, 5, 30, 120, 600, 3_600)))
        self.way.arrive()
        for key in due_redemptions(self.tools, self.clock.now, 50):
            settle_redemption(self.tools, key, self.clock.now)
        for key in due_balances(self.tools, self.clock.now, 50):
            settle_balances(self.tools, key, self.clock.now)

    def sweep(self) -> None:
        """What the hourly sweep does: every order placed until now is seen, then the mark moves."""
        until, missed = self.clock.now, list(self.unseen)
        if missed:
            credit_now(self.tools, *missed)
        self.unseen.clear()
        with self.tools.writing() as session:
            mark_swept(session, get_shop(session, self.shop.shop_id), until)

    def disturb_shop(self) -> None:
        """The shop leaves or returns, its token dies or is renewed, or it has no room for more discounts for a while."""
        with self.tools.writing() as session:
            shop = get_shop(session, self.shop.shop_id)
            if not shop.is_installed:
                reinstall_shop(session, shop, self.clock.now)
            elif self.luck.random() < 0.3:
                uninstall_shop(session, shop, self.clock.now)
            elif self.luck.random() < 0.5:
                drop_tokens(session, shop)
            else:
                self.way.full_until = self.clock.now + timedelta(minutes=self.luck.choice((5, 30, 120)))
        if self.luck.random() < 0.8:
            connect(self.tools, self.shop)

    def calm_down(self) -> None:
        """The weather clears, the shop is back: everything must come to an end by itself."""
        self.way.storm = self.clock.deadly = 0.0
        self.way.full_until = self.clock.now
        with self.tools.writing() as session:
            if not (shop := get_shop(session, self.shop.shop_id)).is_installed:
                reinstall_shop(session, shop, self.clock.now)
        connect(self.tools, self.shop)
        for _ in range(60):
            self.clock.advance(minutes=30)
            self.pass_time()
            self.sweep()

    def judge(self) -> Report:
        """Compare our books with Shopify's."""
        with self.tools.reading() as session:
            self.report.violations += [f"books: {one}" for one in verify(session)]
            ids = session.execute(select(redemption.c.programme_id, redemption.c.id)).all()
            every = [one for key in ids if (one := find_redemption(session, *key))]
        self.report.fates = self.way.seen + self.report.fates
        self.report.wishes = len(every)
        self.report.ends.update(one.standing for one in every)
        self.report.violations += _free_codes(self.desk, self.way, every) + _lost_points(self.desk, every, self.used)
        return self.report

    def _redeem(self, wish: Wish) -> None:
        one = redeem(self.tools, wish)
        self.made[one.redemption_id] = one
        if one.shown_code and self.desk.codes_of(one.code) != ["ACTIVE"]:
            self.report.violations.append(f"{one.redemption_id}: shown a code that does not work")

    def _works(self, one: Redemption) -> bool:
        return bool(one.shown_code) and one.code not in self.used and self.desk.codes_of(one.code) == ["ACTIVE"]

    def _order(self, customer_id: int, *, amount: str, discount_codes: tuple[str, ...] = ()) -> None:
        self.orders += 1
        order = paid_order(self.shop, order_id=self.orders, customer_id=customer_id, amount=amount)
        at = self.clock.now
        order = replace(order, placed_at=at, updated_at=at, discount_codes=discount_codes)
        self.unseen.append(order)
        if self.luck.random() < 0.7:
            credit_now(self.tools, order)


def _free_codes(desk: DiscountDesk, way: StormyWay, every: list[Redemption]) -> list[str]:
    paid = {one.discount_gid for one in every if one.standing in {"ready", "used"} and one.state == "captured"}
    free = [one.title for one in desk.discounts.values() if one.status == "ACTIVE" and one.gid not in paid]
    released = {one.code: one.settled_at or START for one in every if one.state == "released"}
    early = [
        one.title
        for one in desk.discounts.values()
        if one.code in released and way.made_at[one.gid] < released[one.code]
    ]
    return [f"free code: {title}" for title in free] + [f"points back although it existed: {title}" for title in early]


def _lost_points(desk: DiscountDesk, every: list[Redemption], used: set[str]) -> list[str]:
    faults = [f"{one.redemption_id}: held for ever" for one in every if one.state == "held"]
    for one in every:
        if one.state == "captured" and (one.discount_gid not in desk.discounts or desk.codes_of(one.code) == []):
            faults.append(f"{one.redemption_id}: paid for a code that is not there")
        if one.standing == "returning":
            faults.append(f"{one.redemption_id}: handed back, ended, and still not returned")
        if one.code in used and (one.standing != "used" or one.state != "captured"):
            faults.append(f"{one.redemption_id}: used, yet {one.standing} and {one.state}")
    return faults


def play(database: Database, seed: int, count: int) -> Report:
    """Play one story of about `count` redemptions on a migrated database."""
    story = Story(database, seed)
    story.way.storm, story.clock.deadly = STORM, DEADLY
    while len(story.made) < count:
        story.step()
    story.calm_down()
    return story.judge()


def run(seed: int, count: int, url: str | None = None) -> Report:
    """Play on the database named, else on a fresh SQLite file, in memory where the machine has a place for that."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="laurel-storm-", dir=memory if memory.is_dir() else None) as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'storm.db'}")
        try:
            upgrade(database)
            return play(database, seed, count)
        finally:
            database.dispose()


def main() -> int:
    """Play from the command line; exit 1 on any violation."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--url")
    given = asked.parse_args()
    report = run(given.seed, given.count, given.url)
    sys.stdout.write(f"{report}\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())

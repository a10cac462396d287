"""What must hold after any number of kills: nothing lost, nothing doubled, the same as if nobody had died."""

from __future__ import annotations

import difflib
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from plugin.db import Database
from plugin.engine import Engine
from plugin.inbox.tables import delivery
from plugin.journeys.tools import Tools
from plugin.ledger.tables import account, posting
from plugin.members.tables import alias, member
from plugin.orders.tables import order_target
from plugin.rewards.tables import redemption
from plugin.wiring import drain_once, job_kinds
from tests.dumps import dump
from tests.factories import Clock
from tests.journeys.discount_desk import DiscountDesk
from tests.simulators.crash_story import GIFT, OLD_FROM, PAIRS_FROM, PAIRS_HAVE, SPENDERS, Story
from tests.simulators.door import DoorWorld
from tests.simulators.lives import END, in_time
from tests.simulators.worlds import World, tell

FINAL = END + timedelta(days=12)
"""When the books are compared; all that was left open is settled long before."""
_ROUNDS_MAX = 60


def settle_all(tools: Tools, clock: Clock) -> Iterator[str]:
    """Work through all that is left, as the lanes would; time passes in between. Names what never ended."""
    for _ in range(_ROUNDS_MAX):
        while drain_once(tools):
            pass
        settled = Engine(job_kinds(tools), clock).run_due(clock.now)
        clock.advance(minutes=20)
        if not _open(tools) and not any(done for kind, (done, _) in settled.items() if kind not in {"sweep", "token"}):
            return
    yield f"after {_ROUNDS_MAX} rounds there was still something to do: {_open(tools)}"


def _open(tools: Tools) -> list[Any]:
    with tools.reading() as session:
        waiting = session.scalars(select(delivery.c.topic).where(delivery.c.state == "waiting")).all()
        leaving = redemption.c.take_back_at.is_not(None) & (redemption.c.state == "captured")
        held = session.scalars(select(redemption.c.wish_id).where((redemption.c.state == "held") | leaving)).all()
    return [*waiting, *held]


def faults_of(world: World, story: Story, desk: DiscountDesk, control: str) -> Iterator[str]:
    """Name everything that was lost or doubled."""
    yield from world.faults()
    yield from _deliveries(world.tools, story)
    yield from _codes(world.tools, story, desk)
    yield from _points(world.tools, story, desk)
    mine = of_buyers(dump(world.tools))
    if mine != control:
        differing = difflib.unified_diff(
            control.splitlines(), mine.splitlines(), "undisturbed", "killed", lineterm="", n=6
        )
        yield "orders ended otherwise than undisturbed\n" + "\n".join(list(differing)[:60])


def _deliveries(tools: Tools, story: Story) -> Iterator[str]:
    """Every delivery that was answered is worked through."""
    with tools.reading() as session:
        rows = session.execute(select(delivery.c.topic, delivery.c.event_id, delivery.c.state)).all()
    states = {(row.topic, row.event_id): row.state for row in rows}
    for sent in story.sent:
        if states.get(sent) != "done":
            yield f"{sent} was answered and is {states.get(sent, 'gone')}"
    yield from (f"{row.topic} {row.event_id} is {row.state}" for row in rows if row.state != "done")


def _codes(tools: Tools, story: Story, desk: DiscountDesk) -> Iterator[str]:
    """A code for each redemption that was paid for, ended where its points came back, and no other code."""
    with tools.reading() as session:
        rows = {row.wish_id: row for row in session.execute(select(redemption))}
    due = {row.code: "ACTIVE" if row.state == "captured" else "EXPIRED" for row in rows.values() if row.discount_gid}
    if due != desk.codes or len(desk.discounts) != len(due):
        yield f"codes at Shopify: {desk.codes.items() ^ due.items()}"
    yield from (f"{row.wish_id} is {row.state}" for row in rows.values() if row.state not in {"captured", "taken_back"})
    for errand in story.courier.done:
        wish_id, answer = errand.name.removeprefix("wish "), errand.answer
        if errand.name.startswith("wish ") and answer and answer[0] in {201, 202}:
            row = rows.get(wish_id)
            if row is None or (answer[0] == 201 and row.code != answer[1]["code"]):
                yield f"{wish_id} was answered {answer} and is {row}"


def _points(tools: Tools, story: Story, desk: DiscountDesk) -> Iterator[str]:
    """What each account holds is what its orders and gifts gave less what its codes cost; Shopify shows the same."""
    expected: Counter[Any] = Counter()
    with tools.reading() as session:
        ours = select(alias.c.customer_id, member.c.account_id).join(member, member.c.id == alias.c.member_id)
        owners = {row.customer_id: row.account_id for row in session.execute(ours)}
        for row in session.execute(select(order_target)):
            expected[row.account_id] += row.points
        for row in session.execute(select(redemption).where(redemption.c.state == "captured")):
            expected[row.account_id] -= row.points
        for customer_id in story.gifts.values():
            expected[owners[customer_id]] += GIFT
        accounts = {row.id: row for row in session.execute(select(account))}
        yield from _gifts(session, story)
    for account_id, row in accounts.items():
        if row.available + row.debt != expected[account_id] or row.held or row.pending:
            yield f"account {account_id}: {row} instead of {expected[account_id]}"
    for kept_id in story.pairs:
        mine, other = owners.get(kept_id), owners.get(kept_id + 1)
        has = accounts[mine].available if mine else 0
        if mine != other or has != PAIRS_HAVE:
            yield f"customers {kept_id} and {kept_id + 1} were merged and have {has} instead of {PAIRS_HAVE}"
    for customer_id, account_id in owners.items():
        shown = desk.balances.get(f"gid://shopify/Customer/{customer_id}")
        if shown != accounts[account_id].available and (shown or accounts[account_id].available):
            yield f"customer {customer_id} is shown {shown} and has {accounts[account_id].available}"


def _gifts(session: Any, story: Story) -> Iterator[str]:
    given = session.scalars(select(posting.c.reference).where(posting.c.reason == "adjustment")).all()
    if Counter(given) != Counter(f"adjustment:{key}" for key in story.gifts):
        yield f"gifts: {given}"


def told_undisturbed(database: Database, story: Story) -> tuple[str, list[str]]:
    """Tell the same orders in time, in one process that nobody kills; give what they come to, and what is wrong with it."""
    world = DoorWorld(database, story.shop, Clock(END))
    tell(world, in_time(story.events), batches=random.Random(0))
    world.clock.now = FINAL
    world.elapse()
    return of_buyers(dump(world.tools)), [f"undisturbed: {one}" for one in world.faults()]


def of_buyers(text: str) -> str:
    """Leave out of a dump whoever is not in both tellings: spenders, the merged, those of long ago."""
    told = json.loads(text)
    return json.dumps(
        {
            "accounts": [row for row in told["accounts"] if _is_buyer(row[0])],
            "lots": [row for row in told["lots"] if _is_buyer(row[0])],
            "orders": [row for row in told["orders"] if row[0] < OLD_FROM],
            "targets": [row for row in told["targets"] if _is_buyer(row[1])],
        },
        indent=1,
    )


def _is_buyer(customer_id: int | None) -> bool:
    return customer_id is None or customer_id < min(SPENDERS.start, PAIRS_FROM)

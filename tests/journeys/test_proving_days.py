"""The daily proof: made once a day, resumable, and whatever somebody changed past our journeys is reported, never repaired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from plugin.engine import Engine
from plugin.facts import CustomerRedaction
from plugin.facts.proofs import Proof
from plugin.journeys import proving_days
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.proving_days import due_proofs, proof_day, prove_whole, settle_proof
from plugin.journeys.tools import Tools
from plugin.ledger.proofs import get_proof, proof
from plugin.wiring import job_kinds
from tests.factories import (
    CUSTOMER,
    Clock,
    Shopfront,
    balance_of,
    credit_now,
    make_member,
    make_shop,
    member_of,
    paid_order,
    refunded,
)
from tests.journeys.shop_floor import Floor

ZONE = "Europe/Sofia"


def prove(tools: Tools, shop: Shopfront) -> Proof:
    """Let the slow lane make what is due, and read today's proof."""
    engine = Engine([kind for kind in job_kinds(tools) if kind.name == "proof"], tools.clock)
    while engine.sweep("proof", tools.clock()) != (0, 0):
        pass
    with tools.reading() as session:
        return get_proof(session, shop.programme_id, proof_day(tools.clock(), ZONE))


def tamper(tools: Tools, *statements: str) -> None:
    """Change rows as somebody with the keys to the database could."""
    with tools.writing() as session:
        for statement in statements:
            session.execute(text(statement))


def hold(tools: Tools) -> None:
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def test_sound_books_are_proved_once_a_day(tools: Tools, shop: Shopfront, clock: Clock):
    for customer_id in (7001, 7002, 7003):
        make_member(tools, shop, customer_id, points=10)
    first = prove(tools, shop)
    assert (first.accounts, first.orders, first.entries, first.differences) == (3, 3, 3, 0)
    assert first.is_sound
    assert due_proofs(tools, clock.advance(hours=5), 10) == [], "proved already"
    clock.now = clock.now.replace(hour=0, minute=59) + timedelta(days=1)  # 2:59 in Sofia
    assert due_proofs(tools, clock.now, 10) == []
    assert due_proofs(tools, clock.advance(minutes=1), 10) == [str(shop.programme_id)]
    second = prove(tools, shop)
    assert (second.day - first.day, second.is_sound) == (timedelta(days=1), True)
    assert (second.accounts, second.orders) == (3, 3), "each once, whether touched lately or in its turn"
    hold(tools)


def test_each_programme_has_a_proof_of_its_own(tools: Tools, shop: Shopfront):
    other = make_shop(tools, "laurel-other.myshopify.com")
    make_member(tools, shop, points=10)
    credit_now(tools, paid_order(other, order_id=9001))
    tamper(tools, "UPDATE order_target SET points = points + 1 WHERE order_id = 9001")
    assert prove(tools, shop).is_sound
    assert [one["number"] for one in prove(tools, other).details] == [8, 8]


# what is changed behind our back → the kinds of difference that must be reported
SPOILERS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "a balance": (("UPDATE account SET available = available + 1",), {"promise", "account"}),
    "a balance with its lot": (
        (
            "UPDATE account SET available = available + 1",
            "UPDATE lot SET available = available + 1, granted = granted + 1",
        ),
        {"promise", "account"},
    ),
    "an order's newest state": (
        ("""UPDATE order_state SET snapshot = REPLACE(snapshot, '"25.50"', '"99.50"')""",),
        {"order", "account"},
    ),
    "why an order gives nothing": (("UPDATE order_state SET why_nothing = 'guest'",), {"order", "account"}),
}


@pytest.mark.parametrize("spoiler", SPOILERS)
@pytest.mark.parametrize("is_second_day", [False, True])
def test_what_was_changed_past_us_is_reported_and_stays(
    tools: Tools, shop: Shopfront, clock: Clock, spoiler: str, is_second_day: bool
):
    credit_now(tools, paid_order(shop))
    if is_second_day:
        assert prove(tools, shop).is_sound
        clock.advance(days=1)
    statements, kinds = SPOILERS[spoiler]
    tamper(tools, *statements)
    before = balance_of(tools, shop)
    found = prove(tools, shop)
    assert {one["kind"] for one in found.details} == kinds
    assert found.differences == len(found.details)
    assert not found.is_sound
    assert balance_of(tools, shop) == before, "nothing is repaired silently"
    drifted = [one for one in found.details if one["kind"] == "account"]
    assert [one["account_id"] for one in drifted] == [str(member_of(tools, shop).account_id)]


def test_an_entry_changed_behind_the_guards_is_reported(tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    guard = "entry_no_update" if tools.database.is_sqlite else "entry_append_only ON entry"
    tamper(tools, f"DROP TRIGGER {guard}", "UPDATE entry SET points = points + 5")
    found = prove(tools, shop)
    assert {one["number"] for one in found.details if one["kind"] == "promise"} >= {1, 4, 8, 12}
    assert {
        "kind": "order",
        "shop_id": str(shop.shop_id),
        "order_id": 5001,
        "booked": 30,
        "expected": 25,
    } in found.details


def test_a_proof_that_was_stopped_goes_on_where_it_was(tools: Tools, shop: Shopfront, clock: Clock, small_slices: None):
    for customer_id in range(7001, 7006):
        make_member(tools, shop, customer_id, points=10)
    states, key = [], str(shop.programme_id)
    for _ in range(20):  # a process that dies after each step
        settle_proof(tools, key, clock.now)
        with tools.reading() as session:
            states.append(get_proof(session, shop.programme_id, proof_day(clock.now, ZONE)))
    steps = [one.step for one in states]
    assert steps == sorted(steps)
    done = states[-1]
    assert (done.accounts, done.orders, done.differences, done.stage) == (5, 5, 0, "done")
    assert len({one.stage for one in states}) > 2
    assert [one.started_at for one in states] == [clock.now] * 20
    hold(tools)


def test_a_slice_done_twice_counts_once(tools: Tools, shop: Shopfront, clock: Clock, small_slices: None):
    """Two workers may take up the same proof; who comes second with a slice lets go."""
    make_member(tools, shop, points=10)
    key = str(shop.programme_id)
    settle_proof(tools, key, clock.now)
    with tools.reading() as session:
        behind = get_proof(session, shop.programme_id, proof_day(clock.now, ZONE))
    settle_proof(tools, key, clock.now)
    assert proving_days._step(tools, behind, clock.now) is None
    assert prove(tools, shop).accounts == 1


def test_every_account_has_its_turn_within_some_days(
    tools: Tools, shop: Shopfront, clock: Clock, small_turns: None, untouched: Callable[[], None]
):
    for customer_id in range(7001, 7011):
        make_member(tools, shop, customer_id, points=10)
    assert prove(tools, shop).accounts == 10, "the first proof is whole"
    told = []
    for _ in range(6):
        untouched()
        clock.advance(days=1)
        told.append(prove(tools, shop))
    assert [one.accounts for one in told] == [2, 2, 2, 2, 2, 2]
    assert [one.orders for one in told] == [2, 2, 2, 2, 2, 2], "their orders with them"
    assert len({one.turn_until for one in told}) == 5, "and then from the first again"
    hold(tools)


def test_what_comes_due_while_it_is_proved_is_no_difference(tools: Tools, shop: Shopfront, clock: Clock):
    """Points that expired or matured a moment ago are booked by another job; the proof waits for no job."""
    floor = Floor(tools, clock, shop)
    floor.publish(expiry={"kind": "after_days", "days": 30})
    credit_now(tools, paid_order(shop))
    clock.advance(days=40)
    with tools.reading() as session:
        assert len(find_drift(session, clock.now)) == 1, "or this test looks at nothing"
    assert prove(tools, shop).is_sound
    assert balance_of(tools, shop).available == 25, "the proof itself books nothing"


def test_orders_of_forgotten_persons_are_passed_over(tools: Tools, shop: Shopfront, clock: Clock):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, refunded(order, "5.50"))
    account_id = member_of(tools, shop).account_id
    with tools.writing() as session:
        forget_customer(
            session,
            tools.sealer,
            CustomerRedaction(shop.programme_id, shop.shop_id, clock.now, CUSTOMER, (5001,)),
            clock.now,
        )
    found = prove(tools, shop)
    assert (found.orders, found.is_sound) == (0, True)
    tamper(tools, "UPDATE account SET available = available + 1")
    clock.advance(days=1)
    spoilt = prove(tools, shop)
    assert {one["kind"] for one in spoilt.details} == {"promise"}, "the invariants still hold watch"
    assert account_id in {UUID(one["row"]) for one in spoilt.details}


def test_a_whole_proof_takes_the_place_of_todays(tools: Tools, shop: Shopfront, clock: Clock):
    make_member(tools, shop, points=10)
    assert prove(tools, shop).is_sound
    tamper(tools, "UPDATE account SET available = available + 1")
    assert prove_whole(tools, shop.programme_id, clock.now).differences
    assert not prove(tools, shop).is_sound, "what was found stands"
    tamper(tools, "UPDATE account SET available = available - 1")
    assert prove_whole(tools, shop.programme_id, clock.now).is_sound
    hold(tools)


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step at once, one account in a slice."""
    monkeypatch.setattr(proving_days, "_SLICES_AT_ONCE", 1)
    monkeypatch.setattr(proving_days, "SLICE", 1)


@pytest.fixture
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving_days, "TURN_MIN", 1)


@pytest.fixture
def untouched(tools: Tools) -> Callable[[], None]:
    """Let the last proof look as if nothing happened after it: the database's clock cannot be turned."""

    def _untouched() -> None:
        with tools.writing() as session:
            session.execute(update(proof).values(settled_until=tools.clock() + timedelta(days=3000)))

    return _untouched

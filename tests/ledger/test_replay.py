"""The replay: what an account would hold had every dated fact come in time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.replay import replay
from plugin.ledger.timeline import (
    Captured,
    Charged,
    ClawBack,
    Extended,
    Forgiven,
    Grant,
    Held,
    Released,
    Returned,
    Taken,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


def grant(number, points, at=0, *, matures=None, expires=None, **more):
    return Grant(
        day(at),
        (0, number),
        points,
        day(matures if matures is not None else at),
        day(expires) if expires else None,
        **more,
    )


def buckets(facts, until=1000):
    account = replay(facts, day(until)).account
    return account.pending, account.available, account.held, account.debt


def test_a_late_grant_is_spent_as_if_it_had_been_there():
    facts = [grant(1, 100, at=1, expires=50), grant(2, 100, at=0), Held(day(5), "r", 80), Captured(day(5), "r")]
    state = replay(facts, day(60))
    assert (state.lots[0, 1].spent, state.lots[0, 1].expired, state.lots[0, 2].available) == (80, 20, 100)


def test_points_expire_at_their_instant_and_not_before():
    assert buckets([grant(1, 100, expires=50)], until=49) == (0, 100, 0, 0)
    assert buckets([grant(1, 100, expires=50)], until=50) == (0, 0, 0, 0)


def test_unexpired_points_are_not_the_credits_less_all_debits():
    facts = [grant(1, 100, expires=30), Held(day(10), "r", 100), Captured(day(10), "r"), grant(2, 50, at=20)]
    assert buckets(facts) == (0, 50, 0, 0)


def test_a_claw_back_of_expired_points_costs_nothing():
    facts = [grant(1, 100, expires=30), ClawBack(day(40), (0, 1), 100), grant(2, 50, at=5)]
    assert buckets(facts) == (0, 50, 0, 0)


def test_a_hold_that_nothing_covers_is_owed_from_its_instant():
    facts = [Held(day(5), "r", 80), Captured(day(5), "r"), grant(1, 100, at=6)]
    assert buckets(facts) == (0, 20, 0, 0)


def test_a_released_overdraft_pays_the_debt_it_made():
    assert buckets([Held(day(5), "r", 80), Released(day(7), "r")]) == (0, 0, 0, 0)


def test_returned_points_go_to_their_old_lots_and_expire_with_them():
    facts = [grant(1, 100, expires=30), Held(day(5), "r", 100), Captured(day(5), "r"), Returned(day(40), "r")]
    assert buckets(facts, until=40) == (0, 0, 0, 0)
    assert replay(facts, day(40)).lots[0, 1].expired == 100


def test_what_a_redemption_took_is_remembered_until_it_comes_back():
    facts = [grant(1, 100, expires=30), grant(2, 100), Held(day(5), "r", 120), Held(day(5), "s", 90)]
    assert replay(facts, day(9)).holds == {
        "r": [((0, 1), 100), ((0, 2), 20)],
        "s": [((0, 2), 80), (("overdraft", "s"), 10)],
    }
    assert replay([*facts, Captured(day(7), "r"), Released(day(8), "s")], day(9)).holds.keys() == {"r"}
    assert replay([*facts, Captured(day(7), "r"), Returned(day(8), "r")], day(9)).holds.keys() == {"s"}


def test_held_points_do_not_expire_while_they_are_held():
    assert buckets([grant(1, 100, expires=30), Held(day(5), "r", 100)], until=100) == (0, 0, 100, 0)


def test_rolling_points_live_as_long_as_there_is_activity():
    rolling = {"rolling": timedelta(days=30), "is_activity": True}
    facts = [grant(1, 100, expires=30, **rolling), grant(2, 10, at=29, expires=59, **rolling)]
    assert buckets(facts, until=58) == (0, 110, 0, 0)
    assert buckets(facts, until=59) == (0, 0, 0, 0)


def test_activity_after_the_end_does_not_bring_points_back():
    rolling = {"rolling": timedelta(days=30), "is_activity": True}
    facts = [grant(1, 100, expires=30, **rolling), grant(2, 10, at=31, expires=61, **rolling)]
    assert buckets(facts, until=40) == (0, 10, 0, 0)


def test_an_extension_keeps_points_and_a_restoration_brings_them_back():
    assert buckets([grant(1, 100, expires=30), Extended(day(20), (0, 1), day(60))], until=59) == (0, 100, 0, 0)
    assert buckets([grant(1, 100, expires=30), Extended(day(40), None, day(60), is_restoring=True)], until=59) == (
        0,
        100,
        0,
        0,
    )
    assert buckets([grant(1, 100, expires=30), Extended(day(40), None, day(60))], until=59) == (0, 0, 0, 0)


def test_points_in_a_return_window_cannot_be_spent_and_fill_debt_when_it_ends():
    facts = [grant(1, 50, matures=10), Taken(day(5), "t", 20)]
    assert buckets(facts, until=9) == (50, 0, 0, -20)
    assert buckets(facts, until=10) == (0, 30, 0, 0)


def test_what_is_said_of_one_lot_is_said_of_no_other():
    facts = [grant(1, 100, expires=30), grant(2, 10, expires=30), Extended(day(20), (0, 1), day(60))]
    assert buckets(facts, until=40) == (0, 100, 0, 0)
    assert buckets([*facts[:2], Extended(day(20), None, day(60))], until=40) == (0, 110, 0, 0)


def test_what_was_said_of_a_lot_before_it_came_to_be_holds_from_its_first_instant():
    facts = [Extended(day(5), (0, 1), day(60)), grant(1, 100, at=10, expires=30), grant(2, 10, at=10, expires=30)]
    assert buckets(facts, until=40) == (0, 100, 0, 0)
    assert buckets(facts, until=60) == (0, 0, 0, 0)


def test_an_end_is_never_moved_back():
    assert buckets([grant(1, 100, expires=30), Extended(day(5), (0, 1), day(20))], until=29) == (0, 100, 0, 0)
    assert buckets([grant(1, 100), Extended(day(5), (0, 1), day(20))], until=99) == (0, 100, 0, 0)
    assert buckets([grant(1, 100, expires=30), Extended(day(5), (0, 1), None)], until=99) == (0, 100, 0, 0)


def test_a_grace_ends_what_had_no_end_and_only_that():
    facts = [grant(1, 100), grant(2, 10, expires=90), grant(3, 1, at=6), Extended(day(5), None, day(50), is_grace=True)]
    assert buckets(facts, until=49) == (0, 111, 0, 0)
    assert buckets(facts, until=50) == (0, 11, 0, 0)
    assert buckets([*facts, Extended(day(5), (0, 1), None)], until=50) == (0, 111, 0, 0)


def test_restored_points_fill_debt_first():
    facts = [grant(1, 100, expires=30), Taken(day(35), "t", 20), Extended(day(40), (0, 1), day(60), is_restoring=True)]
    assert buckets(facts, until=50) == (0, 80, 0, 0)
    lot = replay(facts, day(50)).lots[0, 1]
    assert (lot.expired, lot.debt_filled) == (0, 20)


def test_a_claw_back_of_spent_points_is_owed_or_written_off():
    facts = [grant(1, 100), Held(day(2), "r", 70), Captured(day(2), "r")]
    assert buckets([*facts, ClawBack(day(3), (0, 1), 100)]) == (0, 0, 0, -70)
    assert buckets([*facts, ClawBack(day(3), (0, 1), 100, is_forgiven=True)]) == (0, 0, 0, 0)
    assert buckets([*facts, ClawBack(day(3), (0, 9), 10)]) == (0, 20, 0, 0)


def test_debt_is_written_off_as_far_as_there_is_any():
    assert buckets([Taken(day(1), "t", 20), Forgiven(day(2), "f", 15)]) == (0, 0, 0, -5)
    assert buckets([Taken(day(1), "t", 20), Forgiven(day(2), "f", 30), grant(1, 10, at=3)]) == (0, 10, 0, 0)


def test_a_code_used_after_all_spends_again_what_is_there_and_owes_the_rest():
    facts = [grant(1, 100, expires=30), Held(day(2), "r", 60), Released(day(3), "r"), Charged(day(4), "r", 60)]
    state = replay(facts, day(10))
    assert buckets(facts, until=10) == (0, 40, 0, 0)
    assert (state.lots[0, 1].spent, state.lots.keys()) == (60, {(0, 1)})
    facts[3] = Charged(day(4), "r", 100)
    assert replay(facts, day(10)).lots.keys() == {(0, 1)}, "nothing is owed for what is there to the point"
    facts[3] = Charged(day(4), "r", 130)
    assert buckets(facts, until=10) == (0, 0, 0, -30)
    assert replay(facts, day(10)).lots["overdraft", "r"].spent == 30


def test_a_capture_spends_from_each_lot_what_was_held_of_it():
    facts = [grant(1, 100, expires=30), grant(2, 100, expires=20), Held(day(2), "r", 150), Captured(day(3), "r")]
    lots = replay(facts, day(4)).lots
    assert [(lots[0, number].spent, lots[0, number].available) for number in (1, 2)] == [(50, 50), (100, 0)]
    lots = replay([*facts, Taken(day(4), "t", 80), Returned(day(5), "r")], day(6)).lots
    assert [(lots[0, number].available, lots[0, number].debt_filled) for number in (1, 2)] == [(50, 0), (70, 30)]


def test_points_are_as_old_as_what_earned_them():
    facts = [grant(1, 10, at=5), grant(2, 10, at=6, earned_at=day(1)), Held(day(7), "r", 10)]
    lots = replay(facts, day(8)).lots
    assert (lots[0, 1].held, lots[0, 2].held, lots[0, 2].occurred_at) == (0, 10, day(1))


def test_when_lots_expired_is_told_in_order():
    facts = [
        grant(1, 10, expires=9),
        grant(2, 10, expires=5),
        grant(3, 10, matures=7, expires=7),
        grant(4, 10, expires=30),
    ]
    assert replay(facts, day(20)).expiries == [((0, 2), day(5)), ((0, 3), day(7)), ((0, 1), day(9))]


def test_facts_of_one_instant_are_told_by_their_kind():
    """An extension comes before what ends, a grant before what spends it, whatever came first."""
    assert buckets([Taken(day(1), "t", 10), grant(1, 10, at=1)]) == (0, 0, 0, 0)
    state = replay([Held(day(1), "r", 10), ClawBack(day(1), (0, 1), 10), grant(1, 10, at=1)], day(2))
    assert (state.account.held, state.account.debt, state.lots[0, 1].clawed_back) == (10, -10, 10)


def test_a_fact_dated_a_little_after_the_end_is_told_at_the_end():
    facts = [grant(1, 100, expires=30), Held(day(31), "r", 100)]
    assert buckets([grant(1, 100, at=31)], until=30) == (0, 100, 0, 0)
    assert buckets(facts, until=29) == (0, 0, 100, 0)
    assert buckets(facts, until=30) == (0, 0, 100, -100)


FACTS = st.lists(
    st.tuples(st.sampled_from("ghcrbxte"), st.integers(1, 60), st.integers(0, 40), st.integers(0, 4)), max_size=14
)


@given(FACTS, st.randoms(use_true_random=False))
def test_no_story_breaks_the_books_and_the_order_of_arrival_does_not_matter(told, dice):
    facts = story(told)
    state = replay(facts, day(200))
    shuffled = list(facts)
    dice.shuffle(shuffled)
    assert shape(replay(shuffled, day(200))) == shape(state)
    account = state.account
    assert account.debt <= 0 <= min(account.pending, account.available, account.held)
    assert account.debt == 0 or account.available == 0
    for bucket in ("pending", "available", "held"):
        assert getattr(account, bucket) == sum(getattr(lot, bucket) for lot in state.lots.values())
    for lot in state.lots.values():
        assert lot.granted == sum(getattr(lot, column) for column in LOT_COLUMNS[1:])
        assert min(getattr(lot, column) for column in LOT_COLUMNS) >= 0


def story(told):
    """Facts that can have happened: claw-backs below what was granted, each redemption settled once."""
    facts, left, open_holds, spent = [], {}, [], []
    for number, (kind, points, at, choice) in enumerate(told):
        if kind == "g":
            facts.append(
                grant(number, points, at=at, matures=at + choice * 3, expires=at + 20 * choice if choice else None)
            )
            left[number] = (points, at)
        elif kind == "h":
            facts.append(Held(day(at), f"r{number}", points))
            open_holds.append((f"r{number}", at))
        elif kind in "cr" and open_holds:
            key, held_at = open_holds.pop()
            facts.append((Captured if kind == "c" else Released)(day(held_at + choice), key))
            if kind == "c":
                spent.append((key, held_at + choice))
        elif kind == "b" and left:
            order = sorted(left)[choice % len(left)]
            granted, granted_at = left[order]
            facts.append(ClawBack(day(granted_at + choice), (0, order), min(points, granted)))
            left[order] = (granted - min(points, granted), granted_at)
        elif kind == "x" and spent:
            key, spent_at = spent.pop()
            facts.append(Returned(day(spent_at + choice), key))
        elif kind == "t":
            facts.append(Taken(day(at), f"t{number}", points))
        elif kind == "e":
            facts.append(Extended(day(at), None, day(at + 30), is_restoring=choice % 2 == 0))
    return facts


def shape(state):
    account = state.account
    lots = {str(key): [getattr(lot, column) for column in LOT_COLUMNS] for key, lot in state.lots.items()}
    return (account.pending, account.available, account.held, account.debt), dict(sorted(lots.items()))


def test_the_replay_can_be_told_from_any_shuffle_of_a_long_story():
    dice = random.Random(7)
    facts = story(
        [
            (dice.choice("gggghhccrbxt"), dice.randint(1, 60), dice.randint(0, 90), dice.randint(0, 4))
            for _ in range(200)
        ]
    )
    first = shape(replay(facts, day(400)))
    for _ in range(5):
        dice.shuffle(facts)
        assert shape(replay(facts, day(400))) == first

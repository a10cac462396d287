"""Balancing moves: wherever a lot's points are, they come to where the replay has them, by ways that points may go."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from plugin.ledger.flows import LOT_COLUMNS, flow_of
from plugin.ledger.reconcile import differs, reconcile_debt, reconcile_lot
from plugin.ledger.shapes import Account, Lot, apply_move

AT = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = LOT_COLUMNS[1:]
LOTS = st.lists(st.integers(0, 9), min_size=len(PLACES), max_size=len(PLACES))


@given(LOTS, LOTS, st.booleans())
def test_a_lot_comes_to_hold_what_the_replay_says(now, wanted, is_overdraft):
    account, lot, target = Account(UUID(int=1), UUID(int=2), 100, 100, 100, -100, 0), a_lot(now), a_lot(wanted)
    before, found = deepcopy(account), deepcopy(lot)
    for move in reconcile_lot(account, lot, target, is_overdraft=is_overdraft):
        assert flow_of(*((move.destination, move.source) if move.is_reversal else (move.source, move.destination)))
        assert move.points > 0
        apply_move(move)
        assert min(getattr(lot, column) for column in LOT_COLUMNS) >= 0
    assert [getattr(lot, column) for column in LOT_COLUMNS] == [getattr(target, column) for column in LOT_COLUMNS]
    for bucket in ("pending", "available", "held"):
        assert getattr(account, bucket) - getattr(before, bucket) == getattr(target, bucket) - getattr(found, bucket)
    owed = target.debt_filled - found.debt_filled - (target.granted - found.granted if is_overdraft else 0)
    assert account.debt - before.debt == owed


@given(LOTS, st.booleans())
def test_nothing_moves_where_books_and_replay_agree(now, is_overdraft):
    account, lot = Account(UUID(int=1), UUID(int=2), 0, 0, 0, 0, 0), a_lot(now)
    assert not differs(lot, a_lot(now))
    assert list(reconcile_lot(account, lot, a_lot(now), is_overdraft=is_overdraft)) == []


@given(LOTS, LOTS)
def test_a_difference_in_any_place_is_seen(now, wanted):
    assert differs(a_lot(now), a_lot(wanted)) == (now != wanted)


@given(st.integers(-9, 0), st.integers(-9, 0))
def test_debt_that_no_lot_stands_behind_comes_to_what_the_replay_says(now, wanted):
    account, target = (Account(UUID(int=1), UUID(int=2), 0, 0, 0, debt, 0) for debt in (now, wanted))
    moves = list(reconcile_debt(account, target))
    assert len(moves) == (now != wanted)
    for move in moves:
        assert (move.lot, move.points > 0) == (None, True)
        assert {move.source, move.destination} == {"debt", "issued"}
        assert move.is_reversal == (move.source == "issued"), "what comes back undoes a claw-back, and grants nothing"
        apply_move(move)
    assert (account.debt, account.available) == (wanted, 0)


def a_lot(places):
    columns = dict(zip(PLACES, places, strict=True))
    return Lot(UUID(int=1), UUID(int=3), UUID(int=2), UUID(int=4), AT, AT, None, granted=sum(places), **columns)

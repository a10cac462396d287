"""Planning of moves, checked against a model that knows nothing of lots: balances must agree after any story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import InsufficientPoints
from plugin.ledger import moves
from plugin.ledger.flows import ACCOUNT_BUCKETS, FLOWS, HOUSE_BUCKETS, LOT_COLUMNS, account_effect, flow_of, lot_effect
from plugin.ledger.shapes import Account, Lot, apply_move

PROGRAMME = UUID(int=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_flow_keeps_a_lot_adding_up():
    for flow in FLOWS:
        effect = lot_effect(flow.source, flow.destination, 7)
        assert effect.get("granted", 0) == sum(effect.get(column, 0) for column in LOT_COLUMNS[1:]), flow


def test_every_flow_moves_the_account_as_its_lots_say():
    for flow in FLOWS:
        account, lot = account_effect(flow.source, flow.destination, 7), lot_effect(flow.source, flow.destination, 7)
        for bucket in ("pending", "available", "held"):
            assert account.get(bucket, 0) == lot.get(bucket, 0), flow


def test_points_never_move_in_ways_that_are_not_listed():
    listed = {(flow.source, flow.destination) for flow in FLOWS}
    for source in (*ACCOUNT_BUCKETS, *HOUSE_BUCKETS):
        for destination in (*ACCOUNT_BUCKETS, *HOUSE_BUCKETS):
            if (source, destination) not in listed:
                with pytest.raises(KeyError):
                    flow_of(source, destination)


def test_soonest_expiring_points_are_held_first():
    account, lots = account_with(10, 20, 30)
    lots[0].expires_at, lots[1].expires_at = START + timedelta(days=9), START + timedelta(days=3)
    ordered = sorted(lots, key=lambda lot: (lot.expires_at is None, lot.expires_at or START))
    apply(moves.hold(account, ordered, 25))
    assert [lot.held for lot in lots] == [5, 20, 0]


def test_a_hold_beyond_the_balance_moves_nothing():
    account, lots = account_with(10)
    with pytest.raises(InsufficientPoints):
        apply(moves.hold(account, lots, 11))
    assert account.available == 10


def test_a_claw_back_takes_the_orders_own_points_before_others():
    account, (own, other) = account_with(10, 20)
    apply(moves.claw_back(account, [own], [other], 15))
    assert (own.available, other.available, account.debt) == (0, 15, 0)


def test_what_a_claw_back_cannot_find_becomes_debt():
    account, (own,) = account_with(10)
    apply(moves.hold(account, [own], 8))
    apply(moves.claw_back(account, [own], [], 10))
    assert (account.available, account.held, account.debt) == (0, 8, -8)


STEPS = st.lists(
    st.tuples(st.sampled_from(["grant", "hold", "capture", "release", "claw_back", "mature"]), st.integers(1, 50)),
    max_size=40,
)


@given(STEPS)
def test_no_story_breaks_the_books(steps):
    account, lots = account_with()
    house = 0
    for number, (step, points) in enumerate(steps):
        for move in act(step, account, lots, points, number):
            house += move.points * ((move.source in HOUSE_BUCKETS) - (move.destination in HOUSE_BUCKETS))
        assert account.pending + account.available + account.held + account.debt == house
        assert account.debt == 0 or (account.debt < 0 and account.available == 0)
        for bucket in ("pending", "available", "held"):
            assert getattr(account, bucket) == sum(getattr(lot, bucket) for lot in lots)
        for lot in lots:
            assert lot.granted == sum(getattr(lot, column) for column in LOT_COLUMNS[1:])
            assert min(getattr(lot, column) for column in LOT_COLUMNS) >= 0


def act(step, account, lots, points, number):
    """Do one step and return its moves; what cannot be done now moves nothing."""
    if step == "grant":
        lots.append(new_lot(number))
        return apply(moves.grant(account, lots[-1], points, is_pending=points % 2 == 0))
    if step == "mature":
        return [move for lot in lots if lot.pending for move in apply(moves.mature(account, lot))]
    if step == "hold":
        return apply(moves.hold(account, lots, min(points, account.available)))
    if step in {"capture", "release"}:
        return [move for lot in lots if lot.held for move in apply(getattr(moves, step)(account, lot, lot.held))]
    if not lots:
        return []
    own = lots[number % len(lots)]
    others = [lot for lot in lots if lot is not own]
    return apply(moves.claw_back(account, [own], others, min(points, own.granted - own.clawed_back)))


def account_with(*available):
    account = Account(PROGRAMME, UUID(int=2), 0, 0, 0, 0, 0)
    lots = [new_lot(number) for number in range(len(available))]
    for lot, points in zip(lots, available, strict=True):
        apply(moves.grant(account, lot, points, is_pending=False))
    return account, lots


def new_lot(number):
    at = START + timedelta(days=number)
    return Lot(PROGRAMME, UUID(int=100 + number), UUID(int=2), UUID(int=3), at, at, None)


def apply(planned):
    done = []
    for move in planned:
        apply_move(move)
        done.append(move)
    return done

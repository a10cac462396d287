"""What an account would hold had every dated fact come in time: the measure of late facts.

The facts are told in the order in which they happened, with the same moves that the books make as facts come in. Between two facts
time itself acts: return windows end, points expire. Accepted holds are facts, not decisions to take again; one that the replay
cannot cover is owed from its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from plugin.ledger import moves
from plugin.ledger.shapes import Account, Lot, Move, apply_move, soonest_expiring
from plugin.ledger.timeline import (
    Captured,
    ClawBack,
    Dated,
    Extended,
    Forgiven,
    Grant,
    Held,
    LotKey,
    Released,
    Returned,
    Taken,
    told_in_order,
)

_NOBODY = UUID(int=0)


@dataclass(slots=True)
class State:
    """An account as the replay leaves it: its buckets, and its lots by key. `expired` counts points by lot and instant."""

    account: Account
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    rolling: dict[LotKey, timedelta] = field(default_factory=dict)
    holds: dict[LotKey, list[tuple[LotKey, int]]] = field(default_factory=dict)


def replay(facts: Iterable[Dated], until: datetime) -> State:
    """Tell the facts by their dates and let time run to `until`; another clock may have dated a fact a little after it."""
    state = State(Account(_NOBODY, _NOBODY, 0, 0, 0, 0, 0))
    for fact in told_in_order(facts):
        _let_time_pass(state, min(fact.at, until))
        _tell(state, fact)
    _let_time_pass(state, until)
    return state


def _let_time_pass(state: State, until: datetime) -> None:
    while due := moves.next_due(state.lots.values(), until):
        _apply(due.moves(state.account))


def _tell(state: State, fact: Dated) -> None:  # noqa: PLR0911 - one line for each kind of fact
    match fact:
        case Grant():
            return _grant(state, fact)
        case ClawBack():
            return _apply(moves.claw_back(state.account, *_own_and_others(state, fact.key), fact.points))
        case Taken():
            return _apply(moves.take_away(state.account, soonest_expiring(state.lots.values()), fact.points))
        case Forgiven():
            return _apply(moves.forgive(state.account, fact.points))
        case Held():
            return _hold(state, fact)
        case Captured():
            return _follow(state, fact.key, moves.capture, is_last=False)
        case Released():
            return _follow(state, fact.key, moves.release, is_last=True)
        case Returned():
            return _follow(state, fact.key, moves.give_back, is_last=True)
        case Extended():
            return _extend(state, fact)


def _grant(state: State, fact: Grant) -> None:
    lot = state.lots.setdefault(fact.key, _empty_lot(fact))
    _apply(moves.grant(state.account, lot, fact.points, is_pending=fact.matures_at > fact.at))
    if fact.rolling is not None:
        state.rolling[fact.key] = fact.rolling
    if fact.is_activity:
        _keep_alive(state, fact.at)


def _hold(state: State, fact: Held) -> None:
    covered = min(fact.points, state.account.available)
    taken = list(_applied(moves.hold(state.account, soonest_expiring(state.lots.values()), covered)))
    state.holds[fact.key] = [(_key_of(state, one.lot), one.points) for one in taken]
    if covered < fact.points:
        key = ("overdraft", fact.key)
        state.lots[key] = Lot(_NOBODY, _NOBODY, _NOBODY, _NOBODY, fact.at, fact.at, None)
        _apply(moves.overdraw(state.account, state.lots[key], fact.points - covered))
        state.holds[fact.key].append((key, fact.points - covered))
    if fact.is_activity:
        _keep_alive(state, fact.at)


def _follow(state: State, key: LotKey, step: moves.Step, *, is_last: bool) -> None:
    for lot_key, points in state.holds.get(key, ()):
        _apply(step(state.account, state.lots[lot_key], points))
    if is_last:
        state.holds.pop(key, None)


def _extend(state: State, fact: Extended) -> None:
    chosen = list(state.lots.values()) if fact.key is None else [state.lots[fact.key]] if fact.key in state.lots else []
    for lot in chosen:
        lot.expires_at = fact.expires_at
        if fact.is_restoring and lot.expired:
            _apply(moves.restore(state.account, lot))


def _keep_alive(state: State, at: datetime) -> None:
    """Any activity moves the end of rolling lots, never back."""
    for key, period in state.rolling.items():
        lot = state.lots[key]
        if lot.expires_at is not None:
            lot.expires_at = max(lot.expires_at, at + period)


def _own_and_others(state: State, key: LotKey) -> tuple[list[Lot], list[Lot]]:
    own = state.lots.get(key)
    others = soonest_expiring(lot for lot in state.lots.values() if lot is not own)
    return ([own] if own else []), others


def _empty_lot(fact: Grant) -> Lot:
    lot = Lot(_NOBODY, _NOBODY, _NOBODY, _NOBODY, fact.earned_at or fact.at, fact.matures_at, fact.expires_at)
    if isinstance(fact.key, UUID):
        lot.lot_id = fact.key
    elif isinstance(fact.key, tuple):
        lot.shop_id, lot.order_id = fact.key
    return lot


def _key_of(state: State, lot: Lot | None) -> LotKey:
    return next(key for key, one in state.lots.items() if one is lot)


def _applied(planned: Iterable[Move]) -> Iterator[Move]:
    for one in planned:
        apply_move(one)
        yield one


def _apply(planned: Iterable[Move]) -> None:
    for one in planned:
        apply_move(one)

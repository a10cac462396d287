"""What an account would hold had every dated fact come in time: the measure of late facts.

The facts are told in the order in which they happened, with the same moves that the books make as facts come in. Between two facts
time itself acts: return windows end, points expire. Accepted holds are facts, not decisions to take again; one that the replay
cannot cover is owed from its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from plugin.days import alive_until
from plugin.ledger import moves
from plugin.ledger.shapes import Account, Lot, Move, apply_move, soonest_expiring
from plugin.ledger.timeline import (
    Captured,
    Charged,
    ClawBack,
    Dated,
    Extended,
    Forgiven,
    Grant,
    Held,
    Kept,
    LotKey,
    Released,
    Returned,
    Taken,
    told_in_order,
)

_NOBODY = UUID(int=0)
_STEPS: dict[type, moves.Step] = {Captured: moves.capture, Released: moves.release, Returned: moves.give_back}


@dataclass(slots=True)
class State:
    """An account as the replay leaves it: its buckets, its lots by key, and when lots expired, in order."""

    account: Account
    lots: dict[LotKey, Lot] = field(default_factory=dict)
    rolling: dict[LotKey, Grant] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    expiries: list[tuple[LotKey, datetime]] = field(default_factory=list)
    promised: list[Extended] = field(default_factory=list)
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
        if due.is_expiry:
            state.expiries.append((_key_of(state, due.lot), due.at))
        _apply(due.moves(state.account))


def _tell(state: State, fact: Dated) -> None:  # noqa: PLR0911 - one line for each kind of fact
    match fact:
        case Grant():
            return _grant(state, fact)
        case ClawBack():
            return _claw_back(state, fact)
        case Taken():
            return _apply(moves.take_away(state.account, soonest_expiring(state.lots.values()), fact.points))
        case Forgiven():
            return _apply(moves.forgive(state.account, fact.points))
        case Held():
            return _hold(state, fact)
        case Captured() | Released() | Returned():
            return _follow(state, fact)
        case Charged():
            return _charge(state, fact)
        case Extended():
            return _extend(state, fact)
        case Kept():
            return _keep(state, fact)


def _grant(state: State, fact: Grant) -> None:
    if fact.key not in state.lots:
        state.lots[fact.key] = _empty_lot(state, fact)
    lot = state.lots[fact.key]
    _apply(moves.grant(state.account, lot, fact.points, is_pending=fact.matures_at > fact.at))
    if fact.rolling is not None or fact.rolling_months is not None:
        state.rolling[fact.key] = fact
    if fact.is_activity:
        _keep_alive(state, fact.at)


def _claw_back(state: State, fact: ClawBack) -> None:
    own, others = _own_and_others(state, fact.key)
    _apply(moves.claw_back(state.account, own, others, fact.points, is_forgiven=fact.is_forgiven))


def _hold(state: State, fact: Held) -> None:
    covered = min(fact.points, state.account.available)
    taken = list(_applied(moves.hold(state.account, soonest_expiring(state.lots.values()), covered)))
    state.holds[fact.key] = [(_key_of(state, one.lot), one.points) for one in taken]
    if covered < fact.points:
        _apply(moves.overdraw(state.account, _overdraft(state, fact), fact.points - covered))
        state.holds[fact.key].append((_overdraft_key(fact), fact.points - covered))
    if fact.is_activity:
        _keep_alive(state, fact.at)


def _follow(state: State, fact: Captured | Released | Returned) -> None:
    """Lot by lot, soonest expiring first: where points that come back fill debt, it matters whose they are."""
    step = _STEPS[type(fact)]
    taken = [(state.lots[lot_key], points) for lot_key, points in state.holds.get(fact.key, ())]
    of_lot = {id(lot): points for lot, points in taken}
    for lot in soonest_expiring(lot for lot, _ in taken):
        _apply(step(state.account, lot, of_lot[id(lot)]))
    if step is not moves.capture:
        state.holds.pop(fact.key, None)


def _charge(state: State, fact: Charged) -> None:
    lots = soonest_expiring(state.lots.values())
    overdraft = _overdraft(state, fact) if state.account.available < fact.points else _nothing(fact.at)
    _apply(moves.charge(state.account, lots, overdraft, fact.points))


def _overdraft(state: State, fact: Held | Charged) -> Lot:
    """What a redemption spends without having it: one lot, granted by debt."""
    return state.lots.setdefault(_overdraft_key(fact), _nothing(fact.at))


def _overdraft_key(fact: Held | Charged) -> LotKey:
    return "overdraft", fact.key


def _nothing(at: datetime) -> Lot:
    return Lot(_NOBODY, _NOBODY, _NOBODY, _NOBODY, at, at, None)


def _extend(state: State, fact: Extended) -> None:
    if fact.key is not None and fact.key not in state.lots:
        state.promised.append(fact)
        return
    for lot in list(state.lots.values()) if fact.key is None else [state.lots[fact.key]]:
        lot.expires_at = fact.end_of(lot.expires_at)
        if fact.is_restoring and lot.expired:
            _apply(moves.restore(state.account, lot))


def _keep_alive(state: State, at: datetime) -> None:
    """Any activity moves the end of rolling lots that have not ended yet, never back."""
    for key, terms in state.rolling.items():
        lot = state.lots[key]
        if lot.expires_at is not None and lot.expires_at > at:
            days = terms.rolling.days if terms.rolling else None
            lot.expires_at = max(lot.expires_at, alive_until(at, days, terms.rolling_months, terms.rolling_zone))


def _keep(state: State, fact: Kept) -> None:
    """What has ended before stays so."""
    state.kept.append(fact)
    for lot in state.lots.values():
        if lot.expires_at is not None and lot.expires_at > fact.at:
            lot.expires_at = fact.end_of(lot.expires_at)


def _own_and_others(state: State, key: LotKey) -> tuple[list[Lot], list[Lot]]:
    own = state.lots.get(key)
    others = soonest_expiring(lot for lot in state.lots.values() if lot is not own)
    return ([own] if own else []), others


def _empty_lot(state: State, fact: Grant) -> Lot:
    """Open a lot; what was said of its end before it came to be holds from its first instant."""
    lot = Lot(_NOBODY, _NOBODY, _NOBODY, _NOBODY, fact.earned_at or fact.at, fact.matures_at, fact.expires_at)
    if isinstance(fact.key, UUID):
        lot.lot_id = fact.key
    elif isinstance(fact.key, tuple):
        lot.shop_id, lot.order_id = fact.key
    for promise in state.promised:
        if promise.key == fact.key:
            lot.expires_at = promise.end_of(lot.expires_at)
    for kept in state.kept:
        if kept.holds(fact.at):
            lot.expires_at = kept.end_of(lot.expires_at)
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

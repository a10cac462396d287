"""The daily proof: once a day, each programme's books are derived again and compared; a difference is reported, never repaired.

Four stages, each in slices that are kept one by one, so that a proof that was stopped goes on where it was, and two workers
never count the same slice twice:

1. `books`: every invariant of the programme, every seal.
2. `orders`: what orders kept since the last proof should have given, against what was posted.
3. `touched`: the accounts touched since the last proof are told anew.
4. `turn`: so is another part of all accounts, with their orders, so that each had its turn within `TURN_DAYS` + 1 days.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from plugin.days import day_of
from plugin.db import database_now
from plugin.facts.proofs import Proof
from plugin.journeys.comparing import Drift, OrderDrift, drift_among, order_drift_among, still_drifted
from plugin.journeys.proving import verify
from plugin.journeys.tools import Tools
from plugin.ledger.proofs import advance_proof, begin_proof, get_proof, kept, last_finished, list_proved
from plugin.ledger.seal_lines import BEGINNING
from plugin.ledger.sealable import closed_until
from plugin.ledger.touched import Stretch, count_accounts, count_entries, next_in_turn, next_touched, touched_among
from plugin.orders.changed import list_unchanged, next_changed
from plugin.programme.store import get_programme, list_programmes

log = logging.getLogger(__name__)

DAY_BEGINS = timedelta(hours=3)
"""After midnight by the programme's clock: most days are quietest then."""
TURN_DAYS = 7
TURN_MIN = 1_000
"""So many accounts are told every day in any case, so that small programmes are proved whole."""
SLICE = 100
_SLICES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What one slice came to: how much was looked at, what differs, and where its stage goes on, if it does."""

    is_through: bool
    place: list[Any] | None = None
    turn_until: UUID | None = None
    entries: int = 0
    orders: int = 0
    accounts: int = 0
    taken: int = 0
    details: Sequence[dict[str, Any]] = ()


def due_proofs(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes whose day is not proved yet."""
    with tools.reading() as session:
        programmes = list_programmes(session)
        proved = list_proved(session, now.date() - timedelta(days=2))
    due = [one for one in programmes if (one.programme_id, proof_day(now, one.timezone)) not in proved]
    return [str(one.programme_id) for one in due[:limit]]


def settle_proof(tools: Tools, key: str, now: datetime) -> None:
    """Go on with today's proof of a programme; a long one lets go in between, so that a stopping process need not wait for it."""
    proof: Proof | None = _begun(tools, UUID(key), now)
    for _ in range(_SLICES_AT_ONCE):
        if proof is None or proof.finished_at:
            return
        proof = _step(tools, proof, now)
    tools.nudge("proof", key)


def prove_whole(tools: Tools, programme_id: UUID, now: datetime) -> Proof:
    """Prove everything now, from the first posting on, every order and every account; it takes the place of today's proof."""
    proof = _begun(tools, programme_id, now, is_whole=True)
    while not proof.finished_at:
        proof = _step(tools, proof, now) or _as_kept(tools, proof)
    return proof


def proof_day(now: datetime, timezone: str) -> date:
    """Say which day's proof is made at `now`: before `DAY_BEGINS` it is still that of the day before."""
    return day_of(now - DAY_BEGINS, timezone)


def _begun(tools: Tools, programme_id: UUID, now: datetime, *, is_whole: bool = False) -> Proof:
    """Take up today's proof where it is, or begin it where the last one ended."""
    with tools.writing() as session:
        before = None if is_whole else last_finished(session, programme_id)
        accounts = count_accounts(session, programme_id)
        fresh = Proof(
            programme_id=programme_id,
            day=proof_day(now, get_programme(session, programme_id).timezone),
            since=before.settled_until if before else BEGINNING,
            until=session.execute(select(database_now())).scalar_one(),
            settled_until=closed_until(session),
            turn_left=max(TURN_MIN, -(-accounts // TURN_DAYS)) if before else accounts,
            turn_until=before.turn_until if before else None,
            started_at=now,
        )
        begin_proof(session, fresh, is_again=is_whole)
        return get_proof(session, programme_id, fresh.day)


def _as_kept(tools: Tools, proof: Proof) -> Proof:
    with tools.reading() as session:
        return get_proof(session, proof.programme_id, proof.day)


def _step(tools: Tools, proof: Proof, now: datetime) -> Proof | None:
    """Do a slice and keep what it came to; None where another process did it meanwhile."""
    at = max(now, tools.clock())
    after = _after(proof, _STAGES[proof.stage](tools, proof, at), at)
    with tools.writing() as session:
        if not advance_proof(session, after):
            return None
    if after.finished_at and after.differences:
        told = {"programme": str(after.programme_id), "differences": after.differences, "first": after.details[0]}
        log.error("the books are not what they should be", extra=told)
    return after


def _after(proof: Proof, found: Found, at: datetime) -> Proof:
    stage = _next_stage(proof) if found.is_through else proof.stage
    return replace(
        proof,
        stage=stage,
        step=proof.step + 1,
        place=None if found.is_through else found.place,
        turn_left=proof.turn_left - found.taken,
        turn_until=found.turn_until if proof.stage == "turn" else proof.turn_until,
        entries=proof.entries + found.entries,
        orders=proof.orders + found.orders,
        accounts=proof.accounts + found.accounts,
        differences=proof.differences + len(found.details),
        details=kept(proof.details, found.details),
        finished_at=at if stage == "done" else None,
    )


def _next_stage(proof: Proof) -> str:
    """Where everything is proved, no account is asked for because it was touched."""
    stages = [one for one in (*_STAGES, "done") if one != "touched" or not _is_whole(proof)]
    return stages[stages.index(proof.stage) + 1]


def _is_whole(proof: Proof) -> bool:
    return proof.since <= BEGINNING


def _prove_books(tools: Tools, proof: Proof, now: datetime) -> Found:
    del now
    with tools.reading() as session:
        _hold_still(session)
        broken = verify(session, proof.programme_id)
        entries = count_entries(session, proof.programme_id)
    details = [
        {"kind": "promise", "number": one.invariant, "name": one.name, "row": one.row, "fault": one.fault}
        for one in broken
    ]
    return Found(is_through=True, entries=entries, details=details)


def _prove_orders(tools: Tools, proof: Proof, now: datetime) -> Found:
    del now
    behind = (datetime.fromisoformat(proof.place[0]), UUID(proof.place[1]), proof.place[2]) if proof.place else None
    with tools.reading() as session:
        _hold_still(session)
        orders, last = next_changed(session, proof.programme_id, (proof.since, proof.until), behind, SLICE)
        drifted = order_drift_among(session, proof.programme_id, orders)
    place = [last[0].isoformat(), str(last[1]), last[2]] if last else None
    details = [_told("order", one) for one in drifted]
    return Found(is_through=last is None, place=place, orders=len(orders), details=details)


def _prove_touched(tools: Tools, proof: Proof, now: datetime) -> Found:
    behind = (datetime.fromisoformat(proof.place[0]), UUID(proof.place[1])) if proof.place else None
    with tools.reading() as session:
        _hold_still(session)
        accounts, last = next_touched(session, _stretch(proof), behind, SLICE)
        suspects = _suspects(session, proof, accounts, now)
    place = [last[0].isoformat(), str(last[1])] if last else None
    details = _confirmed(tools, proof, suspects, now)
    return Found(is_through=last is None, place=place, accounts=len(accounts), details=details)


def _prove_in_turn(tools: Tools, proof: Proof, now: datetime) -> Found:
    limit = min(SLICE, proof.turn_left)
    with tools.reading() as session:
        _hold_still(session)
        coming = next_in_turn(session, proof.programme_id, proof.turn_until, limit + 1)
        taken, has_more = coming[:limit], len(coming) > limit
        told_already = set() if _is_whole(proof) else touched_among(session, _stretch(proof), taken)
        accounts = [one for one in taken if one not in told_already]
        orders = list_unchanged(session, proof.programme_id, taken, proof.since)
        details = [_told("order", one) for one in order_drift_among(session, proof.programme_id, orders)]
        suspects = _suspects(session, proof, accounts, now)
    return Found(
        is_through=not has_more or proof.turn_left <= limit,
        turn_until=taken[-1] if has_more and taken else None,
        orders=len(orders),
        accounts=len(accounts),
        taken=len(taken),
        details=[*details, *_confirmed(tools, proof, suspects, now)],
    )


_STAGES: dict[str, Callable[[Tools, Proof, datetime], Found]] = {
    "books": _prove_books,
    "orders": _prove_orders,
    "touched": _prove_touched,
    "turn": _prove_in_turn,
}


def _suspects(session: Session, proof: Proof, accounts: Collection[UUID], now: datetime) -> list[UUID]:
    return [one.account_id for one in drift_among(session, proof.programme_id, accounts, now)]


def _confirmed(tools: Tools, proof: Proof, suspects: Sequence[UUID], now: datetime) -> list[dict[str, Any]]:
    """Look once more, under the lock: something may have come due, or arrived, that is not booked yet."""
    details = []
    for account_id in suspects:
        with tools.writing() as session:
            drift = still_drifted(session, proof.programme_id, account_id, lambda: max(now, tools.clock()))
        if drift:
            details.append(_told("account", drift))
    return details


def _told(kind: str, drift: Drift | OrderDrift) -> dict[str, Any]:
    """Write a difference as data: ids as text, no name of a person."""
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(drift).items()}
    return {"kind": kind, **{name: value for name, value in told.items() if name != "programme_id"}}


def _stretch(proof: Proof) -> Stretch:
    return Stretch(proof.programme_id, proof.since, proof.until)


def _hold_still(session: Session) -> None:
    """Let this transaction see one moment, however many questions it asks; on SQLite every transaction does."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))

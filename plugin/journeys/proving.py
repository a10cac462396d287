"""The proof: does the ledger hold what it promises? Every broken promise is named with the first row that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.journeys.comparing import Drift, drift_among
from plugin.journeys.invariants import GUARDS, GUARDS_ON_POSTGRES, GUARDS_ON_SQLITE, INVARIANTS, Invariant
from plugin.journeys.weighing import Weighing
from plugin.ledger.seals import last_seal, list_sealed_programmes
from plugin.ledger.touched import next_in_turn
from plugin.programme.store import list_programmes


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise broken: which, where first, and what is wrong there."""

    invariant: int
    name: str
    programme_id: str
    row: str
    fault: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far a programme is sealed: the last seal's number, when its day ended, and the hash that stands for all days before."""

    programme_id: UUID
    number: int
    closed_at: datetime
    chain: str


_AT_ONCE = 500


def verify(session: Session, programme_id: UUID | None = None) -> Sequence[Violation]:
    """Check every invariant of one programme or of all; an empty answer is the proof."""
    return [one for part in PARTS for one in part(session, programme_id)]


def check_guards(session: Session, programme_id: UUID | None = None) -> Iterator[Violation]:
    """Look whether the database still refuses changes to what was appended. The guards are the same for all programmes."""
    del programme_id
    if not _has_guards(session):
        yield Violation(4, "the ledger is append-only", "", "", "a guarding trigger is missing")


def check_books(session: Session, programme_id: UUID | None = None) -> Iterator[Violation]:
    """Read the books once, sealed days included; ask exactly about what looks wrong there."""
    _give_room(session)
    for weighed_id in [programme_id] if programme_id else [one.programme_id for one in list_programmes(session)]:
        weighing = Weighing()
        weighing.weigh(session, weighed_id)
        yield from ask_exactly(session, weighed_id, [one for one in INVARIANTS if one.name in weighing.suspects])
        for one in weighing.broken_seals:
            yield Violation(4, "sealed days stay as they were", str(weighed_id), one.row, one.fault)


def ask_exactly(
    session: Session, programme_id: UUID | None = None, invariants: Sequence[Invariant] = INVARIANTS
) -> Iterator[Violation]:
    """Ask for the first row that breaks each of these invariants."""
    for invariant in invariants:
        for found_in, row, fault in session.execute(_bound(invariant.question + " LIMIT 1", programme_id)):
            yield Violation(invariant.number, invariant.name, str(found_in), str(row), fault)


PARTS = (check_guards, check_books)


def list_newest_seals(session: Session, programme_id: UUID | None = None) -> list[Sealed]:
    """Return the newest seal of each programme. Whoever notes its chain elsewhere can tell later that no day was sealed anew."""
    sealed = [programme_id] if programme_id else list_sealed_programmes(session)
    newest = [found for one in sealed if (found := last_seal(session, one))]
    return [Sealed(one.programme_id, one.number, one.closed_at, one.chain) for one in newest]


def _bound(question: str, programme_id: UUID | None) -> TextClause:
    bound = text(question)
    if ":everyone" in question:
        bound = bound.bindparams(bindparam("everyone", int(programme_id is None)))
    if ":programme" in question:
        bound = bound.bindparams(bindparam("programme", programme_id or new_id(), type_=Uuid()))
    return bound


def _give_room(session: Session) -> None:
    """Let this connection group millions of rows in memory: until its transaction ends, or on SQLite for its caches alone."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    session.execute(text("PRAGMA cache_size = -65536" if is_sqlite else "SET LOCAL work_mem = '64MB'"))


def _has_guards(session: Session) -> bool:
    dialect = session.get_bind().dialect.name
    names = GUARDS[dialect]
    question = GUARDS_ON_SQLITE if dialect == "sqlite" else GUARDS_ON_POSTGRES
    counted = session.execute(text(question.format(names=", ".join(f"'{name}'" for name in names)))).scalar_one()
    return int(counted) >= len(names)


def find_drift(session: Session, now: datetime, programme_id: UUID | None = None) -> list[Drift]:
    """Tell every account anew and name those whose books say something else: late facts must leave what they would have left in time."""
    found = []
    for told_id in [programme_id] if programme_id else [one.programme_id for one in list_programmes(session)]:
        behind = None
        while accounts := next_in_turn(session, told_id, behind, _AT_ONCE):
            found += drift_among(session, told_id, accounts, now)
            behind = accounts[-1]
    return found

"""The proof: does the ledger hold what it promises? Every broken promise is named with the first row that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.journeys.invariants import GUARDS, GUARDS_ON_POSTGRES, GUARDS_ON_SQLITE, INVARIANTS
from plugin.journeys.retelling import facts_of
from plugin.ledger.flows import ACCOUNT_BUCKETS
from plugin.ledger.replay import replay
from plugin.ledger.seals import find_broken_seals, list_sealed_programmes
from plugin.ledger.tables import account


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise broken: which, where first, and what is wrong there."""

    invariant: int
    name: str
    programme_id: str
    row: str
    fault: str


@dataclass(frozen=True, slots=True)
class Drift:
    """An account whose buckets are not what its dated facts make."""

    programme_id: UUID
    account_id: UUID
    booked: dict[str, int]
    expected: dict[str, int]


def verify(session: Session, programme_id: UUID | None = None) -> Sequence[Violation]:
    """Check every invariant of one programme or of all; an empty answer is the proof."""
    found = (
        []
        if _has_guards(session)
        else [Violation(4, "the ledger is append-only", "", "", "a guarding trigger is missing")]
    )
    for invariant in INVARIANTS:
        question = text(invariant.question + " LIMIT 1").bindparams(
            bindparam("everyone", int(programme_id is None)),
            bindparam("programme", programme_id or new_id(), type_=Uuid()),
        )
        for programme, row, fault in session.execute(question):
            found.append(Violation(invariant.number, invariant.name, str(programme), str(row), fault))
    return [*found, *_broken_seals(session, programme_id)]


def _broken_seals(session: Session, programme_id: UUID | None) -> Iterator[Violation]:
    for sealed in [programme_id] if programme_id else list_sealed_programmes(session):
        for one in find_broken_seals(session, sealed):
            yield Violation(4, "sealed days stay as they were", str(sealed), one.row, one.fault)


def _has_guards(session: Session) -> bool:
    dialect = session.get_bind().dialect.name
    names = GUARDS[dialect]
    question = GUARDS_ON_SQLITE if dialect == "sqlite" else GUARDS_ON_POSTGRES
    counted = session.execute(text(question.format(names=", ".join(f"'{name}'" for name in names)))).scalar_one()
    return int(counted) >= len(names)


def find_drift(session: Session, now: datetime, programme_id: UUID | None = None) -> list[Drift]:
    """Tell every account anew and name those whose books say something else: late facts must leave what they would have left in time."""
    query = select(account).order_by(account.c.programme_id, account.c.id)
    if programme_id is not None:
        query = query.where(account.c.programme_id == programme_id)
    found = []
    for row in session.execute(query):
        told = replay(facts_of(session, row.programme_id, row.id), now).account if row.merged_into_id is None else None
        expected = {name: getattr(told, name) if told else 0 for name in ACCOUNT_BUCKETS}
        booked = {name: getattr(row, name) for name in ACCOUNT_BUCKETS}
        if expected != booked:
            found.append(Drift(row.programme_id, row.id, booked, expected))
    return found

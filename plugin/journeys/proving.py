"""The proof: does the ledger hold what it promises? Every broken promise is named with the first row that breaks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.journeys.invariants import GUARDS, GUARDS_ON_POSTGRES, GUARDS_ON_SQLITE, INVARIANTS


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise broken: which, where first, and what is wrong there."""

    invariant: int
    name: str
    programme_id: str
    row: str
    fault: str


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
    return found


def _has_guards(session: Session) -> bool:
    dialect = session.get_bind().dialect.name
    names = GUARDS[dialect]
    question = GUARDS_ON_SQLITE if dialect == "sqlite" else GUARDS_ON_POSTGRES
    counted = session.execute(text(question.format(names=", ".join(f"'{name}'" for name in names)))).scalar_one()
    return int(counted) >= len(names)

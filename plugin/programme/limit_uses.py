"""Use of caps and budgets: locked, counted, kept. What an award uses is charged to it by its source, so that it can give it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.programme.limit_tables import cap_charge, cap_use

UseKey = tuple[UUID, UUID, str, str]
"""Programme, subject (an account, or the programme itself), cap or budget, period."""
Source = tuple[UUID, str]
"""Programme, and what gave the points: `order:<shop>:<order>`, or the reference of an award."""

_USE = (cap_use.c.programme_id, cap_use.c.subject_id, cap_use.c.limit_id, cap_use.c.period)
_SOURCE = (cap_charge.c.programme_id, cap_charge.c.source)


@dataclass(frozen=True, slots=True)
class Charge:
    """Points of one source that count towards one limit."""

    limit_id: str
    subject_id: UUID
    period: str
    points: int


def lock_uses(session: Session, keys: Collection[UseKey]) -> dict[UseKey, int]:
    """Lock what these limits have used; accounts are locked before.

    Rows of an account are covered by its own lock. Before any row that a whole programme shares comes one that stands for all of
    these: so one transaction may come here several times, for other periods each time, and nobody waits for it while it waits.
    """
    if not keys:
        return {}
    shared = {_gate(key[0]) for key in keys if key[1] == key[0]}
    names = [column.name for column in _USE]
    rows = [dict(zip(names, key, strict=True)) | {"used": 0} for key in sorted({*keys, *shared})]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(cap_use).on_conflict_do_nothing(), rows)
    mine = among(_USE, {*keys, *shared})
    found = session.execute(select(cap_use).where(mine).order_by(*_USE).with_for_update())
    uses = {(row.programme_id, row.subject_id, row.limit_id, row.period): row.used for row in found}
    return {key: uses[key] for key in keys}


def lock_shared_uses(session: Session, programme_id: UUID) -> None:
    """Lock what a whole programme shares, before redemptions and referrals are: for who needs limits only afterwards."""
    lock_uses(session, [_gate(programme_id)])


def find_uses(session: Session, keys: Collection[UseKey]) -> dict[UseKey, int]:
    """Read what these limits have used: for showing, never for deciding."""
    found = session.execute(select(cap_use).where(among(_USE, keys))) if keys else ()
    used = {(row.programme_id, row.subject_id, row.limit_id, row.period): row.used for row in found}
    return {key: used.get(key, 0) for key in keys}


def save_uses(session: Session, uses: Mapping[UseKey, int]) -> None:
    """Keep what locked limits have used now."""
    if uses:
        mine = [column == bindparam(f"of_{column.name}") for column in _USE]
        rows = [
            {
                "of_programme_id": key[0],
                "of_subject_id": key[1],
                "of_limit_id": key[2],
                "of_period": key[3],
                "new": used,
            }
            for key, used in sorted(uses.items())
        ]
        session.connection().execute(update(cap_use).where(*mine).values(used=bindparam("new")), rows)


def find_charges(session: Session, sources: Collection[Source]) -> dict[Source, list[Charge]]:
    """List what these sources are charged with. Whoever locked a source's order or account may rely on it."""
    charges: dict[Source, list[Charge]] = {}
    rows = session.execute(select(cap_charge).where(among(_SOURCE, sources))) if sources else ()
    for row in sorted(rows, key=lambda row: row.limit_id):
        one = Charge(row.limit_id, row.subject_id, row.period, row.points)
        charges.setdefault((row.programme_id, row.source), []).append(one)
    return charges


def save_charges(session: Session, charges: Mapping[Source, Sequence[Charge]]) -> None:
    """Let these be the charges of these sources."""
    if not charges:
        return
    session.execute(delete(cap_charge).where(among(_SOURCE, charges.keys())))
    if rows := list(_charge_rows(charges)):
        session.execute(insert(cap_charge), rows)


def move_uses(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let what one account has used be used by another, of which it is part now; both are locked."""
    mine = (cap_use.c.programme_id == programme_id, cap_use.c.subject_id == loser_id)
    keys = [
        (programme_id, subject_id, row.limit_id, row.period)
        for row in session.execute(select(cap_use).where(*mine))
        for subject_id in (loser_id, winner_id)
    ]
    uses = lock_uses(session, keys)
    lost = {key: used for key, used in uses.items() if key[1] == loser_id}
    moved = {(key[0], winner_id, *key[2:]): used for key, used in lost.items()}
    save_uses(session, {key: uses[key] + used for key, used in moved.items()} | dict.fromkeys(lost, 0))
    theirs = (cap_charge.c.programme_id == programme_id, cap_charge.c.subject_id == loser_id)
    session.execute(update(cap_charge).where(*theirs).values(subject_id=winner_id))


def _gate(programme_id: UUID) -> UseKey:
    """The row that stands for all that a programme's accounts share: no limit is called nothing, and it comes first in their order."""
    return programme_id, programme_id, "", ""


def _charge_rows(charges: Mapping[Source, Sequence[Charge]]) -> Iterable[dict[str, object]]:
    for (programme_id, source), mine in charges.items():
        for one in mine:
            yield {
                "programme_id": programme_id,
                "source": source,
                "limit_id": one.limit_id,
                "subject_id": one.subject_id,
                "period": one.period,
                "points": one.points,
            }

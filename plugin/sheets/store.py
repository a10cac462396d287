"""Sheets kept while they are worked through: every batch of rows is found where the last one left off."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.sealing import Sealer
from plugin.sheets.about import opened, owner
from plugin.sheets.rows import Fault, ReadRow
from plugin.sheets.tables import sheet, sheet_row

_INSERT_BATCH = 2_000
WORKING = ("checking", "running", "undoing")
_OVER = ("checked", "done", "undone")


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet as it stands. `lines` counts its rows; `options` is what the merchant chose for all of them."""

    programme_id: UUID
    sheet_id: UUID
    shop_id: UUID
    kind: str
    shape: str
    name: str
    digest: str
    state: str
    options: Mapping[str, Any]
    lines: int
    actor: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NewSheet:
    """A sheet about to be kept."""

    programme_id: UUID
    shop_id: UUID
    kind: str
    shape: str
    name: str
    digest: str
    options: Mapping[str, Any]
    actor: str


@dataclass(slots=True)
class KeptRow:
    """One row at work; what is changed here is written by `save_rows`."""

    number: int
    state: str
    fault: Fault | None
    customer_id: int | None
    points: int
    data: Mapping[str, Any]
    personal: Mapping[str, Any]
    posting_id: UUID | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a sheet is: rows by state, points given and taken (≥ 0) by rows that are ready or posted, and faults by word."""

    rows: Mapping[str, int] = field(default_factory=dict)
    given: int = 0
    taken: int = 0
    customers: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)


def add_sheet(session: Session, sealer: Sealer, new: NewSheet, rows: Sequence[ReadRow], now: datetime) -> KeptSheet:
    """Keep a sheet and its rows, to be checked."""
    sheet_id = new_id()
    values = {
        "programme_id": new.programme_id,
        "id": sheet_id,
        "shop_id": new.shop_id,
        "kind": new.kind,
        "shape": new.shape,
        "name": new.name,
        "digest": new.digest,
        "state": "checking",
        "options": dict(new.options),
        "lines": len(rows),
        "actor": new.actor,
        "created_at": now,
        "changed_at": now,
    }
    session.execute(insert(sheet), [values])
    for start in range(0, len(rows), _INSERT_BATCH):
        some = rows[start : start + _INSERT_BATCH]
        session.execute(insert(sheet_row), [_row_values(sealer, new.programme_id, sheet_id, one) for one in some])
    return get_sheet(session, new.programme_id, sheet_id)


def get_sheet(session: Session, programme_id: UUID, sheet_id: UUID, *, is_locked: bool = False) -> KeptSheet:
    """Return a sheet; locked, nobody else works on it until the transaction ends.

    Raises:
        NotFound: this programme has no such sheet.
    """
    query = select(sheet).where(sheet.c.programme_id == programme_id, sheet.c.id == sheet_id)
    row = session.execute(query.with_for_update() if is_locked else query).one_or_none()
    if row is None:
        raise NotFound("no such sheet")
    return _kept(row)


def list_sheets(session: Session, programme_id: UUID, limit: int) -> list[KeptSheet]:
    """List a programme's sheets, newest first."""
    mine = select(sheet).where(sheet.c.programme_id == programme_id).order_by(sheet.c.id.desc()).limit(limit)
    return [_kept(row) for row in session.execute(mine)]


def lock_alike(session: Session, one: KeptSheet) -> None:
    """Keep others from starting a sheet with the very same content until the transaction ends."""
    alike = (sheet.c.programme_id == one.programme_id, sheet.c.digest == one.digest, sheet.c.kind == one.kind)
    session.execute(select(sheet.c.id).where(*alike).order_by(sheet.c.id).with_for_update())


def find_same(session: Session, one: KeptSheet) -> KeptSheet | None:
    """Return another sheet with the very same content and kind that was worked through, or is being so."""
    row = session.execute(
        select(sheet)
        .where(
            sheet.c.programme_id == one.programme_id,
            sheet.c.digest == one.digest,
            sheet.c.kind == one.kind,
            sheet.c.id != one.sheet_id,
            sheet.c.state.in_(("running", "done")),
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else _kept(row)


def list_working(session: Session, limit: int) -> list[tuple[UUID, UUID]]:
    """List (programme, sheet) of those with rows to be worked on, longest untouched first."""
    query = select(sheet.c.programme_id, sheet.c.id).where(sheet.c.state.in_(WORKING)).order_by(sheet.c.changed_at)
    return [(row.programme_id, row.id) for row in session.execute(query.limit(limit))]


def list_outlived(session: Session, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """List (programme, sheet) of those untouched since `before` that still tell of persons."""
    query = (
        select(sheet.c.programme_id, sheet.c.id)
        .join(sheet_row, (sheet_row.c.programme_id == sheet.c.programme_id) & (sheet_row.c.sheet_id == sheet.c.id))
        .where(sheet.c.state.in_(_OVER), sheet.c.changed_at < before, sheet_row.c.sealed.is_not(None))
        .distinct()
        .limit(limit)
    )
    return [(row.programme_id, row.id) for row in session.execute(query)]


def set_state(session: Session, one: KeptSheet, state: str, now: datetime) -> None:
    """Let a sheet go on to its next state."""
    same = (sheet.c.programme_id == one.programme_id, sheet.c.id == one.sheet_id)
    session.execute(update(sheet).where(*same).values(state=state, changed_at=now))


def next_rows(session: Session, sealer: Sealer, one: KeptSheet, state: str, limit: int) -> list[KeptRow]:
    """Return the next rows in a state, in the order of the file."""
    query = (
        select(sheet_row)
        .where(
            sheet_row.c.programme_id == one.programme_id,
            sheet_row.c.sheet_id == one.sheet_id,
            sheet_row.c.state == state,
        )
        .order_by(sheet_row.c.number)
        .limit(limit)
    )
    return [_kept_row(sealer, row) for row in session.execute(query)]


def rejected_rows(session: Session, sealer: Sealer, one: KeptSheet, limit: int | None = None) -> list[KeptRow]:
    """List the rows that were not taken, in the order of the file."""
    return next_rows(session, sealer, one, "rejected", one.lines if limit is None else limit)


def save_rows(session: Session, one: KeptSheet, rows: Sequence[KeptRow]) -> None:
    """Write what became of rows."""
    if not rows:
        return
    statement = (
        update(sheet_row)
        .where(
            sheet_row.c.programme_id == one.programme_id,
            sheet_row.c.sheet_id == one.sheet_id,
            sheet_row.c.number == bindparam("of_number"),
        )
        .values(
            state=bindparam("new_state"),
            fault=bindparam("new_fault"),
            fault_field=bindparam("new_field"),
            customer_id=bindparam("new_customer"),
            posting_id=bindparam("new_posting"),
        )
    )
    values = [
        {
            "of_number": row.number,
            "new_state": row.state,
            "new_fault": row.fault.code if row.fault else None,
            "new_field": row.fault.field if row.fault else None,
            "new_customer": row.customer_id,
            "new_posting": row.posting_id,
        }
        for row in rows
    ]
    session.connection().execute(statement, values)


def tally(session: Session, one: KeptSheet) -> Tally:
    """Count a sheet's rows."""
    mine = (sheet_row.c.programme_id == one.programme_id, sheet_row.c.sheet_id == one.sheet_id)
    states = session.execute(select(sheet_row.c.state, func.count()).where(*mine).group_by(sheet_row.c.state)).all()
    counted = sheet_row.c.state.in_(("waiting", "ready", "posted"))
    sums = session.execute(
        select(
            func.coalesce(func.sum(sheet_row.c.points).filter(sheet_row.c.points > 0), 0),
            func.coalesce(func.sum(-sheet_row.c.points).filter(sheet_row.c.points < 0), 0),
            func.count(sheet_row.c.customer_id.distinct()),
        ).where(*mine, counted)
    ).one()
    faults = session.execute(
        select(sheet_row.c.fault, func.count())
        .where(*mine, sheet_row.c.fault.is_not(None))
        .group_by(sheet_row.c.fault)
        .order_by(func.count().desc(), sheet_row.c.fault)
    ).all()
    return Tally(
        rows={state: int(count) for state, count in states},
        given=int(sums[0]),
        taken=int(sums[1]),
        customers=int(sums[2]),
        faults={str(code): int(count) for code, count in faults},
    )


def forget_rows_of(session: Session, programme_id: UUID, customers: Iterable[tuple[UUID, int]]) -> None:
    """Forget who these (shop, customer) rows were about; what they changed stays."""
    for shop_id, customer_id in customers:
        of_shop = select(sheet.c.id).where(sheet.c.programme_id == programme_id, sheet.c.shop_id == shop_id)
        mine = (
            sheet_row.c.programme_id == programme_id,
            sheet_row.c.customer_id == customer_id,
            sheet_row.c.sheet_id.in_(of_shop),
        )
        session.execute(update(sheet_row).where(*mine).values(sealed=None, customer_id=None))


def forget_rows_of_shop(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Forget what all sheets of a shop told of persons."""
    of_shop = select(sheet.c.id).where(sheet.c.programme_id == programme_id, sheet.c.shop_id == shop_id)
    mine = (sheet_row.c.programme_id == programme_id, sheet_row.c.sheet_id.in_(of_shop))
    session.execute(update(sheet_row).where(*mine).values(sealed=None, customer_id=None))


def forget_persons(session: Session, one: KeptSheet) -> None:
    """Forget what a sheet's rows told of persons; a sheet that was never run is dropped whole."""
    mine = (sheet_row.c.programme_id == one.programme_id, sheet_row.c.sheet_id == one.sheet_id)
    if one.state == "checked":
        session.execute(delete(sheet_row).where(*mine))
        session.execute(delete(sheet).where(sheet.c.programme_id == one.programme_id, sheet.c.id == one.sheet_id))
        return
    session.execute(update(sheet_row).where(*mine).values(sealed=None))


def _row_values(sealer: Sealer, programme_id: UUID, sheet_id: UUID, row: ReadRow) -> dict[str, Any]:
    return {
        "programme_id": programme_id,
        "sheet_id": sheet_id,
        "number": row.number,
        "state": "rejected" if row.fault else "waiting",
        "fault": row.fault.code if row.fault else None,
        "fault_field": row.fault.field if row.fault else None,
        "customer_id": row.customer_id,
        "points": row.points,
        "data": dict(row.data),
        "sealed": sealer.seal(json.dumps(row.personal).encode(), owner(sheet_id, row.number)) if row.personal else None,
        "posting_id": None,
    }


def _kept_row(sealer: Sealer, row: Row[Any]) -> KeptRow:
    return KeptRow(
        number=row.number,
        state=row.state,
        fault=Fault(row.fault, row.fault_field or "") if row.fault else None,
        customer_id=row.customer_id,
        points=row.points,
        data=row.data,
        personal=opened(sealer, row.sealed, owner(row.sheet_id, row.number)),
        posting_id=row.posting_id,
    )


def _kept(row: Row[Any]) -> KeptSheet:
    return KeptSheet(
        programme_id=row.programme_id,
        sheet_id=row.id,
        shop_id=row.shop_id,
        kind=row.kind,
        shape=row.shape,
        name=row.name,
        digest=row.digest,
        state=row.state,
        options=row.options,
        lines=row.lines,
        actor=row.actor,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )

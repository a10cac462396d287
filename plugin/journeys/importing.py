"""A merchant hands over a sheet: it is read and checked first, changes nothing until it is started, and can be undone whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from plugin.errors import BadInput, Conflict
from plugin.journeys.adjusting import NOTE_LENGTH_MAX, WHYS
from plugin.journeys.documents import current_document
from plugin.journeys.tools import Tools
from plugin.ledger.adjustments import charge_day
from plugin.messages import Words
from plugin.programme.store import get_programme
from plugin.sealing import Sealer
from plugin.sheets.reading import read_sheet
from plugin.sheets.rows import read_rows
from plugin.sheets.shapes import shape_of
from plugin.sheets.store import (
    KeptRow,
    KeptSheet,
    NewSheet,
    Tally,
    add_sheet,
    find_same,
    get_sheet,
    list_sheets,
    lock_alike,
    rejected_rows,
    set_state,
    tally,
)
from plugin.sheets.writing import write_csv
from plugin.shops.store import Shop

KINDS = ("adjustment", "opening")
JOB_KIND = "sheet"
_NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in. `shape` names what app wrote it, or is None where the columns tell.

    Options for adjustments: `why`, `public_note`, `may_owe`; for opening balances: `expiry` ("programme" or "never") of points for
    which the file names no date.
    """

    kind: str
    name: str
    raw: bytes
    actor: str
    shape: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet, how far it is, and another one with the same content that was worked through, if there is one."""

    sheet: KeptSheet
    tally: Tally
    same: KeptSheet | None = None

    @property
    def pending(self) -> int:
        """Points that the other app still held back; they come with their orders, not with the file."""
        return int(self.sheet.options.get("pending", 0))

    @property
    def rows_done(self) -> int:
        """How many rows need no more work in the present state."""
        to_do = {"checking": "waiting", "running": "ready", "undoing": "posted"}.get(self.sheet.state)
        return self.sheet.lines - self.tally.rows.get(to_do, 0) if to_do else self.sheet.lines


def receive_sheet(tools: Tools, shop: Shop, upload: Upload) -> KeptSheet:
    """Read a file and keep its rows; the check goes on in the background.

    Raises:
        BadInput: it is no sheet we can read; `code` and `path` say why.
    """
    options = _options(upload)
    sheet = read_sheet(upload.raw)
    shape = shape_of(upload.kind, sheet.columns, upload.shape)
    rows = list(read_rows(sheet, shape))
    if not rows:
        raise BadInput("the file has a header and nothing else", code="sheet_empty")
    new = NewSheet(
        programme_id=shop.programme_id,
        shop_id=shop.shop_id,
        kind=upload.kind,
        shape=shape.name,
        name=upload.name[-_NAME_LENGTH_MAX:],
        digest=hashlib.sha256(upload.raw).hexdigest(),
        options=options | {"pending": sum(row.data.get("pending", 0) for row in rows if not row.fault)},
        actor=upload.actor,
    )
    with tools.writing() as session:
        kept = add_sheet(session, tools.sealer, new, rows, tools.clock())
    tools.nudge(JOB_KIND, job_key(kept))
    return kept


def start_sheet(tools: Tools, programme_id: UUID, sheet_id: UUID, actor: str, *, may_repeat: bool = False) -> None:
    """Let a checked sheet change points. Starting one that runs, or ran, changes nothing.

    Raises:
        NotFound: this programme has no such sheet.
        Conflict: it is not checked yet or was undone; or (`same_sheet`) the same content ran before and must not be repeated.
        NotAllowed: more points than one person may move by hand in a day.
    """
    now = tools.clock()
    with tools.writing() as session:
        lock_alike(session, get_sheet(session, programme_id, sheet_id))
        sheet = get_sheet(session, programme_id, sheet_id)
        if sheet.state in {"running", "done"}:
            return
        if sheet.state != "checked":
            raise Conflict("the sheet is not ready to be started")
        if not may_repeat and find_same(session, sheet):
            raise SameSheet("the same content was worked through before")
        if sheet.kind == "adjustment":
            _charge(session, sheet, actor, now)
        set_state(session, sheet, "running", now)
    tools.nudge(JOB_KIND, job_key(sheet))


def undo_sheet(tools: Tools, programme_id: UUID, sheet_id: UUID) -> None:
    """Take back all that a sheet changed, done or half done; undoing twice changes nothing.

    Raises:
        NotFound: this programme has no such sheet.
        Conflict: it changed nothing yet.
    """
    with tools.writing() as session:
        sheet = get_sheet(session, programme_id, sheet_id, is_locked=True)
        if sheet.state in {"undoing", "undone"}:
            return
        if sheet.state not in {"running", "done"}:
            raise Conflict("the sheet changed nothing yet")
        set_state(session, sheet, "undoing", tools.clock())
    tools.nudge(JOB_KIND, job_key(sheet))


class SameSheet(Conflict):
    """The very same content was worked through before."""

    code = "same_sheet"


def sheet_view(session: Session, programme_id: UUID, sheet_id: UUID) -> SheetView:
    """Show a sheet.

    Raises:
        NotFound: this programme has no such sheet.
    """
    sheet = get_sheet(session, programme_id, sheet_id)
    same = find_same(session, sheet) if sheet.state == "checked" else None
    return SheetView(sheet, tally(session, sheet), same)


def newest_sheets(session: Session, programme_id: UUID, limit: int = 10) -> list[SheetView]:
    """List a programme's sheets, newest first."""
    return [SheetView(one, tally(session, one)) for one in list_sheets(session, programme_id, limit)]


def rejected(session: Session, sealer: Sealer, sheet: KeptSheet, limit: int | None = None) -> list[KeptRow]:
    """List the rows that were not taken, each with its fault."""
    return rejected_rows(session, sealer, sheet, limit)


def rejected_file(session: Session, sealer: Sealer, sheet: KeptSheet, words: Words) -> str:
    """Write the rows that were not taken as a CSV file, each with what is wrong in the reader's words."""
    header = [words.say(f"admin.report.{name}") for name in ("row", "customer", "points", "column", "fault")]
    rows: list[list[str | int]] = [
        [
            row.number,
            str(row.personal.get("who") or row.customer_id or ""),
            row.points,
            row.fault.field if row.fault else "",
            words.say(f"admin.fault.{row.fault.code}") if row.fault else "",
        ]
        for row in rejected_rows(session, sealer, sheet)
    ]
    return write_csv(header, rows)


def job_key(sheet: KeptSheet) -> str:
    """Name a sheet for the engine."""
    return f"{sheet.programme_id}:{sheet.sheet_id}"


def _charge(session: Session, sheet: KeptSheet, actor: str, now: datetime) -> None:
    _, document = current_document(session, sheet.programme_id)
    limit = document.adjusting.points_max_per_day
    if limit is None:
        return
    counted = tally(session, sheet)
    timezone = get_programme(session, sheet.programme_id).timezone
    day = now.astimezone(ZoneInfo(timezone)).date()
    charge_day(session, (sheet.programme_id, actor, day), counted.given + counted.taken, limit)


def _options(upload: Upload) -> dict[str, Any]:
    if upload.kind not in KINDS:
        raise BadInput(f"a sheet is one of {', '.join(KINDS)}", path="kind")
    given = upload.options
    if upload.kind == "opening":
        if given.get("expiry", "programme") not in {"programme", "never"}:
            raise BadInput("expiry is programme or never", path="expiry")
        return {"expiry": given.get("expiry", "programme")}
    if given.get("why", "promotion") not in WHYS:
        raise BadInput(f"why is one of {', '.join(WHYS)}", path="why")
    if len(str(given.get("public_note") or "")) > NOTE_LENGTH_MAX:
        raise BadInput(f"a note has at most {NOTE_LENGTH_MAX} characters", path="public_note")
    return {
        "why": given.get("why", "promotion"),
        "public_note": given.get("public_note") or None,
        "may_owe": bool(given.get("may_owe")),
    }

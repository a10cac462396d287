"""Sheets are worked through in the background, a batch a transaction: checked, run, undone. Stopped anywhere, the rest goes on later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import Conflict, ShopifyRefused
from plugin.journeys.by_hand import Outcome
from plugin.journeys.connecting import admin_for
from plugin.journeys.sheet_changes import Maker, check_rows, drop_carried_over, make_rows, maker_of, undo_rows, welcome
from plugin.journeys.tools import Tools
from plugin.sheets.rows import Fault
from plugin.sheets.store import (
    KeptRow,
    KeptSheet,
    forget_persons,
    get_sheet,
    list_outlived,
    list_working,
    next_rows,
    save_rows,
    set_state,
)
from plugin.shopify.customers import find_customers_by_email

BATCH = 200
PERSONS_KEPT = timedelta(days=25)
"""Below the 30 days within which a redaction has to be finished."""

# state of the sheet → (state of rows to be worked on, state of those that are through, the sheet's next state)
_STEPS = {
    "checking": ("waiting", "ready", "checked"),
    "running": ("ready", "posted", "done"),
    "undoing": ("posted", "undone", "undone"),
}
_MAKERS: dict[str, Callable[[Maker, Sequence[KeptRow]], list[Outcome]]] = {
    "checking": check_rows,
    "running": make_rows,
    "undoing": undo_rows,
}


def due_sheets(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the sheets with rows to be worked on, and those that told of persons for long enough."""
    with tools.reading() as session:
        found = [*list_working(session, limit), *list_outlived(session, now - PERSONS_KEPT, limit)]
    return [f"{programme_id}:{sheet_id}" for programme_id, sheet_id in found]


def settle_sheet(tools: Tools, key: str, now: datetime) -> None:
    """Work through one sheet until nothing is left to do in its state."""
    programme_id, sheet_id = (UUID(part) for part in key.split(":"))
    while work_batch(tools, programme_id, sheet_id, now):
        pass


def work_batch(tools: Tools, programme_id: UUID, sheet_id: UUID, now: datetime) -> bool:
    """Work on the next rows; say whether there may be more to do."""
    with tools.reading() as session:
        sheet = get_sheet(session, programme_id, sheet_id)
        rows = next_rows(session, tools.sealer, sheet, "waiting", BATCH) if sheet.state == "checking" else []
    found = _look_up(tools, sheet, rows)
    _welcome(tools, sheet, now)
    with tools.writing() as session:
        sheet = get_sheet(session, programme_id, sheet_id, is_locked=True)
        if sheet.state not in _STEPS:
            if sheet.changed_at < now - PERSONS_KEPT:
                forget_persons(session, sheet)
            return False
        return _work(session, tools, sheet, found, now)


def _work(session: Session, tools: Tools, sheet: KeptSheet, found: dict[str, int | Fault], now: datetime) -> bool:
    todo, through, after = _STEPS[sheet.state]
    rows = next_rows(session, tools.sealer, sheet, todo, BATCH)
    if not rows:
        if sheet.state == "undoing":
            drop_carried_over(session, sheet, now)
        set_state(session, sheet, after, now)
        return False
    named = [row for row in rows if _is_named(row, found)]
    outcomes = _MAKERS[sheet.state](
        maker_of(session, tools.sealer, sheet, now), [row for row in named if not row.fault]
    )
    for row, outcome in zip([row for row in named if not row.fault], outcomes, strict=True):
        _note(row, outcome, through)
    for row in named:
        row.state = "rejected" if row.fault else row.state
    save_rows(session, sheet, named)
    return any(row.state != todo for row in named)


def _welcome(tools: Tools, sheet: KeptSheet, now: datetime) -> None:
    """Have the members of the next rows at hand before their points are locked: orders come before accounts."""
    if sheet.state != "running" or sheet.kind != "opening":
        return
    with tools.writing() as session:
        sheet = get_sheet(session, sheet.programme_id, sheet.sheet_id, is_locked=True)
        rows = next_rows(session, tools.sealer, sheet, "ready", BATCH) if sheet.state == "running" else []
        welcome(maker_of(session, tools.sealer, sheet, now), [row for row in rows if row.customer_id is not None])


def _note(row: KeptRow, outcome: Outcome, through: str) -> None:
    """Say what became of a row; one whose customer was merged just now is tried again with the next batch."""
    if outcome.fault is None:
        row.state = through
        row.posting_id = row.posting_id or outcome.posting_id
    elif type(outcome.fault) is not Conflict:
        row.fault = Fault(outcome.fault.code)


def _is_named(row: KeptRow, found: dict[str, int | Fault]) -> bool:
    """Give a row its customer; False where we have not asked Shopify for it yet.

    What is to be undone is named by its posting, also where the customer was forgotten since.
    """
    if row.customer_id is not None or row.posting_id is not None:
        return True
    answer = found.get(str(row.personal.get("email")))
    if isinstance(answer, Fault):
        row.fault = answer
    else:
        row.customer_id = answer
    return answer is not None


def _look_up(tools: Tools, sheet: KeptSheet, rows: Sequence[KeptRow]) -> dict[str, int | Fault]:
    """Ask Shopify whose addresses these are. No transaction is open meanwhile."""
    emails = sorted({str(row.personal["email"]) for row in rows if row.customer_id is None and "email" in row.personal})
    unknown: dict[str, int | Fault] = {"None": Fault("who_missing", "customer_id")}
    if not emails:
        return unknown
    try:
        found = find_customers_by_email(admin_for(tools, sheet.shop_id, may_rest=True), emails)
    except ShopifyRefused:
        return unknown | dict.fromkeys(emails, Fault("lookup_refused", "email"))
    return unknown | {one: found.get(one, Fault("no_such_customer", "email")) for one in emails}

"""Points by hand, ready to be drawn: the form for one customer, the form for a file, and each file as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from markupsafe import Markup

from plugin.admin.fields import marks
from plugin.db import new_id
from plugin.journeys.adjusting import WHYS
from plugin.journeys.importing import SheetView
from plugin.journeys.standing_of import MemberStanding
from plugin.messages import Words
from plugin.sheets.store import KeptRow

REFUSED_SHOWN = 5
_WORKING = ("checking", "running", "undoing")
_TONES = {"checked": "attention", "done": "success", "undone": ""}
_TEMPLATES = {
    "adjustment": "customer_id,points,note,internal_note\r\n",
    "opening": "customer_id,points,earned_on,expires_on,joined_on,tier,tier_since,tier_until,referral_code,birthday,birthday_used\r\n",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was sent, or an empty one: `faults` by field, and a note over it."""

    words: Words
    typed: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    note_tone: str = ""
    key: str = field(default_factory=lambda: str(new_id()))
    member: MemberStanding | None = None
    is_fresh_list: bool = False

    def marks(self, name: str) -> Markup:
        """The attributes that tie a control to its help and to what is wrong with it."""
        return marks(self.faults, name)

    @property
    def whys(self) -> list[tuple[str, str]]:
        """Reasons to choose from."""
        return [(one, self.words.say(f"admin.why.{one}")) for one in WHYS]

    @property
    def expiries(self) -> list[tuple[str, str]]:
        """When given points expire: what one may choose."""
        return [(one, self.words.say(f"admin.adjust.expiry.{one}")) for one in ("programme", "never", "day")]

    @property
    def templates(self) -> dict[str, str]:
        """Empty files with the right columns, ready to stand in a data address."""
        return {kind: quote(text) for kind, text in _TEMPLATES.items()}


class UploadForm(Form):
    """The form for a file."""

    @property
    def expiries(self) -> list[tuple[str, str]]:
        """A file names days by itself."""
        return [(one, self.words.say(f"admin.adjust.expiry.{one}")) for one in ("programme", "never")]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken."""

    number: int
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class SheetCard:
    """One file: what it would do, does, or did."""

    sheet_id: UUID
    name: str
    state_text: str
    tone: str
    kind_text: str
    created_at: datetime
    created_text: str
    lines: int
    rows_done: int
    progress_text: str
    sum_text: str
    remarks: tuple[str, ...]
    refused: tuple[Refused, ...]
    refused_text: str
    same_text: str
    report_name: str
    is_working: bool
    is_checked: bool
    may_start: bool
    may_undo: bool
    note: str = ""


def sheet_card(view: SheetView, refused: Sequence[KeptRow], words: Words, timezone: str, note: str = "") -> SheetCard:
    """Prepare one file to be drawn."""
    sheet, counted = view.sheet, view.tally
    count = counted.rows.get("rejected", 0)
    return SheetCard(
        sheet_id=sheet.sheet_id,
        name=sheet.name,
        state_text=words.say(f"admin.sheet.state.{sheet.state}"),
        tone=_TONES.get(sheet.state, "info"),
        kind_text=words.say(f"admin.sheet.{sheet.kind}"),
        created_at=sheet.created_at,
        created_text=words.moment(sheet.created_at, timezone),
        lines=sheet.lines,
        rows_done=view.rows_done,
        progress_text=words.say(
            "admin.sheet.progress", done=words.number(view.rows_done), all=words.number(sheet.lines)
        ),
        sum_text=_sum(view, words),
        remarks=(words.say("admin.sheet.pending", view.pending),) if view.pending else (),
        refused=tuple(_refused(row, words) for row in refused),
        refused_text=words.say("admin.sheet.refused", count),
        same_text=words.say("admin.sheet.repeat", at=words.moment(view.same.changed_at, timezone)) if view.same else "",
        report_name=f"{sheet.name.rpartition('.')[0] or sheet.name}-{words.say('admin.report.row').lower()}.csv",
        is_working=sheet.state in _WORKING,
        is_checked=sheet.state == "checked",
        may_start=sheet.state == "checked" and bool(counted.rows.get("ready")),
        may_undo=sheet.state == "done" and bool(counted.rows.get("posted")),
        note=note,
    )


def empty_form(words: Words, **known: Any) -> Form:
    """A form nobody wrote in yet."""
    return Form(words, {"direction": "give", "why": "goodwill", "expiry": "programme"}, **known)


def empty_upload(words: Words, **known: Any) -> UploadForm:
    """A form for a file nobody chose yet."""
    return UploadForm(words, {"kind": "adjustment", "why": "promotion", "expiry": "programme"}, **known)


def _sum(view: SheetView, words: Words) -> str:
    counted = view.tally
    return words.say(
        "admin.sheet.sum",
        given=words.number(counted.given),
        taken=words.number(counted.taken),
        customers=words.say("admin.sheet.customers", counted.customers),
    )


def _refused(row: KeptRow, words: Words) -> Refused:
    why = words.say(f"admin.fault.{row.fault.code}") if row.fault else ""
    return Refused(row.number, str(row.personal.get("who") or row.customer_id or ""), why)

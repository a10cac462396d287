"""Lines into rows: whom it concerns, how many points, and what else is worth carrying over; or what is wrong, and in which column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin.sheets import cells
from plugin.sheets.cells import BadCell
from plugin.sheets.reading import Line, Sheet
from plugin.sheets.shapes import Shape, places

_NOTE_LENGTH_MAX = 500
_TIER_LENGTH_MAX = 100
_NO_MEMBER = frozenset({"candidate", "guest", "not_a_member"})
_SHUT_OUT = frozenset({"disabled", "excluded", "blocked", "restricted"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not taken: a machine word, and the field it is about."""

    code: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as read. `data` may be kept; `personal` names a person or tells of one, and is kept sealed and not for long."""

    number: int
    customer_id: int | None = None
    points: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None


def read_rows(sheet: Sheet, shape: Shape) -> Iterator[ReadRow]:
    """Read every line of a sheet; a customer named twice where each has one row is taken the first time."""
    placed = places(shape, sheet.columns)
    seen: set[Any] = set()
    for line in sheet.lines:
        row = _read(line, placed, shape)
        who = row.customer_id or row.personal.get("email")
        if row.fault is None and shape.is_one_row_per_customer and who in seen:
            row = _faulty(row, Fault("twice"))
        seen.add(who)
        yield row


def _read(line: Line, placed: Mapping[str, int], shape: Shape) -> ReadRow:
    texts = {name: line.cells[place] if place < len(line.cells) else "" for name, place in placed.items()}
    known: dict[str, Any] = {}
    fault = None
    for name, text in texts.items():
        try:
            if text:
                known[name] = _READERS[name](text)
        except BadCell as bad:
            fault = fault or Fault(str(bad), name)
    row = ReadRow(
        number=line.number,
        customer_id=known.get("customer_id"),
        points=known.get("points", 0),
        data={name: known[name] for name in _KEPT if name in known},
        personal=_personal(texts, known),
    )
    fault = fault or _contradiction(row, known, shape)
    return _faulty(row, fault) if fault else row


def _personal(texts: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says of a person; the customer's cell as it was, so that a refused row can be found again."""
    told = {name: known[name] for name in _PERSONAL if name in known}
    who = texts.get("customer_id") or texts.get("email")
    return told | ({"who": who} if who else {})


def _contradiction(row: ReadRow, known: Mapping[str, Any], shape: Shape) -> Fault | None:
    if row.customer_id is None and "email" not in row.personal:
        return Fault("who_missing", "customer_id")
    if "points" not in known:
        return Fault("points_missing", "points")
    if shape.kind == "adjustment":
        return None if row.points else Fault("no_change", "points")
    if known.get("standing") in _SHUT_OUT or known.get("is_blocked"):
        return Fault("shut_out", "standing")
    return Fault("negative_points", "points") if row.points < 0 else None


def _faulty(row: ReadRow, fault: Fault) -> ReadRow:
    return ReadRow(row.number, row.customer_id, row.points, row.data, row.personal, fault)


def _note(text: str) -> str:
    if len(text) > _NOTE_LENGTH_MAX:
        raise BadCell("too_long")
    return text


def _tier(text: str) -> str:
    if len(text) > _TIER_LENGTH_MAX:
        raise BadCell("too_long")
    return text


def _standing(text: str) -> str:
    word = text.casefold().replace(" ", "_")
    return "candidate" if word in _NO_MEMBER else "disabled" if word in _SHUT_OUT else "member"


_READERS: Mapping[str, Callable[[str], Any]] = {
    "customer_id": cells.customer_id,
    "email": cells.email,
    "points": cells.points,
    "pending": cells.points,
    "public_note": _note,
    "internal_note": _note,
    "earned_at": cells.day_or_instant,
    "expires_at": cells.day_or_instant,
    "joined_at": cells.day_or_instant,
    "standing": _standing,
    "is_enrolled": cells.is_yes,
    "is_blocked": cells.is_yes,
    "tier": _tier,
    "tier_since": cells.day_or_instant,
    "tier_until": cells.day_or_instant,
    "referral_code": cells.referral_code,
    "birthday": cells.birthday,
    "birthday_used": cells.year_used,
}
_KEPT = (
    "pending",
    "earned_at",
    "expires_at",
    "joined_at",
    "standing",
    "is_enrolled",
    "tier",
    "tier_since",
    "tier_until",
)
_PERSONAL = ("email", "public_note", "internal_note", "referral_code", "birthday", "birthday_used")

"""Bytes of a CSV file into a header and lines of cells. Nothing of it is believed yet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from plugin.errors import BadInput

BYTES_MAX = 32 * 1024 * 1024
LINES_MAX = 250_000
COLUMNS_MAX = 200
CELL_LENGTH_MAX = 2_000
_DELIMITERS = ",;\t|"
_NOT_A_NAME = re.compile(r"[^0-9a-z]+")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line's cells, stripped. `number` is where a spreadsheet shows it: the header is line 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns, by their names in small letters with underscores, and its lines; empty lines are left out."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_sheet(raw: bytes) -> Sheet:
    """Read a file as spreadsheets write them: UTF-8, UTF-16 or Windows letters; comma, semicolon, tab or bar.

    Raises:
        BadInput: it is no such file; `code` says what is wrong in a machine word, `path` where.
    """
    if len(raw) > BYTES_MAX:
        raise BadInput(f"the file is larger than {BYTES_MAX} bytes", code="sheet_too_large")
    text = _decoded(raw)
    if "\x00" in text:
        raise BadInput("this is not a text file", code="sheet_unreadable")
    lines = _lines(text)
    if not lines:
        raise BadInput("the file is empty", code="sheet_empty")
    columns = tuple(_name(cell) for cell in lines[0].cells)
    if twice := [name for name, count in Counter(columns).items() if name and count > 1]:
        raise BadInput(f"two columns are called {twice[0]}", path=twice[0], code="column_twice")
    return Sheet(columns, tuple(lines[1:]))


def _decoded(raw: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as fault:
                raise BadInput("the file breaks off within a letter", code="sheet_unreadable") from fault
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _lines(text: str) -> list[Line]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                lines.append(Line(reader.line_num, stripped))
            _check(reader.line_num, stripped, len(lines))
    except csv.Error as fault:
        raise BadInput(
            f"line {reader.line_num}: {fault}", path=str(reader.line_num), code="sheet_unreadable"
        ) from fault
    return lines


def _check(number: int, cells: tuple[str, ...], count: int) -> None:
    if count > LINES_MAX + 1:
        raise BadInput(f"the file has more than {LINES_MAX} lines", code="sheet_too_long")
    if len(cells) > COLUMNS_MAX or any(len(cell) > CELL_LENGTH_MAX for cell in cells):
        raise BadInput(f"line {number} is too wide", path=str(number), code="sheet_unreadable")


def _name(cell: str) -> str:
    return _NOT_A_NAME.sub("_", cell.casefold()).strip("_")

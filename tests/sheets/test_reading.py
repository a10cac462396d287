"""Files as spreadsheets write them, and files that are none."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput
from plugin.sheets import reading
from plugin.sheets.reading import read_sheet


@pytest.mark.parametrize(
    "raw",
    [
        b"Email,Points\r\na@b.example,5\r\n",
        b"email;points\na@b.example;5",
        b"\xef\xbb\xbfEmail\tPoints\na@b.example\t5\n\n\n",
        "Email|Points\na@b.example|5\n".encode("utf-16"),
        b'"E-mail is ""email""","x"\n'.replace(b'"E-mail is ""email""","x"', b'" EMAIL ","points"')
        + b'"a@b.example","5"\n',
    ],
)
def test_whatever_spreadsheets_write_is_read_alike(raw):
    sheet = read_sheet(raw)
    assert sheet.columns == ("email", "points")
    assert [line.cells for line in sheet.lines] == [("a@b.example", "5")]


def test_a_line_is_numbered_as_a_spreadsheet_numbers_it():
    sheet = read_sheet(b'email,points,note\na@b.example,5,"two\nlines"\n\nb@b.example,6,\n')
    assert [(line.number, line.cells[2]) for line in sheet.lines] == [(3, "two\nlines"), (5, "")]


def test_windows_letters_are_no_reason_to_refuse_a_file():
    assert read_sheet("email,note\na@b.example,café\n".encode("cp1252")).lines[0].cells[1] == "café"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "sheet_empty"),
        (b"\n\n", "sheet_empty"),
        (b"PK\x03\x04\x00\x00", "sheet_unreadable"),
        (b"email,points,Email\n", "column_twice"),
        (b'email,points\n"a@b.example,5\n', "sheet_unreadable"),
        (b"email,points\n" + b"x" * 3000 + b",5\n", "sheet_unreadable"),
        (b",".join([b"c%d" % n for n in range(300)]), "sheet_unreadable"),
        ("email".encode("utf-16")[:-1], "sheet_unreadable"),
    ],
)
def test_what_is_no_sheet_is_refused_with_a_word(raw, code):
    with pytest.raises(BadInput) as refused:
        read_sheet(raw)
    assert refused.value.code == code


def test_a_file_may_not_be_endless(monkeypatch):
    monkeypatch.setattr(reading, "LINES_MAX", 3)
    assert len(read_sheet(b"email,points\n" + b"a@b.example,5\n" * 3).lines) == 3
    with pytest.raises(BadInput) as refused:
        read_sheet(b"email,points\n" + b"a@b.example,5\n" * 4)
    assert refused.value.code == "sheet_too_long"
    monkeypatch.setattr(reading, "BYTES_MAX", 3)
    with pytest.raises(BadInput) as refused:
        read_sheet(b"email")
    assert refused.value.code == "sheet_too_large"

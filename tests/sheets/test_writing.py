"""Files we hand out run nothing in anybody's spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from plugin.sheets import write_csv


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\x00=1"],
)
def test_what_would_be_a_formula_is_quoted(text):
    written = list(csv.reader(io.StringIO(write_csv(["who"], [[text]]).removeprefix("\ufeff"), newline="")))
    assert written[1][0].startswith("'")


def test_numbers_stay_numbers_and_letters_stay_letters():
    text = write_csv(["Бж", "Пщ"], [["ada@example.com", -5], ['say "hi", twice', 7]])
    assert text == '\ufeffБж,Пщ\r\nada@example.com,-5\r\n"say ""hi"", twice",7\r\n'

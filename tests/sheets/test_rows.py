"""Rows of the files we know: our own shapes, and those of Smile and LoyaltyLion (columns as theirs, people invented)."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.errors import BadInput
from plugin.sheets import Fault, read_rows, read_sheet
from plugin.sheets.shapes import SHAPES, shape_of

FILES = Path(__file__).parent / "files"


def _rows(name, kind="opening"):
    sheet = read_sheet((FILES / name).read_bytes())
    shape = shape_of(kind, sheet.columns)
    return shape.name, list(read_rows(sheet, shape))


@pytest.mark.parametrize("name", ["smile", "loyaltylion", "laurel"])
def test_a_file_tells_by_its_columns_which_app_wrote_it(name):
    assert _rows(f"{name}.csv")[0] == name


def test_two_columns_of_an_app_are_enough():
    """Smile's own template has these two; so has nearly everybody's."""
    assert shape_of("opening", ("email", "points")).name == "laurel"
    assert shape_of("opening", ("email", "points_balance")).name == "smile"
    assert shape_of("opening", ("merchant_id", "points_approved")).name == "loyaltylion"


def test_a_smile_export_is_read():
    _, rows = _rows("smile.csv")
    assert [(row.number, row.points, row.fault) for row in rows] == [
        (2, 1250, None),
        (3, 0, None),
        (4, 40, None),
        (5, 900, Fault("shut_out", "standing")),
        (6, 0, Fault("bad_points", "points")),
        (7, 75, None),
    ]
    assert rows[0].data == {
        "expires_at": "2027-06-30",
        "standing": "member",
        "tier": "Gold",
        "tier_until": "2027-03-31",
    }
    assert rows[0].personal == {
        "email": "ines.marlow@example.com",
        "referral_code": "9qr5Pw",
        "birthday": "05-27",
        "who": "ines.marlow@example.com",
    }
    assert rows[2].data["standing"] == "candidate"


def test_a_loyaltylion_export_is_read():
    _, rows = _rows("loyaltylion.csv")
    assert [(row.customer_id, row.points, row.fault and row.fault.code) for row in rows] == [
        (7001, 500, None),
        (7002, 120, None),
        (7003, 60, "shut_out"),
        (7004, -20, "negative_points"),
        (7001, 10, "twice"),
    ]
    assert rows[0].data == {
        "pending": 200,
        "expires_at": "2027-02-28",
        "joined_at": "2025-06-01T15:00:00+00:00",
        "is_enrolled": True,
        "tier": "Explorer",
        "tier_since": "2025-06-01T15:00:00+00:00",
        "tier_until": "2027-06-01T15:00:00+00:00",
    }
    assert rows[0].personal["referral_code"] == "ada-k7"
    assert rows[1].data["is_enrolled"] is False


def test_our_own_shape_has_as_many_rows_for_a_customer_as_there_are_lots():
    _, rows = _rows("laurel.csv")
    assert [(row.customer_id, row.points, row.fault) for row in rows] == [
        (7001, 300, None),
        (7001, 200, None),
        (7002, 50, None),
        (7003, 50, None),
        (7004, 50, Fault("bad_date", "earned_at")),
    ]
    assert rows[1].data == {"earned_at": "2026-06-15", "expires_at": "2027-06-15"}
    assert rows[0].personal["birthday_used"] == 2026


def test_an_adjustment_names_a_customer_and_a_change():
    sheet = read_sheet(b"customer_id,email,points,note\n7001,,5,Thanks\n,a@b.example,-5,\n,,5,\n7002,,,\n7003,,0,\n")
    rows = list(read_rows(sheet, shape_of("adjustment", sheet.columns)))
    assert [(row.points, row.fault and row.fault.code) for row in rows] == [
        (5, None),
        (-5, None),
        (5, "who_missing"),
        (0, "points_missing"),
        (0, "no_change"),
    ]
    assert rows[0].personal == {"public_note": "Thanks", "who": "7001"}


@pytest.mark.parametrize(
    ("kind", "columns", "name", "path"),
    [
        ("opening", ("email", "name"), None, "points"),
        ("opening", ("points",), None, "customer_id"),
        ("adjustment", ("points_balance", "email"), None, "points"),
        ("opening", ("points", "email"), "adjustments", "shape"),
        ("opening", ("points", "email"), "yotpo", "shape"),
    ],
)
def test_a_file_without_customers_or_points_is_refused_at_once(kind, columns, name, path):
    with pytest.raises(BadInput) as refused:
        shape_of(kind, columns, name)
    assert refused.value.path == path


def test_a_line_that_is_too_short_has_empty_cells():
    sheet = read_sheet(b"email,points,note\na@b.example,5\nb@b.example\n")
    rows = list(read_rows(sheet, SHAPES["adjustments"]))
    assert [(row.points, row.fault) for row in rows] == [(5, None), (0, Fault("points_missing", "points"))]

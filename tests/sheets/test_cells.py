"""Cells: what is read, and what nobody should guess."""

from __future__ import annotations

import pytest

from plugin.sheets import cells
from plugin.sheets.cells import BadCell


@pytest.mark.parametrize(
    ("reader", "cell", "value"),
    [
        (cells.points, "1250", 1250),
        (cells.points, "-5", -5),
        (cells.points, "+7.00", 7),
        (cells.customer_id, "7001", 7001),
        (cells.customer_id, "'7001", 7001),
        (cells.customer_id, "gid://shopify/Customer/7001", 7001),
        (cells.email, "Ada.K+x@Example.co.uk", "ada.k+x@example.co.uk"),
        (cells.day_or_instant, "2026-02-28", "2026-02-28"),
        (cells.day_or_instant, "28.2.2026", "2026-02-28"),
        (cells.day_or_instant, "2026-02-28T10:00:00+02:00", "2026-02-28T08:00:00+00:00"),
        (cells.day_or_instant, "2026-02-28 10:00:00 UTC", "2026-02-28T10:00:00+00:00"),
        (cells.day_or_instant, "2026-02-28T10:00:00.123Z", "2026-02-28T10:00:00.123000+00:00"),
        (cells.birthday, "1004-05-27", "05-27"),
        (cells.birthday, "02-29", "02-29"),
        (cells.birthday, "--12-01", "12-01"),
        (cells.year_used, "2025", 2025),
        (cells.year_used, "2025-06-22", 2025),
        (cells.year_used, "yes", 0),
        (cells.year_used, "No", None),
        (cells.is_yes, "TRUE", True),
        (cells.is_yes, "0", False),
        (cells.referral_code, "ADA-1", "ADA-1"),
        (cells.referral_code, "https://i.refs.example/9qr5Pw/", "9qr5Pw"),
        (cells.referral_code, "https://shop.example/?ref=zz9", "zz9"),
    ],
)
def test_a_cell_is_read(reader, cell, value):
    assert reader(cell) == value


@pytest.mark.parametrize(
    ("reader", "cell", "word"),
    [
        (cells.points, "1,300", "bad_points"),
        (cells.points, "1.5", "bad_points"),
        (cells.points, "1e5", "bad_points"),
        (cells.points, "٣", "bad_points"),
        (cells.points, "99999999999", "bad_points"),
        (cells.points, "=1+1", "bad_points"),
        (cells.customer_id, "7.01E+12", "bad_customer"),
        (cells.customer_id, "0", "bad_customer"),
        (cells.customer_id, "9" * 19, "bad_customer"),
        (cells.email, "ada", "bad_email"),
        (cells.email, "ada@example", "bad_email"),
        (cells.email, "a b@example.com", "bad_email"),
        (cells.day_or_instant, "03/04/2026", "bad_date"),
        (cells.day_or_instant, "2026-02-30", "bad_date"),
        (cells.day_or_instant, "31.2.2026", "bad_date"),
        (cells.day_or_instant, "soon", "bad_date"),
        (cells.birthday, "13-01", "bad_date"),
        (cells.birthday, "02-30", "bad_date"),
        (cells.year_used, "maybe", "bad_date"),
        (cells.is_yes, "perhaps", "bad_yes_or_no"),
        (cells.referral_code, "a b", "bad_referral_code"),
        (cells.referral_code, "https://shop.example/", "bad_referral_code"),
    ],
)
def test_a_cell_that_can_be_read_two_ways_or_none_is_refused(reader, cell, word):
    with pytest.raises(BadCell, match=word):
        reader(cell)

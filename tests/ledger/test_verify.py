"""The verifier sees each promise broken: rows are spoilt on purpose, past the database's own guards, and the right invariant speaks."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from plugin.journeys.proving import ask_exactly, verify
from tests.factories import credit_now, make_member, make_shop, paid_order

# what is spoilt → the invariant that must name it
SPOILERS = {
    "UPDATE account SET available = available + 1": {1, 2},
    "UPDATE lot SET available = available - 1, spent = spent + 1": {2, 12},
    "UPDATE lot SET granted = granted + 1": {3, 12},
    "UPDATE account SET held = held + 1": {1, 2, 7},
    "UPDATE account SET debt = debt - 1": {1, 6},
    "UPDATE order_target SET points = points + 1": {8},
    "DELETE FROM order_target": {8},
    "UPDATE lot SET matures_at = '2001-01-01 00:00:00.000000'": {10},
    "UPDATE entry SET destination = 'redeemed'": {1, 12},
    "UPDATE entry SET points = points + 1": {1, 8, 12},
    "UPDATE entry SET is_reversal = (1 = 1)": {12},
    "UPDATE entry SET points = -points": {1, 8, 12},
    "UPDATE lot SET available = available - 1, held = held + 1": {2, 12},
    "UPDATE lot SET expires_at = '2001-01-01 00:00:00.000000'": {10},
    "DELETE FROM entry": {1, 5, 8, 12},
}


def test_a_sound_ledger_has_no_violations(tools, shop):
    make_member(tools, shop, points=10)
    with tools.reading() as session:
        assert verify(session) == []
        assert verify(session, shop.programme_id) == []


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_spoilt_row_is_found_and_named(tools, shop, spoiler):
    make_member(tools, shop, points=10)
    _spoil(tools, spoiler)
    with tools.reading() as session:
        found = verify(session)
        asked = list(ask_exactly(session))
    assert SPOILERS[spoiler] <= {one.invariant for one in found}
    assert [one for one in found if one.invariant != 4] == asked, "the quick looks let something pass"
    assert all(one.row for one in found if one.invariant != 4)


def test_a_missing_guard_is_found(tools, shop):
    with tools.writing() as session:
        drop = (
            "DROP TRIGGER posting_no_update"
            if tools.database.is_sqlite
            else "DROP TRIGGER posting_append_only ON posting"
        )
        session.execute(text(drop))
    with tools.reading() as session:
        assert [one.invariant for one in verify(session)] == [4]


def test_one_programme_is_checked_without_the_others(tools, shop):
    other = make_shop(tools, "laurel-other.myshopify.com")
    credit_now(tools, paid_order(other, order_id=9001))
    make_member(tools, shop, points=10)
    with tools.writing() as session:
        session.execute(text("UPDATE order_target SET points = points + 1 WHERE order_id = 9001"))
    with tools.reading() as session:
        assert verify(session, shop.programme_id) == []
        assert [one.invariant for one in verify(session, other.programme_id)] == [8, 8]


def _spoil(tools, statement):
    """Change rows as somebody with the keys to the database could: guards off, checks dropped."""
    with tools.writing() as session:
        if tools.database.is_sqlite:
            for trigger in ("entry_no_update", "entry_no_delete"):
                session.execute(text(f"DROP TRIGGER {trigger}"))
            session.execute(text("PRAGMA ignore_check_constraints=ON"))
            session.execute(text(statement))
            session.execute(text("PRAGMA ignore_check_constraints=OFF"))
            return
        session.execute(text("DROP TRIGGER entry_append_only ON entry"))
        for table, names in {
            "account": ("floors", "debt_first"),
            "lot": ("adds_up", "floors"),
            "entry": ("points", "flow"),
        }.items():
            for name in names:
                session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}"))
        session.execute(text(statement))

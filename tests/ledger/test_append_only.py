"""Nothing that was appended can be changed or removed: the database itself refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import make_member

CHANGES = {
    "posting": ["UPDATE posting SET actor = 'x'", "DELETE FROM posting"],
    "entry": ["UPDATE entry SET points = points + 1", "DELETE FROM entry"],
    "programme_document": ["UPDATE programme_document SET actor = 'x'", "DELETE FROM programme_document"],
}


@pytest.mark.parametrize("statement", [one for statements in CHANGES.values() for one in statements])
def test_appended_rows_cannot_be_changed_or_removed(tools, shop, statement):
    make_member(tools, shop, points=10)
    with pytest.raises(DBAPIError, match=r"append-only|foreign key|violates"), tools.writing() as session:
        session.execute(text(statement))


def test_appended_rows_cannot_be_replaced_on_sqlite(tools, shop):
    if not tools.database.is_sqlite:
        return
    make_member(tools, shop, points=10)
    with pytest.raises(DBAPIError, match="append-only"), tools.writing() as session:
        session.execute(text("INSERT OR REPLACE INTO entry SELECT * FROM entry"))


def test_tables_cannot_be_truncated_on_postgres(tools, shop):
    if tools.database.is_sqlite:
        return
    make_member(tools, shop, points=10)
    with pytest.raises(DBAPIError, match="append-only"), tools.writing() as session:
        session.execute(text("TRUNCATE entry"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET available = -1",
        "UPDATE account SET debt = 1",
        "UPDATE account SET debt = -1, available = 5",
        "UPDATE lot SET available = available + 1",
        "UPDATE lot SET pending = -1, granted = granted - 1",
    ],
)
def test_the_database_refuses_impossible_balances(tools, shop, statement):
    make_member(tools, shop, points=10)
    with pytest.raises(DBAPIError), tools.writing() as session:
        session.execute(text(statement))


def test_a_session_for_reading_cannot_write(tools, shop):
    make_member(tools, shop, points=10)
    with tools.reading() as session, pytest.raises(DBAPIError):
        session.execute(text("UPDATE account SET version = version + 1"))

"""The migrations make the tables that the rooms declare."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError

from plugin.db import Database, metadata, new_id
from plugin.migrations import alembic_config, is_current, upgrade
from plugin.rewards.tables import redemption

ROW = {column.name: None for column in redemption.columns} | {
    "programme_id": new_id(),
    "id": new_id(),
    "shop_id": new_id(),
    "member_id": new_id(),
    "account_id": new_id(),
    "customer_id": 7001,
    "wish_id": "wish",
    "wish_hash": "hash",
    "reward_id": "five_off",
    "reward": {"points": 5},
    "document_version": 1,
    "points": 5,
    "state": "held",
    "code": "C",
    "code_attempt": 1,
    "attempts": 2,
    "created_at": datetime(2026, 11, 1, tzinfo=UTC),
}


def test_tables_are_migrated_as_they_are_declared(database):
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_redemptions_outlive_the_change_of_their_check(database, tmp_path):
    """SQLite makes the table anew for it."""
    older = Database(f"sqlite:///{tmp_path / 'older.db'}") if database.is_sqlite else database
    if database.is_sqlite:
        event.listen(older.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=OFF"))
    else:
        with older.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    command.upgrade(alembic_config(older), "0041")
    add(older, ROW)
    upgrade(older)
    assert is_current(older)
    with older.reading() as session:
        assert [row._asdict() for row in session.execute(select(redemption))] == [ROW]
    add(older, ROW | {"id": new_id(), "wish_id": "gift", "code": "D", "points": 0})
    with pytest.raises(IntegrityError):
        add(older, ROW | {"id": new_id(), "wish_id": "less", "code": "E", "points": -1})
    older.dispose()


def add(database: Database, row: dict[str, object]) -> None:
    """Add a row whose shop and member nobody made."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(insert(redemption), [row])

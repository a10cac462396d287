"""Writes rows by the hundred thousand: plain SQL on SQLite, COPY on Postgres, without the checks that only cost time here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from plugin.db import Database
from tests.benchmarks.history import Row

COLUMNS = {
    "account": "programme_id id kind pending available held debt version published_version created_at",
    "member": "programme_id id account_id standing card_number seen_at",
    "order_state": "programme_id shop_id order_id revision ownership is_frozen attempts seen_at",
    "order_target": "programme_id shop_id order_id account_id points",
    "posting": "programme_id id reference reason actor document_version shop_id order_id redemption_id explanation "
    "occurred_at recorded_at",
    "lot": "programme_id id account_id posting_id shop_id order_id granted pending available held spent expired "
    "debt_filled clawed_back occurred_at matures_at",
    "entry": "programme_id id posting_id account_id lot_id source destination points is_reversal",
    "redemption": "programme_id id shop_id member_id account_id customer_id wish_id wish_hash reward_id reward "
    "document_version points state code code_attempt discount_gid attempts created_at settled_at",
}


def write(database: Database, rows: dict[str, Sequence[Row]]) -> None:
    """Insert all rows in one transaction and let the database look at what it holds now."""
    connection = database.engine.raw_connection()
    try:
        (_on_sqlite if database.is_sqlite else _on_postgres)(connection.driver_connection, rows)
    finally:
        connection.close()


def _on_sqlite(driver: Any, rows: dict[str, Sequence[Row]]) -> None:
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("BEGIN")
    for table, columns in COLUMNS.items():
        names = columns.split()
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
        driver.executemany(statement, (tuple(map(_plain, row)) for row in rows[table]))
    driver.execute("COMMIT")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("ANALYZE")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def _on_postgres(driver: Any, rows: dict[str, Sequence[Row]]) -> None:
    with driver.transaction(), driver.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, columns in COLUMNS.items():
            with cursor.copy(f"COPY {table} ({', '.join(columns.split())}) FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(row)
    driver.commit()
    driver.autocommit = True
    driver.execute("VACUUM ANALYZE")
    driver.autocommit = False

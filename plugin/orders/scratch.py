"""Orders of an export file, laid down in a file of their own while they are looked at: a file comes in no member's order.

Nothing of it touches the product's database, and it goes when the look is over. Of an order that came twice, the newer state stays.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from plugin.facts import OrderSnapshot
from plugin.orders.codec import dump_snapshot, read_snapshot, snapshot_key
from plugin.orders.pasts import Past, PastOrder, past_of

ScratchSpan = tuple[int | None, int | None]
"""Persons from this one on, until just before that one; None is without end."""

_AT_ONCE = 1_000
_LEAST = -(2**63)
_TABLE = "CREATE TABLE past (order_id INTEGER PRIMARY KEY, person INTEGER, placed INTEGER, key TEXT, snapshot TEXT)"
_PUT = (
    "INSERT INTO past VALUES (?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET "
    "person = excluded.person, placed = excluded.placed, key = excluded.key, snapshot = excluded.snapshot WHERE excluded.key > key"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def scratch_of(orders: Iterable[OrderSnapshot]) -> Iterator[str]:
    """Lay down orders of one shop; give the file's path, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="laurel-orders-") as folder:
        path = str(Path(folder) / "orders.db")
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA journal_mode=OFF")
            database.execute("PRAGMA synchronous=OFF")
            database.execute(_TABLE)
            database.executemany(_PUT, map(_row, orders))
            database.execute("CREATE INDEX past_person ON past (person)")
        yield path


def count_scratch(path: str) -> int:
    """Count the orders that have a customer."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM past WHERE person IS NOT NULL").fetchone()[0])


def split_scratch(path: str, size: int) -> list[ScratchSpan]:
    """Part the persons into spans of about so many orders each."""
    numbered = "SELECT person, row_number() OVER (ORDER BY person) AS place FROM past WHERE person IS NOT NULL"
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(f"SELECT person FROM ({numbered}) WHERE place % ? = 0", (size,)).fetchall()
    return list(pairwise([None, *sorted({int(person) for (person,) in rows}), None]))


def read_scratch(path: str, span: ScratchSpan) -> Iterator[Past]:
    """Read the persons of a span, one after the other."""
    since, until = span
    query = "SELECT person, snapshot FROM past WHERE person >= ? AND (? IS NULL OR person < ?) ORDER BY person"
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(query, (_LEAST if since is None else since, until, until))
        rows.arraysize = _AT_ONCE
        for _, mine in groupby(rows, key=lambda row: row[0]):
            yield past_of(PastOrder(read_snapshot(text)) for _, text in mine)


def read_scratch_unowned(path: str) -> Iterator[tuple[datetime, str]]:
    """Read when orders without a customer were placed, and that they are guests'."""
    with closing(sqlite3.connect(path)) as database:
        for (placed,) in database.execute("SELECT placed FROM past WHERE person IS NULL"):
            yield _EPOCH + timedelta(microseconds=placed), "guest"


def _row(order: OrderSnapshot) -> tuple[int, int | None, int, str, str]:
    text = dump_snapshot(order)
    placed = (order.placed_at - _EPOCH) // timedelta(microseconds=1)
    person = order.customer.customer_id if order.customer else None
    return order.order_id, person, placed, snapshot_key(order, text), text

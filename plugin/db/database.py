"""Sessions that read and sessions that write, on SQLite and on Postgres.

SQLAlchemy leaves SQLite's BEGIN to the driver, which opens a transaction only before the first write: two read-modify-write
units then lose updates. So both engines begin by themselves: readers with BEGIN, writers with BEGIN IMMEDIATE behind one fair
lock, since SQLite's own busy handler lets single writers starve.

Parameters stay out of what the database raises: they hold sealed tokens, codes and ids, and exceptions end in logs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

_BUSY_MS = 30_000


class Database:
    """The product's database. Open it after forking; close it with `dispose`."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url if "://" in url else f"sqlite:///{url}")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._lock: AbstractContextManager[None] = _FairLock()
            self.engine = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
            self._read_engine = _sqlite_engine(self.url, "BEGIN", query_only=True)
        else:
            self._lock = nullcontext()
            url_of_driver = self.url.set(drivername="postgresql+psycopg")
            self.engine = create_engine(url_of_driver, pool_pre_ping=True, pool_size=12, hide_parameters=True)
            self._read_engine = self.engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that never writes; the database refuses if it tries."""
        with Session(self._read_engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits when the block ends and rolls back when it raises."""
        with self._lock, Session(self.engine) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._read_engine.dispose()


def _sqlite_engine(url: Any, begin: str, *, query_only: bool = False) -> Engine:
    connect_args = {"check_same_thread": False, "timeout": _BUSY_MS / 1000}
    engine = create_engine(url, connect_args=connect_args, pool_size=12, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _FairLock:
    """First come, first served. `threading.Lock` gives no order, and a starved web request is a time-out for a shopper."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

"""The product with its locks taken out: the controls show that the stories of twenty would see what then goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from sqlalchemy import create_engine, event

from plugin.db import Database
from plugin.journeys.tools import Tools
from plugin.wsgi import create_app
from tests.crowds.crowd import PEOPLE, PROCESSES, Crowd
from tests.factories import Clock, make_tools

PATIENCE_SECONDS = 10


class CarelessDatabase(Database):
    """Locks nothing: on Postgres FOR UPDATE is left out, on SQLite each statement stands alone and nobody waits for a turn.

    So that it goes wrong every time and not by chance, all have looked at `table` before anybody changes it.
    """

    def __init__(self, url: str, table: str, looked: threading.Barrier) -> None:
        super().__init__(url)
        self._lock = nullcontext()
        self._table, self._looked, self._mine = f"FROM {table} ", looked, threading.local()
        if self.is_sqlite:
            self.engine.dispose()
            self.engine = create_engine(
                self.url, connect_args={"check_same_thread": False, "timeout": 30}, pool_size=PEOPLE
            )
            event.listen(self.engine, "connect", _stand_alone)
        event.listen(self.engine, "before_cursor_execute", self._unlocked, retval=True)
        event.listen(self.engine, "after_cursor_execute", self._look)

    def _unlocked(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return statement.replace(" FOR UPDATE", ""), parameters

    def _look(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._table in statement.replace("\n", " ") + " " and not hasattr(self._mine, "has_looked"):
            self._mine.has_looked = True
            with suppress(threading.BrokenBarrierError):
                self._looked.wait(PATIENCE_SECONDS)


@contextmanager
def careless_crowd(url: str, clock: Clock, table: str) -> Iterator[Crowd]:
    """Gather twenty before four processes that lock nothing."""
    looked = threading.Barrier(PEOPLE)
    databases = [CarelessDatabase(url, table, looked) for _ in range(PROCESSES)]
    tools: list[Tools] = [make_tools(one, clock) for one in databases]
    yield Crowd(clock, tools, [create_app(one) for one in tools])
    for one in databases:
        one.dispose()


def _stand_alone(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA recursive_triggers=ON")

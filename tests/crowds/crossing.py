"""Two transactions made to meet where they hurt each other most: each holds what it locked first before either goes for more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from plugin.db import Database
from plugin.journeys.tools import Tools
from tests.factories import Clock, make_tools

PATIENCE_SECONDS = 3
"""How long the first waits for the second, who cannot come as far where it waits for a lock of the first."""


@dataclass(frozen=True)
class Story:
    """Work of one process. It stops once, after the first statement that holds all of `words`; where there are none, not at all."""

    words: tuple[str, ...]
    act: Callable[[Tools], Any]


ACCOUNTS, LIMITS = ("FROM account", "FOR UPDATE"), ("FROM cap_use", "FOR UPDATE")


def cross(url: str, clock: Clock, first: Story, second: Story) -> list[BaseException]:
    """Begin the second story when the first has stopped; the first goes on when the second has stopped, is through, or stands still.

    Returns what the stories raised: on PostgreSQL a deadlock, if each waited for what the other held.
    """
    has_stopped, goes_on = threading.Event(), threading.Event()

    def stop() -> None:
        has_stopped.set()
        goes_on.wait(PATIENCE_SECONDS)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(_tell, url, clock, first, stop, has_stopped.set)
        has_stopped.wait()
        two = threads.submit(_tell, url, clock, second, goes_on.set, goes_on.set)
        return [fault for told in (one, two) if (fault := told.exception())]


def _tell(url: str, clock: Clock, story: Story, stop: Callable[[], None], end: Callable[[], None]) -> None:
    database, stopped = Database(url), threading.Event()

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        flat = statement.replace("\n", " ")
        if story.words and not stopped.is_set() and all(word in flat for word in story.words):
            stopped.set()
            stop()

    event.listen(database.engine, "after_cursor_execute", look)
    try:
        story.act(make_tools(database, clock))
    finally:
        end()
        database.dispose()

"""Group commit: concurrent deliveries share one transaction, so that a durable write costs little.

One writer thread takes whatever waits, inserts and commits once, then lets the waiting requests go. Without it, SQLite's busy
handler starves single requests under load.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from plugin.errors import LaurelError, Overloaded
from plugin.facts import Delivery

log = logging.getLogger(__name__)

_WAITING_MAX = 2_000
_GROUP_MAX = 256
_PATIENCE_SECONDS = 3.0

_FAULTS = (SQLAlchemyError, LaurelError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""Whatever a write may raise: the thread outlives it, and the sender hears "try again"."""

Write = Callable[[Sequence[Delivery]], None]


class _Waiting:
    """A request's deliveries, and the signal that they are on disk."""

    __slots__ = ("deliveries", "done", "failure")

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self.done = threading.Event()
        self.failure: Exception | None = None


class GroupCommit:
    """Stores deliveries through one writer thread. `write` stores a group in one transaction; `stored` hears of each group."""

    def __init__(self, write: Write, stored: Callable[[], None] = lambda: None) -> None:
        self._write = write
        self._stored = stored
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(_WAITING_MAX)
        self._thread = threading.Thread(target=self._run, name="laurel-inbox", daemon=True)
        self._thread.start()

    def store(self, deliveries: Sequence[Delivery]) -> None:
        """Return once the deliveries are durable.

        Raises:
            Overloaded: the queue is full, the database refuses, or 3 seconds went by; Shopify will try again.
        """
        waiting = _Waiting(deliveries)
        try:
            self._queue.put_nowait(waiting)
        except queue.Full as fault:
            raise Overloaded("the inbox is full") from fault
        if not waiting.done.wait(_PATIENCE_SECONDS):
            raise Overloaded("the inbox is slow")
        if waiting.failure is not None:
            raise Overloaded("the inbox could not store this") from waiting.failure

    def close(self) -> None:
        """Store what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first, *self._more()]
            self._store_group(group)
            for waiting in group:
                waiting.done.set()
            self._stored()

    def _more(self) -> list[_Waiting]:
        more: list[_Waiting] = []
        while len(more) < _GROUP_MAX - 1:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            more.append(waiting)
        return more

    def _store_group(self, group: Sequence[_Waiting]) -> None:
        """Write all in one transaction; where that fails, one by one, so that a bad row harms nobody else."""
        try:
            self._write([one for waiting in group for one in waiting.deliveries])
        except _FAULTS:
            log.warning("a group of deliveries failed; storing one by one", exc_info=True)
            for waiting in group:
                self._store_alone(waiting)

    def _store_alone(self, waiting: _Waiting) -> None:
        try:
            self._write(waiting.deliveries)
        except _FAULTS as fault:
            log.exception("a delivery could not be stored")
            waiting.failure = fault

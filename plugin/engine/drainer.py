"""The fast lane's loop: drain while there is something, then wait to be woken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5


class Drainer:
    """Calls `drain` in a thread of its own until it finds nothing, then sleeps until `wake` or `idle_seconds` have passed.

    The idle look finds what another process stored and what is due for another try.
    """

    def __init__(self, drain: Callable[[], int], idle_seconds: float = IDLE_SECONDS) -> None:
        self._drain = drain
        self._idle_seconds = idle_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Look now: something was stored."""
        self._wake.set()

    def start(self) -> None:
        """Run in a background thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="laurel-drainer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and end the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            if not self._drained():
                self._wake.wait(self._idle_seconds)

    def _drained(self) -> int:
        try:
            return self._drain()
        except Exception:
            log.exception("draining failed")
            return 0

"""The slow lane: whatever calls out, waits, or happens by schedule.

The engine ticks and paces; it holds no truth. Each kind of job is `settle(key, now)` over our own tables, idempotent, and names a
sweep that finds the keys due there. A lost nudge, a dead host or an engine replaced by another therefore changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

_SWEEP_LIMIT = 500


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job. `due(now, limit)` lists keys to settle, `settle(key, now)` settles one, `every_seconds` paces the sweep."""

    name: str
    due: Callable[[datetime, int], Sequence[str]]
    settle: Callable[[str, datetime], None]
    every_seconds: float


class Engine:
    """Runs the kinds registered with it; in the background after `start`, or by hand with `run_due`."""

    def __init__(self, kinds: Iterable[JobKind], clock: Callable[[], datetime]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._clock = clock
        self._nudged: set[tuple[str, str]] = set()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def nudge(self, kind: str, key: str) -> None:
        """Ask for something to be settled soon; forgotten if this process dies."""
        with self._guard:
            self._nudged.add((kind, key))
        self._wake.set()

    def settle(self, kind: str, key: str, now: datetime) -> bool:
        """Settle one key; a failure is recorded, never raised: the sweep will find it again. Returns whether it worked."""
        try:
            self._kinds[kind].settle(key, now)
        except Exception:
            log.exception("settling failed", extra={"kind": kind, "key": key})
            return False
        return True

    def sweep(self, kind: str, now: datetime) -> tuple[int, int]:
        """Settle all that is due of one kind; return how many were settled and how many failed."""
        done = [self.settle(kind, key, now) for key in self._kinds[kind].due(now, _SWEEP_LIMIT)]
        return sum(done), len(done) - sum(done)

    def run_due(self, now: datetime) -> dict[str, tuple[int, int]]:
        """Sweep every kind once, in order of registration; return (settled, failed) for each."""
        return {kind: self.sweep(kind, now) for kind in self._kinds}

    def start(self) -> None:
        """Run in a background thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="laurel-engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand and end the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        due_at = dict.fromkeys(self._kinds, 0.0)
        while not self._stopping.is_set():
            self._settle_nudged()
            for kind in self._kinds.values():
                if time.monotonic() >= due_at[kind.name] and not self._stopping.is_set():
                    self._sweep_recorded(kind.name)
                    due_at[kind.name] = time.monotonic() + kind.every_seconds
            self._wake.wait(max(0.01, min(due_at.values(), default=1.0) - time.monotonic()))
            self._wake.clear()

    def _settle_nudged(self) -> None:
        with self._guard:
            nudged, self._nudged = self._nudged, set()
        for kind, key in sorted(nudged):
            self.settle(kind, key, self._clock())

    def _sweep_recorded(self, kind: str) -> None:
        try:
            self.sweep(kind, self._clock())
        except Exception:
            log.exception("sweep failed", extra={"kind": kind})

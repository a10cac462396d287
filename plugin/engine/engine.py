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

from plugin.errors import LaurelError

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
    """Runs the kinds registered with it, each in a lane of its own so that a slow one delays no other; or by hand with `run_due`."""

    def __init__(self, kinds: Iterable[JobKind], clock: Callable[[], datetime]) -> None:
        self._lanes = {kind.name: _Lane(kind, clock) for kind in kinds}

    def nudge(self, kind: str, key: str) -> None:
        """Ask for something to be settled soon; forgotten if this process dies."""
        self._lanes[kind].nudge(key)

    def settle(self, kind: str, key: str, now: datetime) -> bool:
        """Settle one key; a failure is recorded, never raised: the sweep will find it again. Returns whether it worked."""
        return self._lanes[kind].settle(key, now)

    def sweep(self, kind: str, now: datetime) -> tuple[int, int]:
        """Settle all that is due of one kind; return how many were settled and how many failed."""
        return self._lanes[kind].sweep(now)

    def run_due(self, now: datetime) -> dict[str, tuple[int, int]]:
        """Sweep every kind once, in order of registration; return (settled, failed) for each."""
        return {name: lane.sweep(now) for name, lane in self._lanes.items()}

    def start(self) -> None:
        """Run in background threads until `stop`."""
        for lane in self._lanes.values():
            lane.start()

    def stop(self) -> None:
        """Finish the jobs at hand and end the threads."""
        for lane in self._lanes.values():
            lane.ask_to_stop()
        for lane in self._lanes.values():
            lane.join()


class _Lane:
    """One kind's thread: what was nudged first, then, at its pace, whatever its sweep finds."""

    def __init__(self, kind: JobKind, clock: Callable[[], datetime]) -> None:
        self._kind = kind
        self._clock = clock
        self._nudged: set[str] = set()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def nudge(self, key: str) -> None:
        with self._guard:
            self._nudged.add(key)
        self._wake.set()

    def settle(self, key: str, now: datetime) -> bool:
        try:
            self._kind.settle(key, now)
        except LaurelError as failure:
            log.warning("%s %s not settled: %s: %s", self._kind.name, key, type(failure).__name__, failure)
        except Exception:
            log.exception("%s %s not settled", self._kind.name, key)
        else:
            return True
        return False

    def sweep(self, now: datetime) -> tuple[int, int]:
        done = [self.settle(key, now) for key in self._kind.due(now, _SWEEP_LIMIT)]
        return sum(done), len(done) - sum(done)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"laurel-{self._kind.name}", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        due_at = 0.0
        while not self._stopping.is_set():
            self._settle_nudged()
            if time.monotonic() >= due_at:
                self._sweep_recorded()
                due_at = time.monotonic() + self._kind.every_seconds
            self._wake.wait(max(0.01, due_at - time.monotonic()))
            self._wake.clear()

    def _settle_nudged(self) -> None:
        with self._guard:
            nudged, self._nudged = self._nudged, set()
        for key in sorted(nudged):
            self.settle(key, self._clock())

    def _sweep_recorded(self) -> None:
        try:
            self.sweep(self._clock())
        except Exception:
            log.exception("the sweep of %s failed", self._kind.name)

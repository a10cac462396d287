"""The stand-in's clock: the machine's, shifted. A demo lives through weeks in seconds by moving it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class StoreClock:
    """Tells aware UTC; runs on from wherever it is put."""

    def __init__(self, start: datetime | None = None) -> None:
        self._guard = threading.Lock()
        self._offset = timedelta(0)
        if start is not None:
            self.put_at(start)

    def __call__(self) -> datetime:
        """Tell the time in this store."""
        return datetime.now(UTC) + self._offset

    def put_at(self, instant: datetime) -> None:
        """Make it `instant` now."""
        with self._guard:
            self._offset = instant - datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        """Go on by a span of time."""
        with self._guard:
            self._offset += by

    def return_to_now(self) -> None:
        """Go back to the machine's own time."""
        with self._guard:
            self._offset = timedelta(0)

    @property
    def offset(self) -> timedelta:
        """How far from the machine's time we are."""
        return self._offset

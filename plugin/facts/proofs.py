"""A day's proof of a programme's books, as it travels from the ledger to who shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Proof:
    """One programme's proof of one day.

    It looks at what was recorded from `since` through `until`; the next one begins at `settled_until`, before which nothing was still
    being written. Beside that, `turn_left` more accounts are told, in the order of their ids, from behind `turn_until` of the proof
    before (None: from the first), so that all have their turn within some days. `place` is where the present stage goes on.
    """

    programme_id: UUID
    day: date
    since: datetime
    until: datetime
    settled_until: datetime
    turn_left: int
    turn_until: UUID | None
    started_at: datetime
    stage: str = "books"
    step: int = 0
    place: list[Any] | None = None
    entries: int = 0
    orders: int = 0
    accounts: int = 0
    differences: int = 0
    details: list[dict[str, Any]] = field(default_factory=list)
    finished_at: datetime | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it is finished and everything agreed."""
        return self.finished_at is not None and not self.differences

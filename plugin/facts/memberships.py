"""What orders tell of paid memberships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of an order that buys terms of a membership, as promised when it was placed: later documents change nothing of it.

    Each unit is `length_count` days, months or years (`length_unit`), and perks last `grace_days` longer.
    `ended_at` is when all of it had come back, None while it counts.
    """

    membership_id: str
    offer_id: str
    line_id: int
    units: int
    placed_at: datetime
    length_unit: str
    length_count: int
    grace_days: int = 0
    ended_at: datetime | None = None

"""A tier as a member holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

WhyHeld = Literal["start", "reached", "kept", "spared", "grace", "dropped", "imported", "merged"]
"""`spared`: not kept, but the programme lets nobody fall. `grace`: over, and still held for some days."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A tier as held: from when, until just before when (None: no end), and why. `tier` None is no level at all.

    `period_end` is when the period ended whose grace this is.
    """

    tier: str | None
    since: datetime
    until: datetime | None
    why: WhyHeld
    period_end: datetime | None = None

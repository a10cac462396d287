"""What members should be told before it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ExpiryWarning:
    """Points of an account that expire at the same instant, told `days` days before. `expires_at` is the first instant without them.

    `is_delivered` says whether it reached the member, by message or seen in the panel.
    """

    programme_id: UUID
    account_id: UUID
    expires_at: datetime
    days: int
    points: int
    noted_at: datetime
    is_delivered: bool = False

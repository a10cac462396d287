"""What lets us call a shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An offline access token and the refresh token that replaces it; neither ever shows in a log line.

    A token that never expires (a self-hosted shop's own) has no refresh token and no instants.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

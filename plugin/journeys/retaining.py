"""What need not be kept is not: raw bodies of webhooks are erased after their time, the log of arrivals stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from plugin import inbox
from plugin.journeys.tools import Tools

BODIES_KEPT = timedelta(days=25)
"""Below the 30 days within which a redaction has to be finished."""


def due_bodies(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """Name the one thing to do, where bodies have outlived their time."""
    with tools.reading() as session:
        return ["bodies"][:limit] if inbox.has_bodies(session, now - BODIES_KEPT) else []


def settle_bodies(tools: Tools, key: str, now: datetime) -> None:
    """Erase them."""
    del key
    with tools.writing() as session:
        inbox.forget_bodies(session, now - BODIES_KEPT)

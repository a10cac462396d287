"""What need not be kept is not: raw bodies of webhooks, of which the log of arrivals stays, and what calls of our API were answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from plugin import inbox
from plugin.journeys.tools import Tools
from plugin.shops.api_requests import drop_api_requests, has_api_requests

BODIES_KEPT = timedelta(days=25)
"""Below the 30 days within which a redaction has to be finished."""

ANSWERS_KEPT = timedelta(days=30)
"""So long a call repeated under its idempotency key has the same answer. After that it is a new one; what it tells still counts once."""
_BATCH = 1_000


def due_bodies(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """Name the one thing to do, where bodies have outlived their time."""
    with tools.reading() as session:
        return ["bodies"][:limit] if inbox.has_bodies(session, now - BODIES_KEPT) else []


def settle_bodies(tools: Tools, key: str, now: datetime) -> None:
    """Erase them."""
    del key
    with tools.writing() as session:
        inbox.forget_bodies(session, now - BODIES_KEPT)


def due_answers(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """Name the one thing to do, where answers to calls have outlived their time."""
    with tools.reading() as session:
        return ["answers"][:limit] if has_api_requests(session, now - ANSWERS_KEPT) else []


def settle_answers(tools: Tools, key: str, now: datetime) -> None:
    """Drop them, so many in one transaction that nobody waits for it."""
    del key
    dropped = _BATCH
    while dropped == _BATCH:
        with tools.writing() as session:
            dropped = drop_api_requests(session, now - ANSWERS_KEPT, _BATCH)

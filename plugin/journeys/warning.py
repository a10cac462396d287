"""Members are warned before points expire: what is due is written down once, for messages to carry and for the panel to show.

Where the programme's document says so, points wait until a warning of their end was delivered: see `plugin.ledger.notices`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import ExpiryWarning
from plugin.journeys.tools import Tools
from plugin.ledger.notices import (
    NoticeRule,
    Postponed,
    count_postponed,
    is_warning_due,
    list_programmes_expiring,
    list_rules,
    list_undelivered,
    list_warnings_of,
    note_delivered,
    note_warnings,
    rule_in_force,
)

_BATCH = 500
_DAYS_MAX = timedelta(days=91)
"""The longest lead that a document may name, and a day for clocks that are turned."""
POSTPONED_SINCE = timedelta(days=30)


def due_warnings(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes that have members to warn."""
    with tools.reading() as session:
        found = list_programmes_expiring(session, now, now + _DAYS_MAX)
        due = (one for one in found if (rule := _rule(session, one, now)) and is_warning_due(session, one, rule, now))
        return [str(programme_id) for programme_id, _ in zip(due, range(limit), strict=False)]


def settle_warnings(tools: Tools, key: str, now: datetime) -> None:
    """Write a programme's warnings down, a batch a transaction; each lot's end and lead once."""
    programme_id, noted = UUID(key), _BATCH
    while noted == _BATCH:
        with tools.writing() as session:
            rule = _rule(session, programme_id, now)
            noted = note_warnings(session, programme_id, rule, now, _BATCH) if rule else 0


def waiting_warnings(session: Session, programme_id: UUID, now: datetime, limit: int) -> list[ExpiryWarning]:
    """List warnings to be sent, soonest end first; what is no longer true is left out."""
    return list_undelivered(session, programme_id, now, limit)


def warnings_of(session: Session, programme_id: UUID, account_id: UUID, now: datetime) -> list[ExpiryWarning]:
    """List what an account's holder should know of points that will expire, soonest first, one for each end."""
    found = list_warnings_of(session, programme_id, account_id, now)
    by_end: dict[datetime, ExpiryWarning] = {}
    for one in found:
        known = by_end.get(one.expires_at)
        if known is None or (one.points, -one.days) > (known.points, -known.days):
            by_end[one.expires_at] = one
    return list(by_end.values())


def note_sent(tools: Tools, warnings: Collection[ExpiryWarning], at: datetime) -> None:
    """Remember that a message with these was delivered."""
    if warnings:
        with tools.writing() as session:
            note_delivered(session, warnings, "message", at)


def note_seen(tools: Tools, key: tuple[UUID, UUID], now: datetime) -> None:
    """Remember that the holder of this account has the panel open, which shows them; nothing is written where nothing is new."""
    with tools.reading() as session:
        known = list_warnings_of(session, *key, now)
    if unseen := [one for one in known if not one.is_delivered]:
        with tools.writing() as session:
            note_delivered(session, unseen, "panel", now)


def lately_postponed(session: Session, programme_id: UUID, now: datetime) -> Postponed:
    """Count what did not expire in the last 30 days because no warning had reached its member."""
    return count_postponed(session, programme_id, now - POSTPONED_SINCE)


def _rule(session: Session, programme_id: UUID, now: datetime) -> NoticeRule | None:
    return rule_in_force(list_rules(session, programme_id), now)

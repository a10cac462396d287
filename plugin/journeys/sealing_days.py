"""Days that are over are sealed: from then on nothing can be added to them, and whatever is changed in them is found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plugin.journeys.tools import Tools
from plugin.ledger.sealable import closed_until, list_unsealed_programmes
from plugin.ledger.seals import Seal, last_seal, next_seal, write_seal

log = logging.getLogger(__name__)


def due_seals(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List programmes that have a day to seal. Postings are dated by the database's clock, so days end by that one too."""
    del now
    with tools.writing() as session:
        until = _last_midnight(closed_until(session))
    with tools.reading() as session:
        return [str(programme_id) for programme_id in list_unsealed_programmes(session, until, limit)]


def settle_seals(tools: Tools, key: str, now: datetime) -> None:
    """Seal every day of a programme that is over and that no open transaction can add to."""
    del now
    with tools.writing() as session:
        until = closed_until(session)
    seal_days(tools, UUID(key), until)


def seal_days(tools: Tools, programme_id: UUID, until: datetime) -> list[Seal]:
    """Seal the days that were over at `until`, oldest first; a day is read without a lock, and written in a short transaction."""
    made: list[Seal] = []
    while True:
        with tools.reading() as session:
            fresh = next_seal(session, programme_id, until)
        if fresh is None:
            return made
        with tools.writing() as session:
            before = last_seal(session, programme_id)
            if (before.number if before else 0) + 1 != fresh.number:
                continue  # another process was faster
            write_seal(session, fresh)
        made.append(fresh)
        log.info("a day was sealed", extra={"programme": str(programme_id), "seal": fresh.number, "chain": fresh.chain})


def _last_midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)

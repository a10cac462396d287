"""What publishing a document changes for points that exist already: a grace where expiry is switched on, and the rule of warnings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.days import end_of_day_after
from plugin.ledger.graces import give_grace
from plugin.ledger.notices import NoticeRule, set_rule
from plugin.ledger.shapes import Signed
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument


def note_expiry(
    session: Session,
    programme_id: UUID,
    documents: tuple[ProgrammeDocument | None, ProgrammeDocument],
    by: Signed,
    now: datetime,
) -> None:
    """Take note of what a publication at `now` means for points given before; `documents` are the version before and the new one."""
    before, after = documents
    timezone = get_programme(session, programme_id).timezone
    warnings = after.earning.expiry_warnings
    set_rule(session, programme_id, NoticeRule(now, warnings.days, must_be_delivered(after), timezone))
    days = _grace_days(after)
    if before is not None and days is not None and _grace_days(before) is None:
        give_grace(session, programme_id, now, end_of_day_after(now, days, timezone), by)


def must_be_delivered(document: ProgrammeDocument, *, has_messages: bool = False) -> bool:
    """Say whether points wait for their warning: as the document says, else as soon as messages can carry it."""
    asked = document.earning.expiry_warnings.must_be_delivered
    return has_messages and bool(document.earning.expiry_warnings.days) if asked is None else asked


def _grace_days(document: ProgrammeDocument) -> int | None:
    """How long older points stay once this document is in force; None where they stay for ever."""
    return None if document.earning.expiry.kind == "never" else document.earning.expiry_grace_days

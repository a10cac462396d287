"""What publishing a document changes for where members stand: everybody is looked at again where the terms are others."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from plugin.rules import ProgrammeDocument
from plugin.standing.marks import ask_for_review


def note_terms(
    session: Session, programme_id: UUID, documents: tuple[ProgrammeDocument | None, ProgrammeDocument], version: int
) -> None:
    """Take note of a publication; `documents` are the version before and the new one."""
    before, after = documents
    had = (before.tiers, before.challenges, _lives(before)) if before else (None, (), None)
    if had != (after.tiers, after.challenges, _lives(after)):
        ask_for_review(session, programme_id, version)


def _lives(document: ProgrammeDocument) -> object:
    """How long points live by tier, where that is told from the tiers that members hold."""
    earning = document.earning
    return (earning.expiry, earning.expiry_by_tier) if earning.expiry_by_tier else None

"""The merchant changes the one number most programmes turn on: points for each unit of spend."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotAllowed
from plugin.journeys.documents import current_document, publish_document
from plugin.rules import ProgrammeDocument, dump_document


def single_rate(document: ProgrammeDocument) -> str | None:
    """Return the points for one unit of currency where one rule alone sets them, else None: then a form has no one number."""
    active = [rule for rule in document.earning.rules if rule.kind == "spend" and rule.is_active]
    return f"{active[0].points_per_unit:f}" if len(active) == 1 else None


def set_rate(
    session: Session, programme_id: UUID, points_per_unit: str, *, expected_version: int, actor: str, now: datetime
) -> int:
    """Publish a version with another rate; the same rate again publishes nothing. Returns the version in force from now on.

    Raises:
        BadInput: that is no rate.
        NotAllowed: the document has no single rate.
        StaleVersion: somebody published another version meanwhile.
    """
    version, document = current_document(session, programme_id)
    if single_rate(document) is None:
        raise NotAllowed("several rules set the rate", code="no_single_rate")
    data = dump_document(document)
    for rule in data["earning"]["rules"]:
        if rule["kind"] == "spend" and rule["is_active"]:
            rule["points_per_unit"] = points_per_unit
    if version == expected_version and data == dump_document(document):
        return version
    return publish_document(session, programme_id, data, actor=actor, now=now, expected_version=expected_version)

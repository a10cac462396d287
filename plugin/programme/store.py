"""Programmes and their documents: versioned, immutable once published. Documents are plain data here; the rules know their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound, StaleVersion
from plugin.programme.tables import programme, programme_document


@dataclass(frozen=True, slots=True)
class Programme:
    """The tenant. `timezone` is an IANA name; `currency` an ISO 4217 code."""

    programme_id: UUID
    name: str
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a programme's document."""

    version: int
    document: dict[str, Any]
    published_at: datetime
    actor: str


def create_programme(session: Session, *, name: str, timezone: str, currency: str, now: datetime) -> UUID:
    """Open a tenant; it has no document yet."""
    programme_id = new_id()
    session.execute(
        insert(programme).values(id=programme_id, name=name, timezone=timezone, currency=currency, created_at=now)
    )
    return programme_id


def get_programme(session: Session, programme_id: UUID) -> Programme:
    """Return the tenant.

    Raises:
        NotFound: no such programme.
    """
    row = session.execute(select(programme).where(programme.c.id == programme_id)).one_or_none()
    if row is None:
        raise NotFound("no such programme")
    return Programme(row.id, row.name, row.timezone, row.currency)


def list_programmes(session: Session) -> list[Programme]:
    """List all programmes."""
    rows = session.execute(select(programme).order_by(programme.c.id))
    return [Programme(row.id, row.name, row.timezone, row.currency) for row in rows]


def publish(
    session: Session,
    programme_id: UUID,
    document: dict[str, Any],
    *,
    actor: str,
    now: datetime,
    expected_version: int | None = None,
) -> int:
    """Append a version and return its number, counted from 1.

    Raises:
        StaleVersion: `expected_version` is given and is not the newest one.
    """
    newest = _newest_version(session, programme_id)
    if expected_version is not None and newest != expected_version:
        raise StaleVersion(f"version {newest} was published in between")
    session.execute(
        insert(programme_document).values(
            programme_id=programme_id, version=newest + 1, document=document, published_at=now, actor=actor
        )
    )
    return newest + 1


def current(session: Session, programme_id: UUID) -> Published:
    """Return the newest version.

    Raises:
        NotFound: nothing was published yet.
    """
    return get_version(session, programme_id, _newest_version(session, programme_id))


def get_version(session: Session, programme_id: UUID, version: int) -> Published:
    """Return one version.

    Raises:
        NotFound: no such version.
    """
    row = session.execute(
        select(programme_document).where(
            programme_document.c.programme_id == programme_id, programme_document.c.version == version
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"no version {version} of the programme document")
    return Published(row.version, row.document, row.published_at, row.actor)


def list_publications(session: Session, programme_id: UUID) -> Sequence[tuple[int, datetime]]:
    """List (version, published at), oldest first, without the documents."""
    table = programme_document.c
    rows = session.execute(
        select(table.version, table.published_at).where(table.programme_id == programme_id).order_by(table.version)
    )
    return [(row.version, row.published_at) for row in rows]


def _newest_version(session: Session, programme_id: UUID) -> int:
    newest = select(func.max(programme_document.c.version)).where(programme_document.c.programme_id == programme_id)
    return session.execute(newest).scalar() or 0

"""Holdings, their history, and the marks of members whose standing has to be looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import database_now, new_id, unindexed
from plugin.facts import Holding
from plugin.standing.tables import tier_change, tier_holding


@dataclass(frozen=True, slots=True)
class KeptHolding:
    """What a member was found to hold under a version, from where that was told, and when time alone may change it."""

    member_id: UUID
    holding: Holding
    document_version: int
    told_from: datetime
    told_from_holding: Holding | None = None
    review_at: datetime | None = None
    sheet_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TierChange:
    """One line of a member's history; `recorded_at` is None until it is stored."""

    member_id: UUID
    holding: Holding
    document_version: int
    told: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: datetime | None = None


def find_holdings(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, KeptHolding]:
    """Return what these members hold, as far as it was ever looked at."""
    mine = (tier_holding.c.programme_id == programme_id, tier_holding.c.member_id.in_(sorted(member_ids)))
    return {row.member_id: _kept(row) for row in session.execute(select(tier_holding).where(*mine))}


def keep_holdings(session: Session, programme_id: UUID, kept: Sequence[KeptHolding]) -> None:
    """Write present holdings in the place of earlier ones."""
    if not kept:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(tier_holding)
    changing = {one.name: statement.excluded[one.name] for one in tier_holding.c if not one.primary_key}
    keys = [tier_holding.c.programme_id, tier_holding.c.member_id]
    rows = [_row(programme_id, one) for one in sorted(kept, key=lambda one: one.member_id)]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changing), rows)


def drop_holdings(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Forget what these members hold; their history stays."""
    mine = (tier_holding.c.programme_id == programme_id, tier_holding.c.member_id.in_(sorted(member_ids)))
    session.execute(delete(tier_holding).where(*mine))


def add_changes(session: Session, programme_id: UUID, changes: Sequence[TierChange]) -> None:
    """Append to the history."""
    rows = [
        {
            "programme_id": programme_id,
            "id": new_id(),
            "member_id": one.member_id,
            **_columns(one.holding),
            "document_version": one.document_version,
            "told": dict(one.told),
        }
        for one in changes
    ]
    if rows:
        session.execute(insert(tier_change).values(recorded_at=database_now()), rows)


def list_changes(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, list[TierChange]]:
    """List the histories of these members, in the order in which they were written."""
    mine = (tier_change.c.programme_id == programme_id, tier_change.c.member_id.in_(sorted(member_ids)))
    found: dict[UUID, list[TierChange]] = {}
    for row in session.execute(select(tier_change).where(*mine).order_by(unindexed(tier_change.c.id))):
        change = TierChange(row.member_id, _holding(row), row.document_version, row.told, row.recorded_at)
        found.setdefault(row.member_id, []).append(change)
    return found


def count_by_tier(session: Session, programme_id: UUID) -> dict[str | None, int]:
    """Count the members that hold each tier."""
    counted = select(tier_holding.c.tier, func.count()).where(tier_holding.c.programme_id == programme_id)
    return {tier: int(count) for tier, count in session.execute(counted.group_by(tier_holding.c.tier))}


def dump_holding(holding: Holding) -> dict[str, Any]:
    """Write a holding as JSON-ready data."""
    return {name: one.isoformat() if isinstance(one, datetime) else one for name, one in _columns(holding).items()}


def _load_holding(data: Mapping[str, Any]) -> Holding:
    at = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("until", "period_end")}
    return Holding(data["tier"], datetime.fromisoformat(data["since"]), at["until"], data["why"], at["period_end"])


def _row(programme_id: UUID, kept: KeptHolding) -> dict[str, Any]:
    start = kept.told_from_holding
    return {
        "programme_id": programme_id,
        "member_id": kept.member_id,
        **_columns(kept.holding),
        "review_at": kept.review_at,
        "document_version": kept.document_version,
        "told_from": kept.told_from,
        "told_from_holding": dump_holding(start) if start else None,
        "sheet_id": kept.sheet_id,
    }


def _columns(holding: Holding) -> dict[str, Any]:
    return {
        "tier": holding.tier,
        "since": holding.since,
        "until": holding.until,
        "why": holding.why,
        "period_end": holding.period_end,
    }


def _kept(row: Any) -> KeptHolding:
    return KeptHolding(
        member_id=row.member_id,
        holding=_holding(row),
        document_version=row.document_version,
        told_from=row.told_from,
        told_from_holding=_load_holding(row.told_from_holding) if row.told_from_holding else None,
        review_at=row.review_at,
        sheet_id=row.sheet_id,
    )


def _holding(row: Any) -> Holding:
    return Holding(row.tier, row.since, row.until, row.why, row.period_end)

"""Which rewards were had and not given back: what limits and stocks count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from plugin.rewards.redemptions import GIVEN_BACK
from plugin.rewards.tables import redemption


@dataclass(frozen=True, slots=True)
class Had:
    """A reward that somebody had, for how many points, and when they asked for it (aware UTC)."""

    reward_id: str
    points: int
    at: datetime


def had_by_member(session: Session, programme_id: UUID, member_id: UUID) -> Sequence[Had]:
    """List what one member had, whoever shares their account. Who decides by it has locked the account."""
    return _had(session, programme_id, redemption.c.member_id == member_id)


def had_by_all(session: Session, programme_id: UUID, reward_id: str, since: datetime | None) -> Sequence[Had]:
    """List each time somebody had a reward from an instant on, None for ever. Who decides by it has locked the stock."""
    lately = () if since is None else (redemption.c.created_at >= since,)
    return _had(session, programme_id, redemption.c.reward_id == reward_id, *lately)


def _had(session: Session, programme_id: UUID, *whose: ColumnElement[bool]) -> Sequence[Had]:
    columns = (redemption.c.reward_id, redemption.c.points, redemption.c.created_at)
    kept = redemption.c.state.not_in(sorted(GIVEN_BACK))
    rows = session.execute(select(*columns).where(redemption.c.programme_id == programme_id, *whose, kept))
    return [Had(row.reward_id, row.points, row.created_at) for row in rows]

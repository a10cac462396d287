"""Whose points each redemption took: a projection, kept lot by lot, told anew when lots are re-attributed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from plugin.ledger.tables import hold_part


def parts_of(session: Session, programme_id: UUID, redemption_id: UUID) -> dict[UUID, int]:
    """Return how many points of each lot a redemption took; empty once they came back."""
    mine = (hold_part.c.programme_id == programme_id, hold_part.c.redemption_id == redemption_id)
    rows = session.execute(select(hold_part.c.lot_id, hold_part.c.points).where(*mine).order_by(hold_part.c.lot_id))
    return {row.lot_id: row.points for row in rows}


def keep_parts(
    session: Session, programme_id: UUID, account_id: UUID, parts: Mapping[UUID, Mapping[UUID, int]]
) -> None:
    """Remember whose points each redemption took: by redemption, then by lot."""
    rows = [
        {
            "programme_id": programme_id,
            "account_id": account_id,
            "redemption_id": redemption_id,
            "lot_id": lot_id,
            "points": points,
        }
        for redemption_id, by_lot in parts.items()
        for lot_id, points in by_lot.items()
    ]
    if rows:
        session.execute(insert(hold_part), rows)


def drop_parts(session: Session, programme_id: UUID, redemption_ids: Collection[UUID]) -> None:
    """Forget the parts of these redemptions, whichever account they are of."""
    if redemption_ids:
        of_these = (hold_part.c.programme_id == programme_id, hold_part.c.redemption_id.in_(list(redemption_ids)))
        session.execute(delete(hold_part).where(*of_these))

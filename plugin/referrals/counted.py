"""Friends who came and stayed, for who counts them: by the member that brought them, dated by the friend's order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.referrals.tables import referral


def list_rewarded(session: Session, programme_id: UUID, referrer_ids: Collection[UUID]) -> list[tuple[UUID, datetime]]:
    """List (referrer, when the friend ordered) of referrals that stood the test, oldest first."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id.in_(sorted(referrer_ids)))
    stood = (referral.c.state == "rewarded", referral.c.ordered_at.is_not(None))
    rows = session.execute(
        select(referral.c.referrer_id, referral.c.ordered_at).where(*mine, *stood).order_by(referral.c.ordered_at)
    )
    return [(row.referrer_id, row.ordered_at) for row in rows]

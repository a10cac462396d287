"""What a typical member spends in a year, as far as the orders that counted tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugin.orders.tables import order_state

MEMBERS_MIN = 30
"""Fewer members than this are not typical of anything."""
DAYS_MIN = 90
_YEAR = timedelta(days=365)
_MICROS = 10**6


def spend_per_year(session: Session, programme_id: UUID, now: datetime) -> Decimal | None:
    """Return what a member who ordered within the last year spent on average in it, in whole units of currency.

    Where orders are known for less than a year it is what a year at that pace comes to; for less than 90 days, or of fewer than 30
    members, it is None: nobody knows yet.
    """
    table = order_state.c
    row = session.execute(
        select(func.sum(table.spend_micros), func.count(table.member_id.distinct()), func.min(table.placed_at)).where(
            table.programme_id == programme_id,
            table.member_id.is_not(None),
            table.spend_micros > 0,
            table.placed_at >= now - _YEAR,
            table.placed_at <= now,
        )
    ).one()
    spend, members, first = row
    if members < MEMBERS_MIN or (now - first).days < DAYS_MIN:
        return None
    each = Decimal(int(spend)) / _MICROS / int(members)
    return (each * _YEAR.days / int((now - first).days)).quantize(Decimal(1))

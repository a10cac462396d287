"""Where customers' points went before their member left an account that others stayed in: their older orders are told there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.members.store import AliasKey
from plugin.members.tables import past_stay


@dataclass(frozen=True, slots=True)
class PastStay:
    """Orders placed before `until` (and after the stay before this one) give to this account."""

    until: datetime
    account_id: UUID


def list_past_stays(session: Session, keys: Collection[AliasKey]) -> dict[AliasKey, list[PastStay]]:
    """List the past stays of these (programme, shop, customer), oldest first."""
    if not keys:
        return {}
    mine = among((past_stay.c.programme_id, past_stay.c.shop_id, past_stay.c.customer_id), keys)
    found: dict[AliasKey, list[PastStay]] = {}
    for row in session.execute(select(past_stay).where(mine).order_by(past_stay.c.until_at)):
        key = (row.programme_id, row.shop_id, row.customer_id)
        found.setdefault(key, []).append(PastStay(row.until_at, row.account_id))
    return found


def end_stays(session: Session, keys: Collection[AliasKey], account_id: UUID, now: datetime) -> None:
    """Remember that orders of these customers gave to this account until now. A second stay that ends in the same instant is none."""
    rows = [
        {
            "programme_id": programme_id,
            "shop_id": shop_id,
            "customer_id": customer_id,
            "until_at": now,
            "account_id": account_id,
        }
        for programme_id, shop_id, customer_id in keys
    ]
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(dialect.insert(past_stay).on_conflict_do_nothing(), rows)

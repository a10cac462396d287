"""The dated facts that the ledger itself keeps of an account: redemptions, adjustments by hand, extensions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.ledger.graces import list_graces
from plugin.ledger.tables import account, entry, extension, lot, posting
from plugin.ledger.timeline import (
    Captured,
    Charged,
    ClawBack,
    Dated,
    Extended,
    Forgiven,
    Grant,
    Held,
    LotKey,
    Released,
    Returned,
    Taken,
)

BY_HAND = ("adjustment", "import", "write_off")
_SETTLING: dict[str, type[Captured | Released | Returned]] = {
    "redeem_capture": Captured,
    "redeem_release": Released,
    "redeem_return": Returned,
}


def accounts_told_on(session: Session, programme_id: UUID, account_id: UUID) -> list[UUID]:
    """List an account and all that were merged into it, directly or by way of others."""
    found, newest = [account_id], [account_id]
    while newest:
        merged = select(account.c.id).where(
            account.c.programme_id == programme_id, account.c.merged_into_id.in_(newest)
        )
        newest = [row.id for row in session.execute(merged) if row.id not in found]
        found += newest
    return found


def facts_kept(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> list[Dated]:
    """List redemptions, adjustments and extensions of these accounts as dated facts."""
    rows = session.execute(
        select(posting, entry.c.lot_id, entry.c.source, entry.c.destination, entry.c.points)
        .join(entry, (entry.c.programme_id == posting.c.programme_id) & (entry.c.posting_id == posting.c.id))
        .where(
            posting.c.programme_id == programme_id,
            entry.c.account_id.in_(list(account_ids)),
            posting.c.reason.in_(("redeem_hold", *_SETTLING, "redeem_charge", *BY_HAND)),
        )
        .order_by(posting.c.id, entry.c.id)
    )
    held: dict[UUID, Held] = {}
    facts: dict[tuple[str, UUID], Dated] = {}
    by_hand: list[Dated] = []
    for row in rows:
        if row.reason == "redeem_hold":
            before = held[row.redemption_id].points if row.redemption_id in held else 0
            held[row.redemption_id] = Held(row.occurred_at, row.redemption_id, before + row.points)
        elif row.reason in _SETTLING:
            facts[row.reason, row.redemption_id] = _SETTLING[row.reason](row.occurred_at, row.redemption_id)
        elif row.reason == "redeem_charge":
            charged = Charged(row.occurred_at, row.redemption_id, row.explanation["points"])
            facts[row.reason, row.redemption_id] = charged
        else:
            by_hand.append(_by_hand(row))
    return [
        *held.values(),
        *facts.values(),
        *by_hand,
        *_extensions(session, programme_id, account_ids),
        *list_graces(session, programme_id),
    ]


def _by_hand(row: Row[tuple[Any, ...]]) -> Dated:
    if undone := row.explanation.get("undoes_lot"):
        return ClawBack(row.occurred_at, UUID(undone), row.points)
    if row.source == "adjusted" and row.lot_id is not None:
        days = row.explanation.get("rolling_days")
        return Grant(
            at=row.occurred_at,
            key=row.lot_id,
            points=row.points,
            matures_at=row.occurred_at,
            expires_at=_instant(row.explanation.get("expires_at")),
            rolling=timedelta(days=days) if days else None,
            rolling_zone=row.explanation.get("rolling_zone"),
            earned_at=_instant(row.explanation.get("earned_at")),
        )
    if row.source == "adjusted":
        return Forgiven(row.occurred_at, row.reference, row.points)
    return Taken(row.occurred_at, row.reference, row.points)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _extensions(session: Session, programme_id: UUID, account_ids: Collection[UUID]) -> list[Dated]:
    rows = session.execute(
        select(extension, lot.c.shop_id, lot.c.order_id, lot.c.redemption_id, lot.c.origin_lot_id)
        .outerjoin(lot, (lot.c.programme_id == extension.c.programme_id) & (lot.c.id == extension.c.lot_id))
        .where(extension.c.programme_id == programme_id, extension.c.account_id.in_(list(account_ids)))
        .order_by(extension.c.id)
    )
    return [
        Extended(
            row.occurred_at,
            _key_of_lot(row),
            row.expires_at,
            is_restoring=row.is_restoring,
        )
        for row in rows
    ]


def _key_of_lot(row: Row[tuple[Any, ...]]) -> LotKey | None:
    if row.order_id is not None:
        return row.shop_id, row.order_id
    return ("overdraft", row.redemption_id) if row.redemption_id else row.origin_lot_id or row.lot_id

"""The dated facts that the ledger itself keeps of an account: redemptions, adjustments by hand, extensions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.ledger.extensions import list_extensions
from plugin.ledger.flows import AWARDS
from plugin.ledger.graces import list_graces
from plugin.ledger.keeps import list_keeps
from plugin.ledger.shapes import AccountKey
from plugin.ledger.tables import entry, posting
from plugin.ledger.timeline import (
    Captured,
    Charged,
    ClawBack,
    Dated,
    Forgiven,
    Grant,
    Held,
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


def facts_kept(session: Session, told: Mapping[AccountKey, AccountKey]) -> dict[AccountKey, list[Dated]]:
    """List redemptions, adjustments and extensions of accounts as dated facts, by the account that each is told on (`merged.tellers`)."""
    facts = _posted(session, told)
    for key, extended in list_extensions(session, told):
        facts[key].append(extended)
    for key, kept in list_keeps(session, told):
        facts[key].append(kept)
    for programme_id in sorted({key[0] for key in facts}):
        graces = list_graces(session, programme_id)
        for key in facts:
            facts[key] += graces if key[0] == programme_id else ()
    return facts


def _posted(session: Session, told: Mapping[AccountKey, AccountKey]) -> dict[AccountKey, list[Dated]]:
    names = ("programme_id", "reason", "redemption_id", "occurred_at", "reference", "explanation")
    rows = session.execute(
        select(
            *(posting.c[name] for name in names),
            *(entry.c[name] for name in ("account_id", "lot_id", "source", "points")),
        )
        .join(entry, (entry.c.programme_id == posting.c.programme_id) & (entry.c.posting_id == posting.c.id))
        .where(
            among((entry.c.programme_id, entry.c.account_id), told),
            posting.c.reason.in_(("redeem_hold", *_SETTLING, "redeem_charge", *BY_HAND, *AWARDS)),
        )
        .order_by(posting.c.id, entry.c.id)
    )
    facts: dict[AccountKey, dict[Hashable, Dated]] = {key: {} for key in told.values()}
    for number, row in enumerate(rows):
        mine = facts[told[row.programme_id, row.account_id]]
        if row.reason == "redeem_hold":
            before = mine.get(("held", row.redemption_id))
            points = row.points + (before.points if isinstance(before, Held) else 0)
            mine["held", row.redemption_id] = Held(row.occurred_at, row.redemption_id, points)
        elif row.reason in _SETTLING:
            mine[row.reason, row.redemption_id] = _SETTLING[row.reason](row.occurred_at, row.redemption_id)
        elif row.reason == "redeem_charge":
            mine[row.reason, row.redemption_id] = Charged(row.occurred_at, row.redemption_id, row.explanation["points"])
        elif fact := _awarded(row) if row.reason in AWARDS else _by_hand(row):
            mine[number] = fact
    return {key: list(by_name.values()) for key, by_name in facts.items()}


def _by_hand(row: Row[tuple[Any, ...]]) -> Dated:
    if undone := row.explanation.get("undoes_lot"):
        return ClawBack(row.occurred_at, UUID(undone), row.points)
    if row.source == "adjusted" and row.lot_id is not None:
        return _given(row)
    if row.source == "adjusted":
        return Forgiven(row.occurred_at, row.reference, row.points)
    return Taken(row.occurred_at, row.reference, row.points)


def _awarded(row: Row[tuple[Any, ...]]) -> Dated | None:
    """An award, or the taking back of one; what is forgiven on the way is part of the latter."""
    if undone := row.explanation.get("undoes_lot"):
        if row.lot_id is None and row.source == "adjusted":
            return None
        return ClawBack(row.occurred_at, UUID(undone), row.points, is_forgiven=bool(row.explanation.get("is_forgiven")))
    return _given(row)


def _given(row: Row[tuple[Any, ...]]) -> Grant:
    days = row.explanation.get("rolling_days")
    return Grant(
        at=row.occurred_at,
        key=row.lot_id,
        points=row.points,
        matures_at=_instant(row.explanation.get("matures_at")) or row.occurred_at,
        expires_at=_instant(row.explanation.get("expires_at")),
        rolling=timedelta(days=days) if days else None,
        rolling_zone=row.explanation.get("rolling_zone"),
        rolling_months=row.explanation.get("rolling_months"),
        earned_at=_instant(row.explanation.get("earned_at")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

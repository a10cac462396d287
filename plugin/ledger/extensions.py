"""What was said of single lots' ends, and by what a lot is known on whatever account it is told: what it was granted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.ledger.shapes import AccountKey
from plugin.ledger.tables import extension, lot
from plugin.ledger.timeline import Extended, LotKey

KEY_COLUMNS = (lot.c.shop_id, lot.c.order_id, lot.c.redemption_id, lot.c.origin_lot_id)
"""With `lot_id`, what `key_of_lot` needs."""


def list_extensions(
    session: Session, told: Mapping[AccountKey, AccountKey], *conditions: ColumnElement[bool]
) -> Iterator[tuple[AccountKey, Extended]]:
    """List extensions of accounts, oldest first, by the account that each is told on (`merged.tellers`)."""
    rows = session.execute(
        select(extension, *KEY_COLUMNS)
        .outerjoin(lot, (lot.c.programme_id == extension.c.programme_id) & (lot.c.id == extension.c.lot_id))
        .where(among((extension.c.programme_id, extension.c.account_id), told), *conditions)
    )
    for row in sorted(rows, key=lambda row: row.id):
        fact = Extended(row.occurred_at, key_of_lot(row), row.expires_at, is_restoring=row.is_restoring)
        yield told[row.programme_id, row.account_id], fact


def key_of_lot(row: Row[tuple[Any, ...]]) -> LotKey:
    """Say what a row's lot was granted for: `Lot.key` of rows."""
    if row.order_id is not None:
        return row.shop_id, row.order_id
    return ("overdraft", row.redemption_id) if row.redemption_id else row.origin_lot_id or row.lot_id

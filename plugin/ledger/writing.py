"""How the books' rows reach the database: each kind in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.shapes import Account, Lot
from plugin.ledger.tables import account, lot

_CHANGING = (*LOT_COLUMNS, "occurred_at", "matures_at", "expires_at")


def insert_rows(session: Session, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, if there are any."""
    if rows:
        session.execute(statement, rows)


def lot_row(one: Lot) -> dict[str, Any]:
    """Say what a new lot's row holds."""
    return {
        "programme_id": one.programme_id,
        "id": one.lot_id,
        "account_id": one.account_id,
        "posting_id": one.posting_id,
        "shop_id": one.shop_id,
        "order_id": one.order_id,
        "origin_lot_id": one.origin_lot_id,
        "redemption_id": one.redemption_id,
        "occurred_at": one.occurred_at,
        "matures_at": one.matures_at,
        "expires_at": one.expires_at,
        "rolling_days": one.rolling_days,
        "rolling_zone": one.rolling_zone,
        "rolling_months": one.rolling_months,
        **{name: getattr(one, name) for name in LOT_COLUMNS},
    }


def update_lots(session: Session, changed: Sequence[Lot]) -> None:
    """Write where the points of changed lots are, and when they end."""
    if not changed:
        return
    statement = (
        update(lot)
        .where(lot.c.programme_id == bindparam("of_programme"), lot.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in _CHANGING})
    )
    rows = [
        {"of_programme": one.programme_id, "of_id": one.lot_id}
        | {f"new_{name}": getattr(one, name) for name in _CHANGING}
        for one in changed
    ]
    session.connection().execute(statement, rows)


def update_accounts(session: Session, changed: Sequence[Account]) -> None:
    """Write the balances of changed accounts and raise their versions."""
    if not changed:
        return
    statement = (
        update(account)
        .where(account.c.programme_id == bindparam("of_programme"), account.c.id == bindparam("of_id"))
        .values(
            pending=bindparam("new_pending"),
            available=bindparam("new_available"),
            held=bindparam("new_held"),
            debt=bindparam("new_debt"),
            latest_at=bindparam("new_latest_at"),
            version=bindparam("new_version"),
        )
    )
    rows = [
        {
            "of_programme": one.programme_id,
            "of_id": one.account_id,
            "new_pending": one.pending,
            "new_available": one.available,
            "new_held": one.held,
            "new_debt": one.debt,
            "new_latest_at": one.latest_at,
            "new_version": one.version + 1,
        }
        for one in sorted(changed, key=lambda one: one.account_id)
    ]
    session.connection().execute(statement, rows)

"""A ledger as text without ids or arrival times: equal histories give equal dumps, byte for byte."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from plugin.journeys.tools import Tools
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.tables import account, hold_part, lot
from plugin.members.tables import alias, member
from plugin.orders.tables import order_state, order_target

BUCKETS = ("pending", "available", "held", "debt")


def dump(tools: Tools) -> str:
    """Balances by customer, lots by order, what each redemption took of them, and what each order says of itself.

    An account that holds nothing and a lot of nothing are left out: a history that never touched them leaves none.
    """
    with tools.reading() as session:
        ours = select(member.c.account_id, alias.c.customer_id).join(alias, alias.c.member_id == member.c.id)
        customers = {row.account_id: row.customer_id for row in session.execute(ours.order_by(alias.c.customer_id))}
        accounts = [
            [customers.get(row.id), *(getattr(row, name) for name in BUCKETS)]
            for row in session.execute(select(account))
            if any(getattr(row, name) for name in BUCKETS)
        ]
        lots = {row.id: row for row in session.execute(select(lot)) if row.granted}
        shown_lots = [[customers.get(row.account_id), *_lot(row)] for row in lots.values()]
        parts = [
            [str(row.redemption_id), *_lot(lots[row.lot_id])[:2], row.points]
            for row in session.execute(select(hold_part))
        ]
        orders = [
            [row.order_id, row.why_nothing, row.explanation, row.snapshot_key]
            for row in session.execute(select(order_state))
        ]
        targets = [
            [row.order_id, customers.get(row.account_id), row.points] for row in session.execute(select(order_target))
        ]
    told = {"accounts": accounts, "lots": shown_lots, "parts": parts, "orders": orders, "targets": targets}
    return json.dumps({name: _sorted(rows) for name, rows in told.items()}, indent=1)


def _lot(row: Any) -> list[Any]:
    dates = [str(row.occurred_at), str(row.matures_at), str(row.expires_at), row.rolling_days]
    redemption_id = str(row.redemption_id) if row.redemption_id else None
    return [row.order_id, redemption_id, *dates, *(getattr(row, name) for name in LOT_COLUMNS)]


def _sorted(rows: list[list[Any]]) -> list[list[Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))

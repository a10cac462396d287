"""A ledger as text without ids or arrival times: equal histories give equal dumps, byte for byte."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from plugin.journeys.tools import Tools
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.tables import account, lot
from plugin.members.tables import alias, member
from plugin.orders.tables import order_state, order_target


def dump(tools: Tools) -> str:
    """Balances by customer, lots by order, and what each order says of itself."""
    with tools.reading() as session:
        customers = {
            row.account_id: row.customer_id
            for row in session.execute(
                select(member.c.account_id, alias.c.customer_id).join(alias, alias.c.member_id == member.c.id)
            )
        }
        accounts = [
            [customers.get(row.id), row.pending, row.available, row.held, row.debt]
            for row in session.execute(select(account))
        ]
        lots = [
            [row.order_id, str(row.matures_at), str(row.expires_at), *(getattr(row, name) for name in LOT_COLUMNS)]
            for row in session.execute(select(lot))
        ]
        orders = [
            [row.order_id, row.why_nothing, row.explanation, row.snapshot_key]
            for row in session.execute(select(order_state))
        ]
        targets = [
            [row.order_id, customers.get(row.account_id), row.points] for row in session.execute(select(order_target))
        ]
    return json.dumps(
        {"accounts": _sorted(accounts), "lots": _sorted(lots), "orders": _sorted(orders), "targets": _sorted(targets)},
        indent=1,
    )


def _sorted(rows: list[list[Any]]) -> list[list[Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))

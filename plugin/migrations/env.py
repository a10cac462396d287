"""Alembic's entry: runs the revisions on the engine it is handed."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

import plugin.actions.tables
import plugin.inbox.tables
import plugin.ledger.adjustments
import plugin.ledger.awards
import plugin.ledger.keeps
import plugin.ledger.notices
import plugin.ledger.proofs
import plugin.ledger.tables
import plugin.members.carried_over
import plugin.members.profiles
import plugin.members.tables
import plugin.memberships.tables
import plugin.orders.backfill_tables
import plugin.orders.tables
import plugin.programme.limit_tables
import plugin.programme.tables
import plugin.referrals.tables
import plugin.rewards.tables
import plugin.sheets.tables
import plugin.shops.tables
import plugin.standing.challenges
import plugin.standing.shopify_segments
import plugin.standing.tables  # noqa: F401 - each adds its tables to the metadata
from plugin.db import Instant, metadata


def _rendered(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    return "Instant()" if kind == "type" and isinstance(item, Instant) else False


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_item=_rendered)
    with context.begin_transaction():
        context.run_migrations()


with context.config.attributes["engine"].connect() as connection, connection.begin():
    _run(connection)

"""Return windows end: pending points of due lots become available, debt first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plugin.journeys.tools import Tools
from plugin.ledger import Books, Fact
from plugin.ledger.due import list_maturing_lots, list_programmes_maturing
from plugin.ledger.moves import mature

_BATCH = 500


def due_maturities(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes that have lots whose return window is over."""
    with tools.reading() as session:
        return [str(programme_id) for programme_id in list_programmes_maturing(session, now, limit)]


def settle_maturities(tools: Tools, key: str, now: datetime) -> None:
    """Mature one programme's due lots, a batch a transaction; each lot once, dated by its own term."""
    while _mature_batch(tools, UUID(key), now) == _BATCH:
        pass


def _mature_batch(tools: Tools, programme_id: UUID, now: datetime) -> int:
    with tools.writing() as session:
        due = list_maturing_lots(session, programme_id, now, _BATCH)
        books = Books(session)
        books.lock({(programme_id, account_id) for _, account_id in due})
        books.load_by_id([(programme_id, lot_id) for lot_id, _ in due])
        for lot_id, account_id in due:
            lot = books.lots[lot_id]
            if lot.pending:
                fact = Fact(
                    programme_id=programme_id,
                    reference=f"mature:{lot_id}",
                    reason="mature",
                    actor="laurel",
                    explanation={"points": lot.pending},
                    occurred_at=lot.matures_at,
                    shop_id=lot.shop_id,
                    order_id=lot.order_id,
                )
                books.post(fact)
                books.move(fact, mature(books.accounts[programme_id, account_id], lot))
        books.write()
    return len(due)

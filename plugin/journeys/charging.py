"""A code that an order used although its points had come back: they are spent again, out of lots first, then as debt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from plugin.journeys.making_codes import step_fact
from plugin.journeys.retelling import retell
from plugin.journeys.tools import Tools
from plugin.ledger import Books, came_back_at, charge_again
from plugin.rewards import Redemption, mark_charged


def charge_use(tools: Tools, claimed: Redemption, now: datetime) -> None:
    """Charge the points from the instant on at which they came back, as if that had never been; what it changed since is told anew."""
    with tools.writing() as session:
        books = Books(session)
        key = books.lock_surviving((claimed.programme_id, claimed.account_id))
        if not mark_charged(session, claimed) or not claimed.points:
            return
        fact = step_fact(claimed, "redeem_charge", came_back_at(session, claimed.programme_id, claimed.redemption_id))
        used = {"points": claimed.points, "order_id": claimed.used_order_id}
        charge_again(books, key, claimed.points, replace(fact, explanation={**fact.explanation, **used}))
        books.write()
        retell(session, books, [key], "late", now)
        books.write()

"""Places in the product at which a process can be made to die: named, so that each can be met on purpose.

No line of the product knows of them. They are seen from outside: a transaction's commit by the function that opened it, a statement
by its words, a call to Shopify by its operation.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from plugin.devstore.adapter import DevStoreAdapter

_TOOLS = ("plugin.db.database", "plugin.journeys.tools")

POINTS = {
    "a day is written as sealed": "before commit plugin.journeys.sealing_days.seal_days",
    "a day is sealed": "after commit plugin.journeys.sealing_days.seal_days",
    "a delivery is written": "before commit plugin.wiring._store",
    "a delivery is stored, Shopify not answered": "after commit plugin.wiring._store",
    "deliveries are claimed, nothing is written": "before statement INSERT INTO order_state",
    "postings are written, entries are not": "before statement INSERT INTO entry",
    "entries are written, balances are not": "before statement UPDATE account SET pending",
    "points are written, deliveries are not done": "before statement UPDATE delivery SET state",
    "a batch is worked, not committed": "before commit plugin.journeys.draining.drain",
    "a batch is committed": "after commit plugin.journeys.draining.drain",
    "an account is merged, its orders are not told": "after statement SET merged_into_id",
    "an order is looked up, not noted": "before commit plugin.journeys.fetching._settle_orders",
    "points are set aside, not committed": "before commit plugin.journeys.redeeming.redeem",
    "points are set aside, Shopify is not asked": "after commit plugin.journeys.redeeming.redeem",
    "Shopify is about to be asked for a code": "before call create",
    "the code is made, its answer not heard": "after call create",
    "the code is written as captured": "before commit plugin.journeys.making_codes._capture",
    "the code is captured, the shopper not told": "after commit plugin.journeys.making_codes._capture",
    "an unanswered redemption is claimed": "after commit plugin.journeys.settling_redemptions.settle_redemption",
    "a code is found to be ours, not captured": "after call find",
    "a code is to be handed back": "after commit plugin.journeys.taking_back.take_back",
    "a code is ended, not noted": "after call deactivate",
    "a code is noted as ended": "before commit plugin.journeys.taking_back._deactivate",
    "balances are at Shopify, not noted": "after call metafields",
    "balances are noted, not committed": "before commit plugin.journeys.publishing._publish_batches",
    "balances are noted": "after commit plugin.journeys.publishing._publish_batches",
    "a change by hand is written": "before commit plugin.admin.points.change",
    "a change by hand is made, the merchant not told": "after commit plugin.admin.points.change",
    "points come back, not committed": "before commit plugin.journeys.taking_back._return_points",
    "points came back": "after commit plugin.journeys.taking_back._return_points",
}
"""What each point is called, and how it is seen."""

_OPERATIONS = {
    "discountCodeBasicCreate": "create",
    "codeDiscountNodeByCode": "find",
    "discountCodeDeactivate": "deactivate",
    "metafieldsSet": "metafields",
}


@dataclass
class Fate:
    """Kills this process, as `kill -9` does, where the point with this sign is met; None lets it live."""

    sign: str | None = None

    def meet(self, sign: str) -> None:
        """Die here, if this is it."""
        if self.sign == sign:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Look at every transaction and statement of this process."""
        if self.sign is None:
            return
        event.listen(Session, "before_commit", lambda session: self._at_commit("before", session))
        event.listen(Session, "after_commit", lambda session: self._at_commit("after", session))
        event.listen(Engine, "before_cursor_execute", self._before_statement)
        event.listen(Engine, "after_cursor_execute", self._after_statement)

    def _at_commit(self, when: str, session: Session) -> None:
        if not session.in_nested_transaction():
            self.meet(f"{when} commit {_opened_by()}")

    def _before_statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._at_statement("before statement ", statement)

    def _after_statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._at_statement("after statement ", statement)

    def _at_statement(self, when: str, statement: str) -> None:
        if self.sign and self.sign.startswith(when) and self.sign.removeprefix(when) in statement:
            self.meet(self.sign)


class MortalAdapter(DevStoreAdapter):
    """The way to Shopify, on which the process can die before a call is sent, or after it was carried out."""

    def __init__(self, port: int, fate: Fate) -> None:
        super().__init__(port)
        self._fate = fate

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        operation = operation_of(str(request.body))
        self._fate.meet(f"before call {operation}")
        response = super().send(request, *args, **options)
        self._fate.meet(f"after call {operation}")
        return response


def operation_of(body: str) -> str:
    """Name what a call to Shopify asks for."""
    return next((name for word, name in _OPERATIONS.items() if word in body), "other")


def _opened_by() -> str:
    """Name the function whose transaction is being committed: the nearest of ours that is no tool."""
    frame = sys._getframe(1)
    while frame := frame.f_back:  # type: ignore[assignment]
        module = str(frame.f_globals.get("__name__", ""))
        if module not in _TOOLS and module.startswith(("plugin.", "tests.simulators.crash_product")):
            return f"{module}.{frame.f_code.co_name}"
    return "nobody"

"""Wires the parts together: tools, job kinds, the two lanes. Imported by the entry points alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any

import requests

from plugin.config import Settings
from plugin.db import Database
from plugin.engine import Drainer, Engine, JobKind
from plugin.facts import Delivery
from plugin.journeys.tools import Nudge, Tools
from plugin.sealing import Sealer

# name, module of plugin.journeys, due(tools, now, limit), settle(tools, key, now), seconds between sweeps
_KINDS: tuple[tuple[str, str, str, str, float], ...] = (
    ("redemption", "redeeming", "due_redemptions", "settle_redemption", 2.0),
    ("balance", "publishing", "due_balances", "settle_balances", 1.0),
    ("order_facts", "fetching", "due_order_facts", "settle_order_facts", 2.0),
    ("mature", "maturing", "due_maturities", "settle_maturities", 60.0),
    ("token", "connecting", "token_due", "settle_token", 300.0),
    ("sweep", "fetching", "due_sweeps", "settle_sweep", 60.0),
)


def utc_now() -> datetime:
    """Tell the time; the one place that asks the machine."""
    return datetime.now(UTC)


def build_tools(
    settings: Settings,
    *,
    http: requests.Session | None = None,
    clock: Callable[[], datetime] = utc_now,
    nudge: Nudge | None = None,
    stored: Callable[[], None] | None = None,
) -> Tools:
    """Make what journeys are handed. `stored` is called after deliveries became durable; without `nudge` the sweeps find all."""
    database = Database(settings.database_url)
    sealer = Sealer(settings.secret_keys)
    write = _delivery_writer(database, sealer)

    def store(deliveries: Sequence[Delivery]) -> None:
        write(deliveries)
        if stored is not None:
            stored()

    return Tools(
        settings=settings,
        database=database,
        clock=clock,
        http=http or requests.Session(),
        sealer=sealer,
        store=store,
        nudge=nudge or _drop,
    )


class Service:
    """The whole product in one process: tools, and both lanes between `start` and `stop`."""

    def __init__(
        self,
        settings: Settings,
        *,
        http: requests.Session | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.tools = build_tools(settings, http=http, clock=clock, nudge=self._nudge, stored=self._stored)
        self.engine = Engine(job_kinds(self.tools), clock)
        self.drainer = Drainer(partial(drain_once, self.tools))

    def start(self) -> None:
        """Run the fast and the slow lane in the background."""
        self.drainer.start()
        self.engine.start()

    def stop(self) -> None:
        """Finish the work at hand, end both lanes, close the database."""
        self.drainer.stop()
        self.engine.stop()
        self.tools.database.dispose()

    def _nudge(self, kind: str, key: str) -> None:
        self.engine.nudge(kind, key)

    def _stored(self) -> None:
        self.drainer.wake()


def job_kinds(tools: Tools) -> list[JobKind]:
    """Name everything the slow lane settles."""
    kinds = []
    for name, module, due, settle, every_seconds in _KINDS:
        try:
            journey: Any = import_module(f"plugin.journeys.{module}")
        except ModuleNotFoundError:
            continue
        kinds.append(
            JobKind(
                name, partial(getattr(journey, due), tools), partial(getattr(journey, settle), tools), every_seconds
            )
        )
    return kinds


def drain_once(tools: Tools) -> int:
    """Process one batch of deliveries; return how many were taken."""
    draining: Any = import_module("plugin.journeys.draining")
    topics: Any = import_module("webhooks.topics")
    return int(draining.drain(tools, topics.parse_delivery, tools.clock()))


def _delivery_writer(database: Database, sealer: Sealer) -> Callable[[Sequence[Delivery]], None]:
    inbox: Any = import_module("plugin.inbox")
    return partial(inbox.store, database, sealer)


def _drop(kind: str, key: str) -> None:
    del kind, key

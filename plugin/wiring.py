"""Wires the parts together: tools, job kinds, the two lanes. Imported by the entry points alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import requests

from plugin import inbox
from plugin.config import Settings
from plugin.db import Database
from plugin.engine import Drainer, Engine, JobKind
from plugin.facts import Delivery
from plugin.inbox import GroupCommit
from plugin.journeys.backfill_pages import due_backfills, settle_backfill
from plugin.journeys.coming_round import due_yearly_days, settle_yearly_days
from plugin.journeys.complying import due_requests, settle_request
from plugin.journeys.connecting import settle_token, token_due
from plugin.journeys.draining import drain
from plugin.journeys.fetching import due_order_facts, due_sweeps, settle_order_facts, settle_sweep
from plugin.journeys.giving_rewards import due_openings, settle_openings
from plugin.journeys.membering import due_memberships, settle_membership
from plugin.journeys.passing_time import due_graces, due_lots, settle_graces, settle_lots
from plugin.journeys.proving_days import due_proofs, settle_proof
from plugin.journeys.publishing import due_balances, settle_balances
from plugin.journeys.reading_segments import due_segments, settle_segment
from plugin.journeys.retaining import due_answers, due_bodies, settle_answers, settle_bodies
from plugin.journeys.rising import due_tiers, settle_tiers
from plugin.journeys.sealing_days import due_seals, settle_seals
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.journeys.settling_referrals import due_referrals, settle_referral
from plugin.journeys.tools import Tools
from plugin.journeys.warning import due_warnings, settle_warnings
from plugin.journeys.working_sheets import due_sheets, settle_sheet
from plugin.sealing import Sealer
from webhooks.topics import parse_delivery

log = logging.getLogger(__name__)

Due = Callable[[Tools, datetime, int], Sequence[str]]
Settle = Callable[[Tools, str, datetime], None]


def utc_now() -> datetime:
    """Tell the time; the one place that asks the machine."""
    return datetime.now(UTC)


def build_tools(
    settings: Settings,
    *,
    http: requests.Session | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Tools:
    """Make what journeys are handed, without lanes: deliveries are stored at once, nudges are left to the sweeps."""
    database = Database(settings.database_url)
    sealer = Sealer(settings.secret_keys)
    return Tools(
        settings=settings,
        database=database,
        clock=clock,
        http=http or requests.Session(),
        sealer=sealer,
        store=partial(_store, database, sealer),
        nudge=_drop,
    )


class Service:
    """The product in one process: tools whose deliveries commit in groups, and both lanes between `start` and `stop`."""

    def __init__(
        self,
        settings: Settings,
        *,
        http: requests.Session | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        tools = build_tools(settings, http=http, clock=clock)
        self._inbox = GroupCommit(tools.store, stored=self._stored)
        self.tools = replace(tools, store=self._inbox.store, nudge=self._nudge)
        self.engine = Engine(job_kinds(self.tools), clock)
        self.drainer = Drainer(partial(drain_once, self.tools))

    def start(self) -> None:
        """Run the fast and the slow lane in the background."""
        self.drainer.start()
        self.engine.start()
        log.info("both lanes run")

    def stop(self) -> None:
        """Store what waits, finish the work at hand, end both lanes, close the database."""
        self._inbox.close()
        self.drainer.stop()
        self.engine.stop()
        self.tools.database.dispose()
        log.info("stopped")

    def _nudge(self, kind: str, key: str) -> None:
        self.engine.nudge(kind, key)

    def _stored(self) -> None:
        self.drainer.wake()


def job_kinds(tools: Tools) -> list[JobKind]:
    """Name everything the slow lane settles, with the seconds between two sweeps."""

    def kind(name: str, due: Due, settle: Settle, every_seconds: float) -> JobKind:
        return JobKind(name, partial(due, tools), partial(settle, tools), every_seconds)

    return [
        kind("redemption", due_redemptions, settle_redemption, 2.0),
        kind("referral", due_referrals, settle_referral, 2.0),
        kind("balance", due_balances, settle_balances, 1.0),
        kind("tier", due_tiers, settle_tiers, 1.0),
        kind("segment", due_segments, settle_segment, 60.0),
        kind("order_facts", due_order_facts, settle_order_facts, 2.0),
        kind("time", due_lots, settle_lots, 60.0),
        kind("grace", due_graces, settle_graces, 900.0),
        kind("membership", due_memberships, settle_membership, 5.0),
        kind("warning", due_warnings, settle_warnings, 300.0),
        kind("token", token_due, settle_token, 300.0),
        kind("sweep", due_sweeps, settle_sweep, 60.0),
        kind("request", due_requests, settle_request, 60.0),
        kind("body", due_bodies, settle_bodies, 3600.0),
        kind("answer", due_answers, settle_answers, 3600.0),
        kind("seal", due_seals, settle_seals, 3600.0),
        kind("sheet", due_sheets, settle_sheet, 5.0),
        kind("proof", due_proofs, settle_proof, 300.0),
        kind("opening", due_openings, settle_openings, 900.0),
        kind("yearly_day", due_yearly_days, settle_yearly_days, 300.0),
        kind("backfill", due_backfills, settle_backfill, 5.0),
    ]


def drain_once(tools: Tools) -> int:
    """Process one batch of deliveries; return how many were taken."""
    return drain(tools, parse_delivery, tools.clock())


def _store(database: Database, sealer: Sealer, deliveries: Sequence[Delivery]) -> None:
    with database.writing() as session:
        inbox.store(session, sealer, deliveries)


def _drop(kind: str, key: str) -> None:
    del kind, key

"""The fast lane: deliveries are claimed in batches, read into facts, and their work is committed together with their end.

Orders are worked together; what has locks of its own to take is worked alone, each in a transaction of its own after them
(`locking`). A batch that fails is rolled back whole and its deliveries are tried alone, so that one bad delivery harms nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from plugin import inbox
from plugin.errors import BadInput, LaurelError
from plugin.facts import Delivery, Fact
from plugin.journeys.applying import apply_facts, may_share
from plugin.journeys.tools import Tools

log = logging.getLogger(__name__)

BATCH_MAX = 200

_FAULTS = (
    LaurelError,
    SQLAlchemyError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""Whatever one delivery's work may raise, a slip of ours included: it must not hold up the deliveries beside and behind it."""

Parse = Callable[[Delivery], Sequence[Fact]]


def drain(tools: Tools, parse: Parse, now: datetime) -> int:
    """Work through one batch of deliveries that are due; return how many there were."""
    batch: list[Delivery] = []
    alone: Sequence[Delivery] = ()
    try:
        with tools.writing() as session:
            batch = inbox.claim(session, tools.sealer, now, BATCH_MAX)
            alone = _work(tools, session, parse, batch, now)
    except _FAULTS as fault:
        log.warning("a batch of deliveries failed; trying one by one", extra={"fault": type(fault).__name__})
        alone = batch
    for one in alone:
        _work_alone(tools, parse, one, now)
    return len(batch)


def _work(tools: Tools, session: Session, parse: Parse, batch: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
    """Work a batch, or a single delivery; return those that have to be worked alone."""
    worked: list[Delivery] = []
    alone: list[Delivery] = []
    facts: list[Fact] = []
    for one in batch:
        try:
            told = parse(one)
        except BadInput as fault:
            inbox.fail(session, one, f"{fault.path}: {fault}" if fault.path else str(fault), now, is_final=True)
            continue
        if len(batch) == 1 or may_share(tools, session, told):
            facts += told
            worked.append(one)
        else:
            alone.append(one)
    apply_facts(tools, session, facts, now)
    inbox.finish(session, worked, now)
    return alone


def _work_alone(tools: Tools, parse: Parse, one: Delivery, now: datetime) -> None:
    try:
        with tools.writing() as session:
            if inbox.claim_one(session, one):
                _work(tools, session, parse, [one], now)
    except _FAULTS as fault:
        log.exception("a delivery failed", extra={"delivery": str(one.delivery_id), "topic": one.topic})
        with tools.writing() as session:
            inbox.fail(session, one, _told(fault), now, is_final=False)


def _told(fault: Exception) -> str:
    """Say what went wrong for whoever looks after dead letters; a database's own words may repeat rows, so they stay in the log."""
    return type(fault).__name__ if isinstance(fault, SQLAlchemyError) else f"{type(fault).__name__}: {fault}"[:500]

"""Deliveries, ready to be drawn: what came, how it stands, and what went wrong in words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from plugin.journeys.inspecting import Inspected, Unfinished
from plugin.journeys.retaining import BODIES_KEPT
from plugin.messages import Words
from plugin.shops.store import Shop

_CLASS_NAME = re.compile(r"[A-Z]\w+(: |$)", re.ASCII)
_TONES = {"done": "success", "dead_letter": "warning", "again": "attention", "waiting": "info"}


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery as listed. `fault` says what went wrong, `trace` is the same for whoever looks into it."""

    delivery_id: UUID
    topic: str
    about: str
    link: str
    when: str
    when_iso: str
    badge: str
    tone: str
    tried: str
    next_try: str
    fault: str
    trace: str
    may_replay: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Lists:
    """Both lists, how many more there are, and a note over them."""

    dead: tuple[Row, ...]
    waiting: tuple[Row, ...]
    dead_more: int
    waiting_more: int
    replayable: int


@dataclass(frozen=True, slots=True)
class Page:
    """One delivery opened: its row, its facts as (label, value), its body."""

    row: Row
    facts: tuple[tuple[str, str], ...]
    body: str
    body_help: str


def lists_of(found: Unfinished, shop: Shop, words: Words) -> Lists:
    """Prepare both lists."""
    dead, waiting = (tuple(row_of(one, shop, words) for one in many) for many in (found.dead_letters, found.waiting))
    replayable, in_line = found.counts.get("dead_letter", 0), found.counts.get("waiting", 0)
    return Lists(dead, waiting, max(replayable - len(dead), 0), max(in_line - len(waiting), 0), replayable)


def page_of(found: Inspected, shop: Shop, words: Words) -> Page:
    """Prepare one delivery."""
    one, zone, row = found.arrival, shop.timezone, row_of(found, shop, words)
    facts = [
        (words.say("admin.delivery.happened"), words.moment(one.triggered_at, zone)),
        (words.say("admin.delivery.arrived"), words.moment(one.received_at, zone)),
        (words.say("admin.delivery.finished"), words.moment(one.finished_at, zone) if one.finished_at else ""),
        (words.say("admin.delivery.next"), row.next_try),
        ("X-Shopify-Topic", one.topic),
        ("X-Shopify-Event-Id", one.event_id),
        ("X-Shopify-Webhook-Id", one.webhook_id),
    ]
    kept = words.say("admin.delivery.body.kept", BODIES_KEPT.days)
    gone = words.say("admin.delivery.body.gone", BODIES_KEPT.days)
    return Page(row, tuple(fact for fact in facts if fact[1]), found.body, kept if one.has_body else gone)


def row_of(found: Inspected, shop: Shop, words: Words) -> Row:
    """Prepare one delivery of a list."""
    one, zone = found.arrival, shop.timezone
    state = "again" if one.state == "waiting" and one.attempts else one.state
    about, link = _about(found, shop, words)
    return Row(
        delivery_id=one.delivery_id,
        topic=one.topic,
        about=about,
        link=link,
        when=words.moment(one.received_at, zone),
        when_iso=one.received_at.isoformat(),
        badge=words.say(f"admin.delivery.{state}"),
        tone=_TONES[state],
        tried=words.say("admin.delivery.tried", one.attempts) if one.attempts else "",
        next_try=words.moment(one.next_try_at, zone) if state == "again" else "",
        fault=_fault(one.error, words) if one.error else "",
        trace=one.error or "",
        may_replay=one.has_body and state in {"dead_letter", "again"},
        is_open=one.state == "waiting",
    )


def _about(found: Inspected, shop: Shop, words: Words) -> tuple[str, str]:
    """Name what it is about, and link to Shopify's own page of it."""
    if found.subject is None:
        return "", ""
    kind, number = found.subject.kind, found.subject.number
    named = words.say(f"admin.delivery.{kind}", name=found.subject.name or number)
    return named, f"https://{shop.domain}/admin/{kind}s/{number}"


def _fault(error: str, words: Words) -> str:
    """A name alone is the database's, a name with a sentence ours; anything else says where the body is not as it should be."""
    found = _CLASS_NAME.match(error)
    kind = "shape" if found is None else "ours" if found[1] else "database"
    return words.say(f"admin.delivery.fault.{kind}")

"""A shop's deliveries that are not done: looked at, and put back in line. No shop sees another's, of the same programme neither."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plugin import inbox
from plugin.errors import NotFound
from plugin.inbox import Arrival
from plugin.journeys.tools import Tools
from plugin.shopify.subjects import Subject, pretty, subject_of
from plugin.shops.store import Shop

SHOWN = 50
BODY_SHOWN = 200_000
"""Characters of a body that are shown; Shopify's longest are far below."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A delivery, and what it is about, as far as its body says. `body` is written for people; empty in lists, and once erased."""

    arrival: Arrival
    subject: Subject | None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is set aside and what waits, newest first, as many as are shown; and how many there are that can still be worked on."""

    dead_letters: tuple[Inspected, ...]
    waiting: tuple[Inspected, ...]
    counts: dict[str, int]


def unfinished(tools: Tools, shop: Shop) -> Unfinished:
    """List what is not done."""
    key = (shop.programme_id, shop.shop_id)
    with tools.reading() as session:
        dead = inbox.list_of_shop(session, tools.sealer, key, "dead_letter", SHOWN)
        waiting = inbox.list_of_shop(session, tools.sealer, key, "waiting", SHOWN)
        counts = inbox.count_unfinished(session, key)
    return Unfinished(_listed(dead), _listed(waiting), counts)


def inspect(tools: Tools, shop: Shop, delivery_id: UUID) -> Inspected:
    """Open one delivery of this shop.

    Raises:
        NotFound: no such delivery, or another shop's.
    """
    with tools.reading() as session:
        arrival, raw = inbox.read_delivery(session, tools.sealer, shop.programme_id, delivery_id)
    if arrival.shop_id != shop.shop_id:
        raise NotFound("no such delivery")
    return Inspected(arrival, subject_of(arrival.topic, raw), pretty(raw)[:BODY_SHOWN])


def replay_one(tools: Tools, shop: Shop, delivery_id: UUID, now: datetime) -> bool:
    """Put one delivery back in line; False where its body was erased.

    Raises:
        NotFound: no such delivery, or another shop's.
    """
    return _replayed(tools, shop, [inspect(tools, shop, delivery_id).arrival.delivery_id], now) == 1


def replay_all(tools: Tools, shop: Shop, now: datetime) -> int:
    """Put every dead letter that still has its body back in line; return how many."""
    with tools.reading() as session:
        dead = inbox.list_replayable(session, (shop.programme_id, shop.shop_id))
    return _replayed(tools, shop, dead, now)


def _listed(many: Sequence[tuple[Arrival, bytes]]) -> tuple[Inspected, ...]:
    return tuple(Inspected(one, subject_of(one.topic, raw)) for one, raw in many)


def _replayed(tools: Tools, shop: Shop, delivery_ids: Collection[UUID], now: datetime) -> int:
    with tools.writing() as session:
        return inbox.replay(session, shop.programme_id, delivery_ids, now)

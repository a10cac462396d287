"""A webhook arrives: find its shop, remember the delivery, and be done; a drainer does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from plugin.db import Database, new_id
from plugin.errors import Overloaded
from plugin.facts import Delivery
from plugin.journeys.tools import Tools
from plugin.shops.store import find_shop

Outcome = Literal["stored", "unknown_shop"]

_Ids = tuple[UUID, UUID]  # of the programme and of the shop: neither changes while a shop exists
_REMEMBERED = timedelta(seconds=30)
_known: WeakKeyDictionary[Database, dict[str, tuple[datetime, _Ids]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook whose signature over `body` was proved and whose topic is ours. All else is what its headers claim."""

    shop_domain: str
    topic: str
    event_id: str
    webhook_id: str
    triggered_at: datetime
    body: bytes


def receive(tools: Tools, arrival: Arrival) -> Outcome:
    """Store the arrival durably before returning; a shop that has left us is still known, so its compliance webhooks are kept.

    Raises:
        Overloaded: the inbox is full or the database does not answer; nothing was promised, the sender tries again.
    """
    try:
        if (ids := _find_ids(tools, arrival.shop_domain)) is None:
            return "unknown_shop"
        tools.store([_delivery(arrival, ids, tools.clock())])
    except (OperationalError, InterfaceError, PoolTimeout) as fault:
        raise Overloaded("the database does not answer") from fault
    return "stored"


def _find_ids(tools: Tools, domain: str) -> _Ids | None:
    """Find whose domain it is; a shop found is remembered for a while, an unknown one never (it may install the next second)."""
    known = _known.setdefault(tools.database, {})
    now = tools.clock()
    if (remembered := known.get(domain)) is not None and now < remembered[0]:
        return remembered[1]
    with tools.reading() as session:
        shop = find_shop(session, domain)
    if shop is None:
        return None
    known[domain] = now + _REMEMBERED, (shop.programme_id, shop.shop_id)
    return shop.programme_id, shop.shop_id


def _delivery(arrival: Arrival, ids: _Ids, now: datetime) -> Delivery:
    programme_id, shop_id = ids
    return Delivery(
        delivery_id=new_id(),
        programme_id=programme_id,
        shop_id=shop_id,
        topic=arrival.topic,
        event_id=arrival.event_id,
        webhook_id=arrival.webhook_id,
        triggered_at=arrival.triggered_at,
        received_at=now,
        body=arrival.body,
        body_hash=sha256(arrival.body).hexdigest(),
    )

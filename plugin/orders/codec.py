"""Snapshots and contexts as text, and the total order in which snapshots are newer than each other.

pydantic writes and msgspec reads: the text must stay what it is, since snapshots' keys are made of it, and reading is what a back-test
of years does a million times.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
from pydantic import TypeAdapter

from plugin.facts import Context, OrderSnapshot

_SNAPSHOT: TypeAdapter[OrderSnapshot] = TypeAdapter(OrderSnapshot)
_CONTEXT: TypeAdapter[Context] = TypeAdapter(Context)
_SNAPSHOT_READER = msgspec.json.Decoder(OrderSnapshot)
_CONTEXT_READER = msgspec.json.Decoder(Context)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED = 1024
"""Texts that were read lately and need no reading again: copies of a webhook, and the past of an account that is told again and again."""


def dump_snapshot(snapshot: OrderSnapshot) -> str:
    """Write a snapshot as JSON; equal snapshots give equal text."""
    return _SNAPSHOT.dump_json(snapshot).decode()


def read_snapshot(text: str) -> OrderSnapshot:
    """Read what `dump_snapshot` wrote, for who reads each order once."""
    return _SNAPSHOT_READER.decode(text)


@lru_cache(maxsize=_REMEMBERED)
def load_snapshot(text: str) -> OrderSnapshot:
    """Read what `dump_snapshot` wrote."""
    return read_snapshot(text)


def dump_context(context: Context) -> str:
    """Write a context as JSON."""
    return _CONTEXT.dump_json(context).decode()


def read_context(text: str) -> Context:
    """Read what `dump_context` wrote, for who reads each order once."""
    return _CONTEXT_READER.decode(text)


@lru_cache(maxsize=_REMEMBERED)
def load_context(text: str) -> Context:
    """Read what `dump_context` wrote."""
    return read_context(text)


def snapshot_key(snapshot: OrderSnapshot, text: str) -> str:
    """Give the snapshot's place in the total order: Shopify's time, then how much it tells, cancellation, refunds, content.

    A fetched state tells more than a webhook's of the same second.

    Shopify's time is whole seconds, so two states may share it; the rest breaks the tie the same way on every machine.
    """
    microseconds = (snapshot.updated_at - _EPOCH) // timedelta(microseconds=1)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return (
        f"{microseconds:020d}.{snapshot.is_complete:d}{snapshot.customer_standing != 'unknown':d}"
        f"{snapshot.fetched is not None:d}.{snapshot.cancelled_at is not None:d}"
        f".{len(snapshot.refunds):06d}.{digest}"
    )


def is_complete_key(key: str) -> bool:
    """Read out of a snapshot's key whether it came with all its facts."""
    return key.partition(".")[2].startswith("1")


def updated_at_of(key: str) -> datetime:
    """Read Shopify's time back out of a snapshot's key."""
    return _EPOCH + timedelta(microseconds=int(key.partition(".")[0]))

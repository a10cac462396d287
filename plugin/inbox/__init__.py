"""Deliveries accepted, not finished. A delivery is durable before Shopify hears 200."""

from plugin.inbox.ingest import GroupCommit
from plugin.inbox.store import (
    claim,
    claim_one,
    fail,
    finish,
    forget_bodies,
    has_bodies,
    list_deliveries,
    read_delivery,
    replay,
    store,
    summary_by_topic,
)

__all__ = [
    "GroupCommit",
    "claim",
    "claim_one",
    "fail",
    "finish",
    "forget_bodies",
    "has_bodies",
    "list_deliveries",
    "read_delivery",
    "replay",
    "store",
    "summary_by_topic",
]

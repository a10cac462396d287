"""Deliveries accepted, not finished. A delivery is durable before Shopify hears 200."""

from plugin.inbox.ingest import GroupCommit
from plugin.inbox.store import (
    Arrival,
    claim,
    claim_one,
    count_unfinished,
    fail,
    finish,
    forget_bodies,
    has_bodies,
    list_deliveries,
    list_of_shop,
    list_replayable,
    read_delivery,
    replay,
    store,
    summary_by_topic,
)

__all__ = [
    "Arrival",
    "GroupCommit",
    "claim",
    "claim_one",
    "count_unfinished",
    "fail",
    "finish",
    "forget_bodies",
    "has_bodies",
    "list_deliveries",
    "list_of_shop",
    "list_replayable",
    "read_delivery",
    "replay",
    "store",
    "summary_by_topic",
]

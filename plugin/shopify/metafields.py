"""The balance and the tier each customer's theme page shows, kept at Shopify so that the page needs no request to us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugin.errors import ShopifyRefused
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid

BATCH_MAX = 25
"""So many metafields Shopify takes in one call; a customer's are never parted."""
BALANCE_KEY = "balance"
TIER_KEY = "tier"


@dataclass(frozen=True, slots=True)
class BalanceValue:
    """A customer's available points; in a programme with tiers also their tier, as JSON."""

    customer_id: int
    points: int
    tier: str | None = None


def set_balances(admin: AdminClient, values: Sequence[BalanceValue]) -> list[int]:
    """Write balances and tiers, 25 values a call; return the ids of customers for whom Shopify refuses one (deleted, most likely).

    A batch is all or nothing at Shopify: one deleted customer would keep 24 others waiting for ever. So a refused batch is written
    again one by one; writing the same value twice does no harm.

    Raises:
        ShopifyUnavailable: some batches may have been written; all of them may be written again.
        ShopifyRefused: not about a customer; we may not write at all, as when a scope is missing.
    """
    refused: list[int] = []
    each = 2 if any(value.tier for value in values) else 1
    size = BATCH_MAX // each
    for start in range(0, len(values), size):
        refused += _set(admin, values[start : start + size])
    return refused


def _set(admin: AdminClient, batch: Sequence[BalanceValue]) -> list[int]:
    try:
        admin.mutate("metafields_set", {"metafields": [one for value in batch for one in _inputs(value)]})
    except ShopifyRefused as refusal:
        if any(code == "ACCESS_DENIED" or code.startswith("HTTP_") for code in refusal.codes):
            raise
        if len(batch) == 1:
            return [batch[0].customer_id]
        return [customer_id for value in batch for customer_id in _set(admin, [value])]
    return []


def _inputs(value: BalanceValue) -> list[dict[str, str]]:
    """Leave the namespace out: that means our own, which no other app can write."""
    owner = {"ownerId": gid("Customer", value.customer_id)}
    balance = {**owner, "key": BALANCE_KEY, "type": "number_integer", "value": str(value.points)}
    return [balance, {**owner, "key": TIER_KEY, "type": "json", "value": value.tier}] if value.tier else [balance]

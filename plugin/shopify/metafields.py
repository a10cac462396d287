"""The balance each customer's theme page shows, kept at Shopify so that the page needs no request to us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugin.errors import ShopifyRefused
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid

BATCH_MAX = 25
BALANCE_KEY = "balance"


@dataclass(frozen=True, slots=True)
class BalanceValue:
    """A customer's available points."""

    customer_id: int
    points: int


def set_balances(admin: AdminClient, values: Sequence[BalanceValue]) -> list[int]:
    """Write balances, 25 a call, and return the ids of customers for whom Shopify refuses one (deleted there, most likely).

    A batch is all or nothing at Shopify: one deleted customer would keep 24 others waiting for ever. So a refused batch is written
    again one by one; writing the same value twice does no harm.

    Raises:
        ShopifyUnavailable: some batches may have been written; all of them may be written again.
        ShopifyRefused: not about a customer; we may not write at all, as when a scope is missing.
    """
    refused: list[int] = []
    for start in range(0, len(values), BATCH_MAX):
        refused += _set(admin, values[start : start + BATCH_MAX])
    return refused


def _set(admin: AdminClient, batch: Sequence[BalanceValue]) -> list[int]:
    try:
        admin.mutate("metafields_set", {"metafields": [_input(value) for value in batch]})
    except ShopifyRefused as refusal:
        if any(code == "ACCESS_DENIED" or code.startswith("HTTP_") for code in refusal.codes):
            raise
        if len(batch) == 1:
            return [batch[0].customer_id]
        return [customer_id for value in batch for customer_id in _set(admin, [value])]
    return []


def _input(value: BalanceValue) -> dict[str, str]:
    """Leave the namespace out: that means our own, which no other app can write."""
    return {
        "ownerId": gid("Customer", value.customer_id),
        "key": BALANCE_KEY,
        "type": "number_integer",
        "value": str(value.points),
    }

"""Balances reach the customers' pages, 25 a call; one deleted customer keeps nobody waiting."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from plugin.errors import ShopifyUnavailable
from plugin.shopify.client import AdminClient
from plugin.shopify.metafields import BalanceValue, set_balances
from tests.shopify.stub import AdminStub, graphql_url


def accept(_info: Any, metafields: list[dict[str, Any]]) -> dict[str, Any]:
    """Refuse a batch that holds customer 13, as Shopify refuses one that is gone."""
    bad = [at for at, one in enumerate(metafields) if one["ownerId"].endswith("/13")]
    errors = [
        {"field": ["metafields", str(at)], "code": "INVALID", "message": "gone", "elementIndex": at} for at in bad
    ]
    return {"metafields": None if bad else [], "userErrors": errors}


def test_a_balance_is_written_under_our_own_namespace(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"metafieldsSet": accept}
    assert set_balances(admin, [BalanceValue(7001, 340)]) == []
    assert shopify.variables() == {
        "metafields": [
            {"ownerId": "gid://shopify/Customer/7001", "key": "balance", "type": "number_integer", "value": "340"}
        ]
    }


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (25, 1), (26, 2), (60, 3)])
def test_balances_go_out_in_batches_of_25(admin: AdminClient, shopify: AdminStub, count: int, calls: int):
    shopify.root = {"metafieldsSet": accept}
    set_balances(admin, [BalanceValue(1000 + at, at) for at in range(count)])
    assert len(shopify.sent) == calls
    assert sum(len(body["variables"]["metafields"]) for body in shopify.sent) == count


def test_a_tier_goes_in_the_same_call_and_the_two_are_never_parted(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"metafieldsSet": accept}
    tier = '{"id":"gold"}'
    assert set_balances(admin, [BalanceValue(1000 + at, at, tier if at else None) for at in range(13)]) == []
    first, second = (body["variables"]["metafields"] for body in shopify.sent)
    assert (len(first), len(second)) == (23, 2)
    assert second == [
        {"ownerId": "gid://shopify/Customer/1012", "key": "balance", "type": "number_integer", "value": "12"},
        {"ownerId": "gid://shopify/Customer/1012", "key": "tier", "type": "json", "value": tier},
    ]


def test_one_deleted_customer_does_not_keep_the_others_from_their_balance(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"metafieldsSet": accept}
    assert set_balances(admin, [BalanceValue(at, 5) for at in range(10, 16)]) == [13]
    alone = [body["variables"]["metafields"][0]["ownerId"] for body in shopify.sent[1:]]
    assert alone == [f"gid://shopify/Customer/{at}" for at in range(10, 16)]


def test_silence_is_not_a_refusal(admin: AdminClient, network: responses.RequestsMock):
    network.add(responses.POST, graphql_url(), status=503)
    with pytest.raises(ShopifyUnavailable):
        set_balances(admin, [BalanceValue(7001, 340)])

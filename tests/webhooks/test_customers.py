"""Customers: seen, deleted, merged."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput
from plugin.facts import CustomerSeen, CustomersMerged
from tests.webhooks.sending import SOMEWHERE, TRIGGERED_AT, facts_of, payload

HERE = (SOMEWHERE.programme_id, SOMEWHERE.shop_id)
CUSTOMER = 6_600_000_000_001
GID = "gid://shopify/Customer/"


def test_a_customer_is_seen_with_or_without_an_account():
    assert facts_of("customers/create", payload("customers_create")) == [
        CustomerSeen(*HERE, CUSTOMER, TRIGGERED_AT, has_account=False, is_new=True)
    ]
    assert facts_of("customers/update", payload("customers_update")) == [
        CustomerSeen(*HERE, CUSTOMER, TRIGGERED_AT, has_account=True)
    ]
    assert facts_of("customers/update", {"id": 5}) == [CustomerSeen(*HERE, 5, TRIGGERED_AT)]


def test_a_deleted_customer_moves_nothing():
    assert facts_of("customers/delete", payload("customers_delete")) == []


@pytest.mark.parametrize("topic", ["customers/create", "customers/update", "customers/delete"])
def test_a_customer_without_an_id_is_bad_input(topic):
    for twisted in ({}, {"id": None}, {"id": "7"}, {"id": -7}, {"customer": {"id": 7}}):
        with pytest.raises(BadInput):
            facts_of(topic, twisted)


def test_a_merge_counts_once_shopify_says_it_is_done():
    merge = payload("customers_merge")
    for status in ("completed", "COMPLETED", "success"):
        assert facts_of("customers/merge", merge | {"status": status}) == [
            CustomersMerged(*HERE, kept_id=CUSTOMER, deleted_id=CUSTOMER + 1, occurred_at=TRIGGERED_AT)
        ]
    for status in ("failed", "requested", "in_progress"):
        assert facts_of("customers/merge", merge | {"status": status}) == []
    assert facts_of("customers/merge", payload("customers_merge_failed")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "perhaps"},
        {"status": None},
        {"status": 1},
        {"admin_graphql_api_customer_kept_id": None},
        {"admin_graphql_api_customer_kept_id": CUSTOMER},
        {"admin_graphql_api_customer_kept_id": "gid://shopify/Order/1"},
        {"admin_graphql_api_customer_kept_id": f"{GID}0"},
        {"admin_graphql_api_customer_kept_id": f"{GID}9999999999999999999"},
        {"admin_graphql_api_customer_kept_id": f"{GID}{CUSTOMER + 1}"},
        {"admin_graphql_api_customer_deleted_id": f"{GID}1 "},
        {"admin_graphql_api_customer_deleted_id": f"{GID}1?x=1"},
        {"admin_graphql_api_customer_deleted_id": f"{GID}\u0661"},
    ],
)
def test_a_twisted_merge_is_bad_input_never_lost_in_silence(changes):
    with pytest.raises(BadInput):
        facts_of("customers/merge", payload("customers_merge") | changes)

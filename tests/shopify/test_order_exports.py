"""Orders in a file as GraphQL writes them: whole on one line, or with their lines behind them as bulk operations do."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import pytest

from plugin.facts import OrderSnapshot, RejectedRow
from plugin.shopify.order_bodies import snapshot
from plugin.shopify.order_exports import is_graphql, read_order_answers
from tests.shopify.bodies import line, order, refund

SHOP = (UUID(int=1), UUID(int=2))


def read(*bodies):
    return list(
        read_order_answers([one if isinstance(one, bytes) else json.dumps(one).encode() for one in bodies], SHOP)
    )


def without(body, *names):
    return {name: value for name, value in body.items() if name not in names}


def test_an_order_on_one_line_is_the_order_that_a_fetch_brings():
    body = order(refunds=[refund()])
    (found,) = read(body)
    lines = body["lineItems"]["nodes"]
    assert found == snapshot(SHOP, body, lines, [refund()], is_customer_withheld=False)


def test_edges_are_read_as_nodes_are():
    body = order()
    edges = {"edges": [{"node": one} for one in body["lineItems"]["nodes"]]}
    assert read(body | {"lineItems": edges}) == read(body)


def test_lines_of_a_bulk_operation_belong_to_the_order_they_name():
    first, second = (without(order(number), "lineItems") for number in (5001, 5002))
    owned = [line(at) | {"__parentId": first["id"]} for at in (1, 2)]
    found = read(first, *owned, second, line(3) | {"__parentId": second["id"]}, b"")
    assert [len(one.lines) for one in found] == [2, 1]
    assert [one.order_id for one in found] == [5001, 5002]


def test_a_line_that_follows_no_order_of_its_own_is_told_by_its_number():
    body = without(order(), "lineItems")
    stray = line(1) | {"__parentId": "gid://shopify/Order/9"}
    found = read(stray, body, line(2) | {"__parentId": body["id"]})
    assert isinstance(found[0], RejectedRow)
    assert (found[0].row, "no order" in found[0].fault) == (1, True)
    assert isinstance(found[1], OrderSnapshot)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (without(order(), "currencyCode", "taxesIncluded"), "the order lacks currencyCode, taxesIncluded"),
        (without(order(), "lineItems"), "no lines"),
        (order(lineItems={"nodes": [without(line(), "discountAllocations")]}), "a line lacks discountAllocations"),
        (order(refunds=[without(refund(), "refundLineItems")]), "a refund lacks refundLineItems"),
        (order(id="gid://shopify/Customer/1"), "names no Order"),
        (order(processedAt="yesterday"), "not an order as Shopify answers it"),
        (order(lineItems=3), "not an order as Shopify answers it"),
        (b"[]", "not an order"),
        (b"nonsense", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line_and_its_fault(body, said):
    found = read(order(5001), b" ", body, order(5003))
    faults = [one for one in found if isinstance(one, RejectedRow)]
    assert [one.row for one in faults] == [3]
    assert said in faults[0].fault
    assert [one.order_id for one in found if isinstance(one, OrderSnapshot)] == [5001, 5003]


def test_what_was_not_asked_for_is_not_taken_for_none():
    (found,) = read(without(order(), "shippingLine", "transactions"))
    assert (found.shipping, found.fetched) == (None, None)
    (withheld,) = read(without(order(), "customer"))
    assert withheld.customer_standing == "unknown"
    (guest,) = read(order(customer=None))
    assert guest.customer_standing == "none"
    assert guest.fetched is not None
    assert guest.fetched.total == Decimal("30.00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b'{"id": "gid://shopify/Order/1"}', True), (b'{"id": 5001}', False), (b"[]", False), (b"nonsense", False)],
)
def test_graphql_is_told_from_a_webhooks_body_by_its_id(text, expected):
    assert is_graphql(text) is expected

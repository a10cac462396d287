"""Every GraphQL document, with the variables our code sends, is valid at Shopify, uses nothing deprecated, and needs our scopes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

from plugin.db import new_id
from plugin.shopify import API_VERSION
from plugin.shopify.client import AdminClient
from plugin.shopify.customers import find_customers_by_email
from plugin.shopify.discounts import DiscountItems, RewardCode, create_reward_code, deactivate_code, find_code
from plugin.shopify.installation import NEEDED_SCOPES, fetch_shop, fetch_withheld
from plugin.shopify.metafields import BalanceValue, set_balances
from plugin.shopify.orders import fetch_orders, fetch_placed, orders_updated_since
from plugin.shopify.products import fetch_products
from plugin.shopify.segments import fetch_segment
from tests.shopify.bodies import by_id, collection, installation, line, one_by_id, order, product, refund
from tests.shopify.stub import ROOT, TRIMMED, WHOLE, AdminStub, load_schema, page, read_dump

DOCUMENTS = sorted((ROOT / "plugin" / "shopify" / "graphql").glob("*.graphql"))
AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SHOP = (new_id(), new_id())
# What the schema does not say by field: whose metafields we write, and which topics we hear.
OTHER_SCOPES = {
    "write_customers": "metafieldsSet on customers: the scope follows the owner",
    "read_customer_merge": "the topic customers/merge",
}


@pytest.fixture(params=[TRIMMED, WHOLE], ids=["trimmed", "whole"])
def dump(request: pytest.FixtureRequest) -> Path:
    """Our trimmed copy of the schema, and Shopify's whole one where it is at hand."""
    if not request.param.exists():
        pytest.skip("the whole schema is not beside the checkout")
    return request.param


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_valid_at_shopify(path: Path, dump: Path):
    assert validate(load_schema(dump), parse(path.read_text())) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_uses_nothing_deprecated(path: Path, dump: Path):
    used = FieldsSeen(dump)
    visit(parse(path.read_text()), TypeInfoVisitor(used.type_info, used))
    assert used.deprecated == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_file_holds_one_operation_named_after_it(path: Path):
    """Shopify's own log names operations; a mutation has one root field, since that is what `mutate` returns."""
    operations = list(_operations(parse(path.read_text())))
    assert [one.name.value for one in operations if one.name] == [path.stem.title().replace("_", "")]
    if operations[0].operation.value == "mutation":
        assert len(operations[0].selection_set.selections) == 1


def test_a_deprecated_field_would_be_noticed():
    if not WHOLE.exists():
        pytest.skip("the whole schema is not beside the checkout")
    used = FieldsSeen(WHOLE)
    visit(parse("query Old { customers(first: 1) { nodes { email } } }"), TypeInfoVisitor(used.type_info, used))
    assert used.deprecated == ["Customer.email"]


def test_all_that_our_code_sends_is_valid_variables_included(admin: AdminClient, shopify: AdminStub, dump: Path):
    """Every function that speaks to Shopify is run; graphql-core refuses any variable that Shopify would refuse."""
    shopify.schema = load_schema(dump)
    shopify.root = everything()
    reward = RewardCode("LAUREL-1", "5 off", 7001, Decimal(5), "EUR", AT, AT, Decimal("20.5"))
    create_reward_code(admin, reward)
    create_reward_code(admin, replace(reward, items=DiscountItems(products=(301,), variants=(401,))))
    create_reward_code(admin, replace(reward, items=DiscountItems(collections=(9001,))))
    create_reward_code(admin, replace(reward, is_free_shipping=True, maximum_shipping_price=Decimal(10)))
    find_code(admin, "LAUREL-1")
    deactivate_code(admin, "gid://shopify/DiscountCodeNode/1")
    set_balances(admin, [BalanceValue(7001, 340, '{"id":"gold"}')])
    fetch_shop(admin)
    fetch_withheld(admin)
    fetch_products(admin, [301])
    assert [len(one) for one in orders_updated_since(admin, SHOP, AT, AT)] == [1]
    assert len(fetch_orders(admin, SHOP, [5001])) == 1
    assert fetch_placed(admin, AT, AT, None).order_ids == (5001,)
    assert find_customers_by_email(admin, ["ada@example.com"]) == {"ada@example.com": 7001}
    assert list(fetch_segment(admin, 41)) == [7001]
    sent = {body["query"] for body in shopify.sent}
    assert sent == {path.read_text() for path in DOCUMENTS}, "a document nobody sends, or one this test does not know"


def test_scopes_computed_from_the_schema_are_those_we_ask_the_merchant_for(dump: Path):
    needed: set[str] = set()
    for path in DOCUMENTS:
        used = FieldsSeen(dump)
        visit(parse(path.read_text()), TypeInfoVisitor(used.type_info, used))
        needed |= used.scopes
    app = tomllib.loads((ROOT / "shopify.app.toml").read_text())
    asked = set(app["access_scopes"]["scopes"].split(","))
    assert asked == needed | set(OTHER_SCOPES)
    assert asked == set(NEEDED_SCOPES)


def everything() -> dict[str, object]:
    """A shop that has one of each, and pages that go on."""
    long_order = order(lineItems=page(line(), more="c1"), refunds=[{"id": "gid://shopify/Refund/8001"}])
    long_product = product(collections=page(collection(901), more="c1"))
    discount = {"__typename": "DiscountCodeBasic", "title": "5 off", "status": "ACTIVE", "asyncUsageCount": 0}
    node = {"id": "gid://shopify/DiscountCodeNode/1", "codeDiscount": discount}
    changed = {"codeDiscountNode": node, "userErrors": []}
    return {
        **installation("read_orders"),
        "discountCodeBasicCreate": changed,
        "discountCodeFreeShippingCreate": changed,
        "discountCodeDeactivate": changed,
        "codeDiscountNodeByCode": node,
        "customerSegmentMembers": page() | {"edges": [{"node": {"id": "gid://shopify/CustomerSegmentMember/7001"}}]},
        "metafieldsSet": {"metafields": [], "userErrors": []},
        "nodes": by_id(long_order, long_product),
        "order": one_by_id(order(lineItems=page(line(60011)))),
        "refund": one_by_id(refund()),
        "product": one_by_id(product(collections=page(collection(902)))),
        "orders": page(order()),
        "customers": page({"id": "gid://shopify/Customer/7001"}),
        "customerByIdentifier": {"id": "gid://shopify/Customer/7001"},
    }


class FieldsSeen(Visitor):
    """Walks a document and notes the deprecated fields and the scopes behind it.

    Where Shopify lists several scopes for one thing, any of them will do; the first is the ordinary app's.
    """

    def __init__(self, dump: Path) -> None:
        super().__init__()
        self.type_info = TypeInfo(load_schema(dump))
        self.deprecated: list[str] = []
        self.scopes: set[str] = set()
        self._scopes = {
            (one["typeName"], one.get("fieldName")): one["offlineScopes"]
            for one in read_dump(dump)["offline_scopes"]["items"]
        }

    def enter_field(self, node, *_):
        parent, definition = self.type_info.get_parent_type(), self.type_info.get_field_def()
        self._need(parent.name, node.name.value)
        self._need(get_named_type(definition.type).name)
        if definition.deprecation_reason:
            self.deprecated.append(f"{parent.name}.{node.name.value}")

    def enter_argument(self, node, *_):
        if self.type_info.get_argument().deprecation_reason:
            self.deprecated.append(node.name.value)

    def enter_inline_fragment(self, node, *_):
        self._need(node.type_condition.name.value)

    def _need(self, type_name: str, field_name: str | None = None) -> None:
        self.scopes |= set(self._scopes.get((type_name, field_name), [])[:1])


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (one for one in document.definitions if isinstance(one, OperationDefinitionNode))


def test_the_app_and_its_webhooks_speak_the_same_version():
    assert tomllib.loads((ROOT / "shopify.app.toml").read_text())["webhooks"]["api_version"] == API_VERSION

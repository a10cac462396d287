"""Runs a document as Shopify would: validated, scopes enforced, faults in Shopify's shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    execute_sync,
    get_named_type,
    parse,
    validate,
)

from plugin.devstore.deployment import Deployment
from plugin.devstore.gids import parse_gid
from plugin.devstore.graph_discounts import DiscountGraph
from plugin.devstore.graph_lists import connection
from plugin.devstore.graph_orders import OrderGraph
from plugin.devstore.graph_shop import ShopGraph
from plugin.devstore.schema import AdminSchema, admin_schema
from plugin.devstore.store import Store

Root = dict[str, Callable[..., Any]]
_WITHHELD = "This app is not approved to access the Customer object."
_MUTATION_SCOPES = {"metafieldsSet": ("write_customers",)}


class AdminGraph:
    """The Admin API's fields over one store."""

    def __init__(self, store: Store, deployment: Deployment) -> None:
        self._store = store
        self._admin: AdminSchema = admin_schema()
        self._orders = OrderGraph(store)
        self._discounts = DiscountGraph(store)
        self._shop = ShopGraph(store, deployment, self._orders)
        self._root = self._fields()

    def faults(self, text: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
        """Parse and validate a document; return it, or what is wrong with it."""
        try:
            document = parse(text)
        except GraphQLSyntaxError as fault:
            return None, [_shown(fault, "parseError")]
        errors = [_shown(fault, "invalidDocument") for fault in validate(self._admin.schema, document)]
        return (None if errors else document), errors

    def run(self, document: DocumentNode, variables: dict[str, Any], scopes: tuple[str, ...]) -> dict[str, Any]:
        """Execute under the scopes of a token; `data` is absent if the variables were wrong."""
        result = execute_sync(
            self._admin.schema,
            document,
            root_value=self._root,
            variable_values=variables,
            context_value=_widened(scopes),
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value["__typename"],
        )
        return self._answer(result)

    def _answer(self, result: ExecutionResult) -> dict[str, Any]:
        errors = [
            _shown(fault, "INTERNAL_SERVER_ERROR" if fault.path else "INVALID_VARIABLE")
            for fault in result.errors or ()
        ]
        if errors and result.data is None and not any(error.get("path") for error in errors):
            return {"errors": errors}
        return {"data": result.data} | ({"errors": errors} if errors else {})

    def _resolve(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        """Take a field from what a resolver made. A field that the stand-in does not model is a loud fault, never a quiet null."""
        self._check_scopes(info)
        if not isinstance(source, Mapping) or info.field_name not in source:
            raise GraphQLError(f"the dev store does not model {info.parent_type.name}.{info.field_name}")
        value = source[info.field_name]
        return value(info, **arguments) if callable(value) else value

    def _check_scopes(self, info: GraphQLResolveInfo) -> None:
        kind = get_named_type(info.return_type).name.removesuffix("Connection")
        if kind == "Customer" and self._store.faults.is_withholding:
            raise GraphQLError(_WITHHELD, extensions={"code": "ACCESS_DENIED"})
        field = f"{info.parent_type.name}.{info.field_name}"
        for needed in (
            self._admin.scopes.get(field),
            self._admin.scopes.get(kind),
            _MUTATION_SCOPES.get(info.field_name),
        ):
            if needed and not info.context.intersection(needed):
                raise GraphQLError(
                    f"Access denied for {info.field_name} field. Required access: `{needed[0]}` access scope.",
                    extensions={"code": "ACCESS_DENIED", "requiredAccess": f"`{needed[0]}` access scope."},
                )

    def _fields(self) -> Root:
        return {
            "shop": lambda _info: self._shop.shop(),
            "currentAppInstallation": lambda _info: self._shop.installation(),
            "orders": lambda info, **arguments: self._orders.orders(info.context, **arguments),
            "customers": lambda _info, **arguments: self._orders.customers(**arguments),
            "customerSegmentMembers": lambda _info, **arguments: connection((), dict, arguments),
            "customerByIdentifier": lambda _info, identifier: self._orders.find_customer(identifier),
            "order": lambda _info, id: self._node(id),  # noqa: A006 - the schema's name
            "customer": lambda _info, id: self._node(id),  # noqa: A006
            "product": lambda _info, id: self._node(id),  # noqa: A006
            "refund": lambda _info, id: self._node(id),  # noqa: A006
            "node": lambda _info, id: self._node(id),  # noqa: A006
            "nodes": lambda _info, ids: [self._node(each) for each in ids],
            "codeDiscountNodeByCode": lambda _info, code: self._discounts.find_by_code(code),
            "discountCodeBasicCreate": lambda _info, basicCodeDiscount: self._discounts.create(basicCodeDiscount),  # noqa: N803
            "discountCodeFreeShippingCreate": lambda _info, **given: self._discounts.create_free_shipping(
                given["freeShippingCodeDiscount"]
            ),
            "discountCodeDeactivate": lambda _info, id: self._discounts.deactivate(id),  # noqa: A006
            "metafieldsSet": lambda _info, metafields: self._shop.set_metafields(metafields),
        }

    def _node(self, node_gid: str) -> dict[str, Any] | None:
        kind, number = parse_gid(node_gid) or ("", 0)
        books = self._store.books
        if kind == "Order" and (order := books.orders.get(number)):
            return self._orders.order(order)
        if kind == "Product" and (product := books.products.get(number)):
            return self._orders.product(product)
        if kind == "Customer" and (customer := books.customers.get(number)):
            return self._orders.customer(customer)
        return self._orders.find_refund(number) if kind == "Refund" else None


def _widened(scopes: tuple[str, ...]) -> frozenset[str]:
    """A write scope implies its read scope."""
    return frozenset(scopes) | {scope.replace("write_", "read_", 1) for scope in scopes}


def _shown(fault: GraphQLError, code: str) -> dict[str, Any]:
    shown = dict(fault.formatted)
    shown["extensions"] = {"code": code} | dict(fault.extensions or {})
    return shown

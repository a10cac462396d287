"""Shopify's Admin schema, trimmed, with scalars that refuse what Shopify's would refuse."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema, IntrospectionQuery, build_client_schema
from graphql.language import BooleanValueNode, FloatValueNode, IntValueNode, StringValueNode, ValueNode

from plugin.devstore.gids import parse_gid

SCHEMA_FILE = Path(__file__).parent / "schema.json.gz"
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,10})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AdminSchema:
    """The executable schema, and the scopes each type ("Order") or field ("Mutation.metafieldsSet") asks for."""

    schema: GraphQLSchema
    scopes: dict[str, tuple[str, ...]]


@cache
def admin_schema() -> AdminSchema:
    """Load the committed schema once."""
    dump: dict[str, Any] = json.loads(gzip.decompress(SCHEMA_FILE.read_bytes()))
    introspection: IntrospectionQuery = dump["data"]
    schema = build_client_schema(introspection)
    for name, parse in _PARSERS.items():
        if isinstance(scalar := schema.type_map.get(name), GraphQLScalarType):
            _tighten(scalar, parse)
    _prints_instants(schema)
    return AdminSchema(schema, {_place(item): tuple(item["offlineScopes"]) for item in dump["offline_scopes"]["items"]})


def _place(item: dict[str, Any]) -> str:
    return f"{item['typeName']}.{item['fieldName']}" if "fieldName" in item else str(item["typeName"])


def _tighten(scalar: Any, parse: Callable[[object], object]) -> None:
    """Give a built scalar its parser, the way graphql-core means it: by assignment."""
    scalar.parse_value = parse
    scalar.parse_literal = lambda node, _variables=None: parse(_literal(node))


def _prints_instants(schema: GraphQLSchema) -> None:
    scalar: Any = schema.type_map["DateTime"]
    scalar.serialize = _print_instant


def _print_instant(value: Any) -> str:
    instant: datetime = value
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _literal(node: ValueNode) -> object:
    if isinstance(node, IntValueNode):
        return int(node.value)
    if isinstance(node, StringValueNode | BooleanValueNode | FloatValueNode):
        return node.value
    raise GraphQLError("not a scalar", node)


def _parse_id(value: object) -> str:
    if isinstance(value, str) and parse_gid(value):
        return value
    raise GraphQLError(f"Invalid global id '{value}'")


def _parse_decimal(value: object) -> Decimal:
    text = str(value)
    if isinstance(value, bool) or not _DECIMAL.fullmatch(text):
        raise GraphQLError(f"invalid decimal '{text}'")
    try:
        return Decimal(text)
    except InvalidOperation as fault:
        raise GraphQLError(f"invalid decimal '{text}'") from fault


def _parse_instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as fault:
        raise GraphQLError(f"invalid DateTime '{value}'") from fault
    if instant.tzinfo is None:
        raise GraphQLError(f"invalid DateTime '{value}': without an offset")
    return instant


_PARSERS: dict[str, Callable[[object], object]] = {
    "ID": _parse_id,
    "Decimal": _parse_decimal,
    "Money": _parse_decimal,
    "DateTime": _parse_instant,
}

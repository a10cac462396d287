"""Trims Shopify's Admin schema to what our operations reach, so that the dev store needs neither node nor 11 MB of text.

The source is `dist/data/admin_<version>.json.gz` of the npm package `@shopify/dev-mcp` (ISC, see SCHEMA-LICENSE.txt):

    npm pack @shopify/dev-mcp && tar xzf shopify-dev-mcp-*.tgz package/dist/data
    python -m plugin.devstore.trim_schema package/dist/data/admin_2026-10.json.gz

Kept are the types that the documents touch; of each its leaves, the fields between kept types and the fields selected, with their
arguments whole: an input or an enum is never cut, or a wrong one could pass. Descriptions and deprecated fields go.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    get_named_type,
    is_composite_type,
    parse,
    visit,
)

HERE = Path(__file__).parent
SCHEMA_FILE = HERE / "schema.json.gz"
DOCUMENTS = HERE.parent / "shopify" / "graphql"
_ROOTS = ("QueryRoot", "Mutation")
_LEAVES = ("SCALAR", "ENUM")
_TYPE_KEYS = ("kind", "name", "isOneOf")
_FIELD_KEYS = ("name", "type", "isDeprecated", "deprecationReason")
_ARGUMENT_KEYS = ("name", "type", "defaultValue", "isDeprecated", "deprecationReason", "gidTypes")


def main(source: str) -> None:
    """Write schema.json.gz from the package's file."""
    whole = json.loads(gzip.decompress(Path(source).read_bytes()))
    trimmed = trim(whole, documents())
    text = json.dumps(trimmed, separators=(",", ":"), sort_keys=True)
    SCHEMA_FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
    types = len(trimmed["data"]["__schema"]["types"])
    sys.stdout.write(f"{SCHEMA_FILE.name}: {types} types, {SCHEMA_FILE.stat().st_size} bytes\n")


def documents() -> list[str]:
    """Every document the stand-in must know: its own list, then the product's."""
    return [file.read_text() for file in (HERE / "more_operations.graphql", *sorted(DOCUMENTS.glob("*.graphql")))]


def trim(whole: dict[str, Any], texts: Iterable[str]) -> dict[str, Any]:
    """Return the same dump with nothing in it that the documents do not reach."""
    schema = whole["data"]["__schema"]
    types = {each["name"]: each for each in schema["types"]}
    selected, touched = _used(whole, [parse(text) for text in texts])
    kept = _Closure(types, selected, touched)
    kept.close()
    return {
        "data": {
            "__schema": {
                "queryType": {"name": "QueryRoot"},
                "mutationType": {"name": "Mutation"},
                "subscriptionType": None,
                "directives": [_directive(each) for each in schema["directives"]],
                "types": [kept.trimmed(types[name]) for name in sorted(kept.names)],
            }
        },
        "offline_scopes": {"items": list(_scopes(whole["offline_scopes"]["items"], kept))},
    }


def _used(whole: dict[str, Any], parsed: Iterable[DocumentNode]) -> tuple[dict[str, set[str]], set[str]]:
    """Return the fields selected of each type, and every composite type the documents pass through."""
    info = TypeInfo(build_client_schema(whole["data"], assume_valid=True))
    selected: dict[str, set[str]] = defaultdict(set)
    touched: set[str] = set(_ROOTS)

    class Collector(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent, kind = info.get_parent_type(), get_named_type(info.get_type())
            if parent is None or kind is None:
                raise LookupError(f"the schema has no field {node.name.value} there")
            selected[parent.name].add(node.name.value)
            touched.add(parent.name)
            if is_composite_type(kind):
                touched.add(kind.name)

    for document in parsed:
        visit(document, TypeInfoVisitor(info, Collector()))
    return selected, touched


class _Closure:
    """The types and fields to keep, grown until nothing kept points outside."""

    def __init__(self, types: dict[str, Any], selected: dict[str, set[str]], touched: set[str]) -> None:
        self._types = types
        self._selected = selected
        self.names = set(touched)

    def close(self) -> None:
        """Add what kept fields and arguments point at, until nothing is left to add."""
        grown = set(self.names)
        while grown:
            found = {name for each in grown for name in self._pointed_at(self._types[each])}
            grown = found - self.names
            self.names |= grown

    def fields(self, kind: dict[str, Any]) -> list[dict[str, Any]]:
        """The fields kept of a type, in the schema's order."""
        return [field for field in kind["fields"] or () if self._keeps(kind, field)]

    def has(self, type_name: str, field_name: str | None) -> bool:
        """Whether a type, or one field of it, is kept."""
        if type_name not in self.names:
            return False
        return field_name is None or any(field["name"] == field_name for field in self.fields(self._types[type_name]))

    def trimmed(self, kind: dict[str, Any]) -> dict[str, Any]:
        """The type without descriptions and without what is not kept."""
        return {key: kind.get(key) for key in _TYPE_KEYS} | {
            "fields": [_field(field) for field in self.fields(kind)] if kind["fields"] else None,
            "inputFields": [_argument(each) for each in kind["inputFields"]] if kind["inputFields"] else None,
            "interfaces": self._known(kind["interfaces"]),
            "possibleTypes": self._known(kind["possibleTypes"]),
            "enumValues": kind["enumValues"] and [_enum_value(each) for each in kind["enumValues"]],
        }

    def _keeps(self, kind: dict[str, Any], field: dict[str, Any]) -> bool:
        chosen = {kind["name"], *(each["name"] for each in self._known(kind["interfaces"]) or ())}
        if any(field["name"] in self._selected.get(name, ()) for name in chosen):
            return True
        if kind["name"] in _ROOTS or field["isDeprecated"]:
            return False
        target = _named(field["type"])
        return target["kind"] in _LEAVES or target["name"] in self.names

    def _pointed_at(self, kind: dict[str, Any]) -> Iterator[str]:
        for field in self.fields(kind):
            yield _named(field["type"])["name"]
            yield from (_named(argument["type"])["name"] for argument in field["args"])
        yield from (_named(each["type"])["name"] for each in kind["inputFields"] or ())

    def _known(self, references: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        if references is None:
            return None
        return [{"kind": each["kind"], "name": each["name"]} for each in references if each["name"] in self.names]


def _named(reference: dict[str, Any]) -> dict[str, Any]:
    return _named(reference["ofType"]) if reference.get("ofType") else reference


def _picked(source: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: source[key] for key in keys if source.get(key) is not None}


def _field(field: dict[str, Any]) -> dict[str, Any]:
    return _picked(field, _FIELD_KEYS) | {"args": [_argument(each) for each in field["args"]]}


def _argument(argument: dict[str, Any]) -> dict[str, Any]:
    return _picked(argument, _ARGUMENT_KEYS) | {"defaultValue": argument.get("defaultValue")}


def _enum_value(value: dict[str, Any]) -> dict[str, Any]:
    return _picked(value, ("name", "isDeprecated", "deprecationReason"))


def _directive(directive: dict[str, Any]) -> dict[str, Any]:
    return _picked(directive, ("name", "locations")) | {"args": [_argument(each) for each in directive["args"]]}


def _scopes(items: list[dict[str, Any]], kept: _Closure) -> Iterator[dict[str, Any]]:
    for item in items:
        if item["offlineScopes"] and kept.has(item["typeName"], item.get("fieldName")):
            yield _picked(item, ("type", "typeName", "fieldName", "offlineScopes"))


if __name__ == "__main__":
    main(sys.argv[1])

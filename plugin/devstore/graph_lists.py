"""Connections and searches: pages with cursors, and the part of Shopify's search syntax that we use."""

from __future__ import annotations

import base64
import binascii
import json
import operator
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from graphql import GraphQLError

PAGE_MAX = 250
Item = TypeVar("Item")
Place = tuple[str | int, ...]
_TERM = re.compile(r"(?P<field>\w+):(?P<how>>=|<=|>|<)?'?(?P<value>[^'\s]+)'?")
_COMPARE: dict[str | None, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    None: operator.eq,
}


def connection(
    items: Sequence[Item],
    shown: Callable[[Item], dict[str, Any]],
    arguments: dict[str, Any],
    place: Callable[[Item], Place] | None = None,
) -> dict[str, Any]:
    """Page through items that are already in order. `place` orders them for a cursor that survives changes; else position counts."""
    first = arguments.get("first")
    if first is None:
        raise GraphQLError("you must provide one of first or last")
    if not 0 < first <= PAGE_MAX:
        raise GraphQLError(f"first must be between 1 and {PAGE_MAX}")
    placed = [(place(item) if place else (index,), item) for index, item in enumerate(items)]
    if after := arguments.get("after"):
        placed = [(where, item) for where, item in placed if where > _read_cursor(after)]
    page = placed[:first]
    return {
        "nodes": [shown(item) for _, item in page],
        "edges": [{"cursor": _cursor(where), "node": shown(item)} for where, item in page],
        "pageInfo": {
            "hasNextPage": len(placed) > first,
            "hasPreviousPage": bool(after),
            "startCursor": _cursor(page[0][0]) if page else None,
            "endCursor": _cursor(page[-1][0]) if page else None,
        },
    }


def parse_search(search: str | None, known: Collection[str]) -> list[re.Match[str]]:
    """Read the terms of a search, joined by AND.

    Raises:
        GraphQLError: a term that this stand-in does not know; Shopify would ignore it, which is worse for a test.
    """
    terms = list(_TERM.finditer(search or ""))
    rest = _TERM.sub("", search or "").replace("AND", "").strip()
    if rest or any(term["field"] not in known for term in terms):
        raise GraphQLError(f"the dev store does not know this search: {search}")
    return terms


def matches(terms: Sequence[re.Match[str]], facts: dict[str, Any]) -> bool:
    """Whether something with these searchable facts is found."""
    return all(_holds(term, facts[term["field"]]) for term in terms)


def _holds(term: re.Match[str], fact: Any) -> bool:
    if fact is None:
        return term["value"] == "any"
    wanted: Any = datetime.fromisoformat(term["value"]) if isinstance(fact, datetime) else type(fact)(term["value"])
    return _COMPARE[term["how"]](fact, wanted)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        return tuple(json.loads(base64.urlsafe_b64decode(cursor)))
    except (ValueError, binascii.Error) as fault:
        raise GraphQLError(f"Invalid cursor: {cursor}") from fault

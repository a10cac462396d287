"""Shopify's Admin API for tests: executed by graphql-core over Shopify's own schema, so that neither side can invent a field."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import responses
from graphql import GraphQLError, GraphQLSchema, build_client_schema, graphql_sync
from requests import PreparedRequest

from plugin.shopify import API_VERSION

DOMAIN = "laurel-test.myshopify.com"
ACCESS_TOKEN = "shpat_test_access"
ROOT = Path(__file__).resolve().parents[2]
TRIMMED = ROOT / "plugin" / "devstore" / "schema.json.gz"
WHOLE = ROOT.parent / "shared" / "data" / "admin_2026-10.json.gz"
COST = {
    "requestedQueryCost": 12,
    "actualQueryCost": 8,
    "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1988, "restoreRate": 100.0},
}


@cache
def read_dump(path: Path) -> dict[str, Any]:
    """Introspection and scopes, as Shopify's package holds them."""
    return json.loads(gzip.decompress(path.read_bytes()))


@cache
def load_schema(path: Path) -> GraphQLSchema:
    """The schema, with scalars that refuse what Shopify's refuse: without a parser any JSON would pass."""
    schema = build_client_schema(read_dump(path)["data"], assume_valid=True)
    for name, parse in _SCALARS.items():
        schema.type_map[name].parse_value = parse
    return schema


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", value):
        raise GraphQLError(f"no decimal: {value!r}")
    return Decimal(value)


def _instant(value: Any) -> datetime:
    if not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is None:
        raise GraphQLError(f"no instant: {value!r}")
    return datetime.fromisoformat(value)


def _gid(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"gid://shopify/[A-Za-z]+/\d+", value):
        raise GraphQLError(f"no gid: {value!r}")
    return value


_SCALARS = {"Decimal": _decimal, "DateTime": _instant, "ID": _gid}


@dataclass
class AdminStub:
    """Answers what `root` holds (values, or functions of a field's arguments) and keeps every request it was sent."""

    root: dict[str, Any] = field(default_factory=dict)
    schema: GraphQLSchema = field(default_factory=lambda: load_schema(TRIMMED))
    sent: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    good_tokens: set[str] | None = None

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        token = request.headers["X-Shopify-Access-Token"]
        self.tokens.append(token)
        if self.good_tokens is not None and token not in self.good_tokens:
            return 401, {}, json.dumps({"errors": "[API] Invalid API key or access token"})
        body = json.loads(request.body)
        self.sent.append(body)
        result = graphql_sync(self.schema, body["query"], self.root, variable_values=body["variables"])
        return (
            200,
            {"X-Shopify-API-Version": API_VERSION},
            json.dumps({**result.formatted, "extensions": {"cost": COST}}),
        )

    def variables(self, number: int = -1) -> dict[str, Any]:
        """The variables of one request."""
        return self.sent[number]["variables"]


def listen(mock: responses.RequestsMock, stub: AdminStub, domain: str = DOMAIN) -> None:
    """Put the stub where the shop's Admin API is."""
    mock.add_callback(responses.POST, graphql_url(domain), stub)


def graphql_url(domain: str = DOMAIN) -> str:
    return f"https://{domain}/admin/api/{API_VERSION}/graphql.json"


def token_url(domain: str = DOMAIN) -> str:
    return f"https://{domain}/admin/oauth/access_token"


def denied(*_: Any, **__: Any) -> None:
    """A resolver for what Shopify withholds."""
    raise GraphQLError("Access denied", extensions={"code": "ACCESS_DENIED"})


def page(*nodes: Any, more: str | None = None) -> dict[str, Any]:
    """A connection's page; `more` is the cursor of the next one."""
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": more is not None, "endCursor": more}}


def money(amount: str) -> dict[str, Any]:
    """Shop money beside the buyer's own, which nobody may read."""
    return {
        "shopMoney": {"amount": amount, "currencyCode": "EUR"},
        "presentmentMoney": {"amount": "999.99", "currencyCode": "TRY"},
    }

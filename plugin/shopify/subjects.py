"""What a webhook is about, as far as its body says: for whoever looks at a delivery that could not be processed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_INT_MAX = 2**63


@dataclass(frozen=True, slots=True)
class Subject:
    """An order or a customer by Shopify's id; `name` is what merchants call an order, where the body says it."""

    kind: str
    number: int
    name: str = ""


def subject_of(topic: str, raw: bytes) -> Subject | None:
    """Say what a body is about; None where that cannot be told, since such bodies are why anybody looks."""
    body = read_json(raw)
    if not isinstance(body, dict):
        return None
    family = topic.partition("/")[0]
    if topic == "orders/edited":
        return _subject("order", _inside(body, "order_edit").get("order_id"))
    if family == "orders":
        return _subject("order", body.get("id"), body.get("name"))
    if family == "refunds":
        return _subject("order", body.get("order_id"))
    if family == "customers":
        return _subject("customer", body.get("id") or _inside(body, "customer").get("id"))
    return None


def pretty(raw: bytes) -> str:
    """Write a body for people to read; what is no JSON is shown as it came."""
    body = read_json(raw)
    return raw.decode(errors="replace") if body is None else json.dumps(body, indent=2, ensure_ascii=False)


def read_json(raw: bytes) -> Any:
    """Read JSON of any quality; None where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _inside(body: dict[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _subject(kind: str, number: object, name: object = None) -> Subject | None:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < _INT_MAX:
        return None
    return Subject(kind, number, name if isinstance(name, str) else "")

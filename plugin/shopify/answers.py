"""What came back from the Admin API, sorted into: data, partial data, "later", "no", and "we hold no usable token"."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable

_DISCONNECTED = frozenset({401, 402, 403, 404, 423})  # token dead · shop frozen · forbidden · gone · locked
_LATER = frozenset({408, 425, 429, 430})
_TRANSIENT = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
_RETRY_SECONDS_MAX = 3600.0


class Throttled(ShopifyUnavailable):
    """Shopify counted the call as one too many and did not carry it out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of GraphQL's `errors`. `path` holds field names and list positions."""

    message: str
    code: str = ""
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost, in Shopify's points, and what is left; `restore_rate` is in points per second."""

    requested: float
    actual: float
    available: float
    maximum: float
    restore_rate: float

    def wait_seconds(self) -> float:
        """Return how long until the bucket holds what was asked for."""
        return max(0.0, self.requested - self.available) / self.restore_rate if self.restore_rate > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The data Shopify gave, with the problems that came along (redacted fields are null in `data` and named here)."""

    data: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    cost: Cost | None = None

    def is_denied(self, *path: str | int) -> bool:
        """Tell whether Shopify withheld the field at `path`, or something it lies in."""
        return any(one.code == "ACCESS_DENIED" and one.path == path[: len(one.path)] for one in self.problems)


def check_status(response: requests.Response) -> None:
    """Return when the answer is a 200.

    Raises:
        ShopDisconnected: the token is dead, or the shop is frozen, locked or gone; says nothing of the call's effect.
        Throttled: too many calls.
        ShopifyUnavailable: a fault at Shopify, or an answer that makes no sense.
        ShopifyRefused: any other 4xx.
    """
    status = response.status_code
    if status == requests.codes.ok:
        return
    if status in _DISCONNECTED:
        raise ShopDisconnected(f"Shopify answered {status}")
    if 400 <= status < 500 and status not in _LATER:  # noqa: PLR2004 - HTTP's own classes
        raise ShopifyRefused(f"Shopify answered {status}", codes=(f"HTTP_{status}",))
    kind = Throttled if status == requests.codes.too_many_requests else ShopifyUnavailable
    raise kind(f"Shopify answered {status}", retry_after_seconds=_retry_after(response))


def parse_json(response: requests.Response) -> dict[str, Any]:
    """Read an answer's JSON object, decimals exact.

    Raises:
        ShopifyUnavailable: it is none, as when a proxy or a maintenance page answered.
    """
    try:
        body = json.loads(response.content, parse_float=Decimal)
    except ValueError as fault:
        raise ShopifyUnavailable("Shopify's answer is not JSON") from fault
    if not isinstance(body, dict):
        raise ShopifyUnavailable("Shopify's answer is not a JSON object")
    return body


def parse_answer(body: dict[str, Any]) -> Answer:
    """Keep data, problems and cost.

    Raises:
        Throttled: the shop's budget does not suffice just now; says when it will.
        ShopifyUnavailable: no data, for a reason that may pass.
        ShopifyRefused: no data at all, finally.
    """
    problems = tuple(_problem(one) for one in _list(body.get("errors")))
    cost = _cost(body.get("extensions"))
    codes = tuple(dict.fromkeys(one.code for one in problems if one.code))
    if "THROTTLED" in codes:
        raise Throttled("Shopify throttles us", retry_after_seconds=cost.wait_seconds() if cost else 1.0)
    data = body.get("data")
    if isinstance(data, dict) and (any(value is not None for value in data.values()) or not problems):
        return Answer(data, problems, cost)
    _raise(problems)
    raise ShopifyUnavailable("Shopify's answer holds neither data nor errors")


def _raise(problems: Sequence[Problem]) -> None:
    """Raise what the problems amount to: a refusal only where Shopify says what is wrong and it will not pass."""
    if not problems:
        return
    codes = tuple(dict.fromkeys(one.code for one in problems))
    message = "; ".join(dict.fromkeys(one.message for one in problems))
    if _TRANSIENT.intersection(codes) or "" in codes:
        raise ShopifyUnavailable(message)
    raise ShopifyRefused(message, codes=codes)


def _problem(error: Any) -> Problem:
    if not isinstance(error, dict):
        return Problem(str(error))
    extensions = error.get("extensions")
    code = extensions.get("code", "") if isinstance(extensions, dict) else ""
    path = tuple(step for step in _list(error.get("path")) if isinstance(step, str | int))
    return Problem(str(error.get("message", "")), str(code or ""), path)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]  # Shopify answers some faults with a bare string


def _cost(extensions: Any) -> Cost | None:
    try:
        cost = extensions["cost"]
        status = cost["throttleStatus"]
        return Cost(
            requested=float(cost["requestedQueryCost"]),
            actual=float(cost.get("actualQueryCost") or 0),
            available=float(status["currentlyAvailable"]),
            maximum=float(status["maximumAvailable"]),
            restore_rate=float(status["restoreRate"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _retry_after(response: requests.Response) -> float | None:
    """Read `Retry-After`: Shopify sends seconds, often with a fraction; a date (which HTTP allows too) counts as unknown."""
    try:
        seconds = float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
    return min(seconds, _RETRY_SECONDS_MAX) if math.isfinite(seconds) and seconds >= 0 else None

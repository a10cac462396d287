"""Shopify's discounts and customer metafields, as far as redemptions need them; each call can be made to go wrong in the ways it does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import responses

Answer = tuple[int, dict[str, str], str]
Fault = Callable[[Callable[[], Answer]], Answer]


def lost_answer(accept: Callable[[], Answer]) -> Answer:
    """The call is carried out, and the answer never comes."""
    accept()
    raise requests.ConnectionError("connection reset")


def lost_call(_accept: Callable[[], Answer]) -> Answer:
    """The call never arrives."""
    raise requests.ConnectTimeout("timed out")


def throttled(_accept: Callable[[], Answer]) -> Answer:
    """Shopify has no time for us."""
    cost = {"requestedQueryCost": 40, "actualQueryCost": None}
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 20.0, "restoreRate": 2.0}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return 200, {}, json.dumps({"errors": errors, "extensions": {"cost": {**cost, "throttleStatus": status}}})


def denied(_accept: Callable[[], Answer]) -> Answer:
    """We lack the scope."""
    return 200, {}, json.dumps({"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]})


def refused(code: str) -> Fault:
    """Shopify says no, with a user error."""
    return lambda _accept: _ok("discountCodeBasicCreate", {"codeDiscountNode": None}, code)


@dataclass
class Discount:
    """One discount code at the shop."""

    gid: str
    code: str
    title: str
    status: str = "ACTIVE"
    given: dict[str, Any] = field(default_factory=dict)


class DiscountDesk:
    """Answers a shop's Admin API. `faults` are used up one per call of the named mutation or query, oldest first."""

    def __init__(self) -> None:
        self.discounts: dict[str, Discount] = {}
        self.balances: dict[str, int] = {}
        self.tiers: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []
        self.calls: list[str] = []
        self.gone_customers: set[str] = set()
        self.faults: dict[str, list[Fault]] = {}
        self._by_code: dict[str, Discount] = {}
        self._made = 0
        self._guard = threading.RLock()

    def serve(self, mock: responses.RequestsMock, domain: str) -> None:
        """Answer for this shop while the mock is active."""
        url = f"https://{domain}/admin/api/2026-10/graphql.json"
        mock.add_callback(responses.POST, url, callback=self.answer, content_type="application/json")

    def go_wrong(self, operation: str, *faults: Fault) -> None:
        """Let the next calls of `operation` (create, find, deactivate, metafields) go wrong, in this order."""
        self.faults.setdefault(operation, []).extend(faults)

    def take(self, code: str, title: str = "Summer sale") -> None:
        """Let the merchant have a discount with this code already."""
        self._store(code, title, {})

    @property
    def codes(self) -> dict[str, str]:
        """Every code with its status."""
        return {one.code: one.status for one in self.discounts.values()}

    def codes_of(self, code: str) -> list[str]:
        """The status of the discount with this code; nothing where there is none."""
        found = self._of(code)
        return [found.status] if found else []

    def answer(self, request: requests.PreparedRequest) -> Answer:
        """Carry out one call, or let it go wrong."""
        operation, act = self.read(request)
        with self._guard:
            self.calls.append(operation)
            fault = self.faults[operation].pop(0) if self.faults.get(operation) else None
        return fault(act) if fault else act()

    def read(self, request: requests.PreparedRequest) -> tuple[str, Callable[[], Answer]]:
        """Tell which operation a call is, and how to carry it out."""
        body = json.loads(request.body or b"{}")
        return self.act(body["query"], body["variables"])

    def act(self, query: str, variables: dict[str, Any]) -> tuple[str, Callable[[], Answer]]:
        """Tell which operation a document asks for, and how to carry it out."""
        if "discountCodeBasicCreate" in query:
            return "create", lambda: self._create(next(iter(variables.values())), "discountCodeBasicCreate")
        if "discountCodeFreeShippingCreate" in query:
            return "create", lambda: self._create(next(iter(variables.values())), "discountCodeFreeShippingCreate")
        if "codeDiscountNodeByCode" in query:
            return "find", lambda: self._find(variables["code"])
        if "discountCodeDeactivate" in query:
            return "deactivate", lambda: self._deactivate(variables["id"])
        if "metafieldsSet" in query:
            return "metafields", lambda: self._set_metafields(variables["metafields"])
        raise AssertionError(f"unexpected call: {query}")

    def _create(self, given: dict[str, Any], mutation: str) -> Answer:
        with self._guard:
            if self._of(given["code"]):
                return _ok(mutation, {"codeDiscountNode": None}, "TAKEN")
            fresh = self._store(given["code"], given["title"], given)
        return _ok(mutation, {"codeDiscountNode": {"id": fresh.gid}})

    def _store(self, code: str, title: str, given: dict[str, Any]) -> Discount:
        self._made += 1
        fresh = Discount(f"gid://shopify/DiscountCodeNode/{self._made}", code, title, given=given)
        self.discounts[fresh.gid] = self._by_code[code.upper()] = fresh
        return fresh

    def _find(self, code: str) -> Answer:
        found = self._of(code)
        about = found and {"__typename": "DiscountCodeBasic", "title": found.title, "status": found.status}
        node = found and {"id": found.gid, "codeDiscount": {**(about or {}), "asyncUsageCount": 0}}
        return 200, {}, json.dumps({"data": {"codeDiscountNodeByCode": node}})

    def _deactivate(self, gid: str) -> Answer:
        if gid not in self.discounts:
            return _ok("discountCodeDeactivate", {"codeDiscountNode": None}, "INVALID")
        self.discounts[gid].status = "EXPIRED"
        return _ok("discountCodeDeactivate", {"codeDiscountNode": {"id": gid}})

    def _set_metafields(self, values: list[dict[str, Any]]) -> Answer:
        with self._guard:
            self.batches.append(len(values))
            assert len(values) <= 25
            if any(one["ownerId"] in self.gone_customers for one in values):
                return _ok("metafieldsSet", {"metafields": None}, "INVALID")
            for one in values:
                assert (one["key"], one["type"]) in {("balance", "number_integer"), ("tier", "json")}
                if one["key"] == "tier":
                    self.tiers[one["ownerId"]] = json.loads(one["value"])
                else:
                    self.balances[one["ownerId"]] = int(one["value"])
        return _ok("metafieldsSet", {"metafields": [{"id": "gid://shopify/Metafield/1"} for _ in values]})

    def _of(self, code: str) -> Discount | None:
        found = self._by_code.get(code.upper())
        return found if found and found.gid in self.discounts else None


def _ok(field_name: str, payload: dict[str, Any], code: str | None = None) -> Answer:
    errors = [{"field": ["code"], "message": "is not right", "code": code}] if code else []
    return 200, {}, json.dumps({"data": {field_name: {**payload, "userErrors": errors}}})

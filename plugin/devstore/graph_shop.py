"""The shop, the app's installation, and the metafields the app writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from plugin.devstore.deployment import Deployment
from plugin.devstore.gids import gid, parse_gid
from plugin.devstore.graph_orders import OrderGraph
from plugin.devstore.records import Metafield
from plugin.devstore.store import Store

Shown = dict[str, Any]
BATCH_MAX = 25
OWN_NAMESPACE = "$app"
_VALUES = {
    "number_integer": re.compile(r"-?[0-9]{1,16}", re.ASCII),
    "boolean": re.compile(r"true|false"),
    "single_line_text_field": re.compile(r"[^\r\n]+"),
}
_SEND_TYPE = "send a type; none is defined for this key"


class ShopGraph:
    """What the app may know of the shop, and what it may leave there."""

    def __init__(self, store: Store, deployment: Deployment, orders: OrderGraph) -> None:
        self._store = store
        self._deployment = deployment
        self._orders = orders

    def shop(self) -> Shown:
        """`shop`."""
        shop = self._store.books.shop
        return {
            "__typename": "Shop",
            "id": gid("Shop", shop.shop_id),
            "name": shop.name,
            "email": shop.email,
            "myshopifyDomain": shop.domain,
            "primaryDomain": {"host": shop.domain, "url": f"https://{shop.domain}"},
            "currencyCode": shop.currency,
            "enabledPresentmentCurrencies": [shop.currency],
            "ianaTimezone": shop.timezone,
            "taxesIncluded": shop.taxes_included,
            "plan": {"publicDisplayName": "Dev store", "partnerDevelopment": True, "shopifyPlus": False},
        }

    def installation(self) -> Shown | None:
        """`currentAppInstallation`; the token was checked, so there is one."""
        installation = self._store.books.installation
        if installation is None:
            return None
        return {
            "__typename": "AppInstallation",
            "id": gid("AppInstallation", installation.installation_id),
            "accessScopes": [{"handle": scope} for scope in installation.scopes],
            "app": {"id": gid("App", 1), "handle": "laurel", "title": self._deployment.name},
        }

    def set_metafields(self, wanted: Sequence[Shown]) -> Shown:
        """`metafieldsSet`: all of them or none."""
        if len(wanted) > BATCH_MAX:
            fault = _fault(None, "metafields", "LESS_THAN_OR_EQUAL_TO", f"at most {BATCH_MAX} metafields in a call")
            return {"metafields": None, "userErrors": [fault]}
        with self._store.lock:
            faults = [found for index, each in enumerate(wanted) if (found := self._fault_of(index, each))]
            if faults:
                return {"metafields": None, "userErrors": faults}
            written = [self._write(each) for each in wanted]
        shown = [self._orders.metafield(each.owner_gid, each.namespace, each.key) for each in written]
        return {"metafields": shown, "userErrors": []}

    def _fault_of(self, index: int, wanted: Shown) -> Shown | None:
        kind, number = parse_gid(wanted["ownerId"]) or ("", 0)
        if kind != "Customer" or number not in self._store.books.customers:
            return _fault(index, "ownerId", "INVALID", "Owner does not exist.")
        declared = self._kind(kind, wanted)
        if declared is None:
            return _fault(index, "type", "BLANK", _SEND_TYPE)
        if wanted.get("type") not in {None, declared}:
            return _fault(index, "type", "INVALID_TYPE", f"Type must be consistent with the definition: {declared}.")
        if (rule := _VALUES.get(declared)) is not None and not rule.fullmatch(wanted["value"]):
            return _fault(index, "value", "INVALID_VALUE", f"Value must be a {declared}.")
        return None

    def _kind(self, owner_kind: str, wanted: Shown) -> str | None:
        if wanted.get("namespace") in {None, OWN_NAMESPACE}:
            declared = self._deployment.metafield_kinds.get((owner_kind.upper(), wanted["key"]))
            if declared is not None:
                return declared
        kind: str | None = wanted.get("type")
        return kind

    def _write(self, wanted: Shown) -> Metafield:
        namespace = wanted.get("namespace") or OWN_NAMESPACE
        earlier = self._store.metafield(wanted["ownerId"], namespace, wanted["key"])
        metafield = Metafield(
            metafield_id=earlier.metafield_id if earlier else self._store.new_id(),
            owner_gid=wanted["ownerId"],
            namespace=namespace,
            key=wanted["key"],
            kind=self._kind("Customer", wanted) or "",
            value=wanted["value"],
            updated_at=self._store.clock(),
        )
        self._store.books.metafields[metafield.metafield_id] = metafield
        return metafield


def _fault(index: int | None, field: str, code: str, message: str) -> Shown:
    path = ["metafields"] if index is None else ["metafields", str(index), field]
    return {"field": path, "code": code, "message": message, "elementIndex": index}

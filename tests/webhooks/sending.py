"""Sends webhooks as Shopify does, and reads back what the inbox remembers."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from plugin import inbox
from plugin.config import DEVELOPMENT_SECRET
from plugin.facts import Delivery, Fact
from plugin.journeys.tools import Tools
from tests.factories import Shopfront, make_delivery
from webhooks.topics import parse_delivery

PAYLOADS = Path(__file__).parent / "payloads"
TRIGGERED = "2026-11-21T09:59:58.877041743Z"
TRIGGERED_AT = datetime(2026, 11, 21, 9, 59, 58, 877041, tzinfo=UTC)
SOMEWHERE = Shopfront(UUID(int=1), UUID(int=2), "laurel-test.myshopify.com")

TOPICS = {
    "orders_create": "orders/create",
    "orders_paid": "orders/paid",
    "orders_paid_by_guest": "orders/paid",
    "orders_paid_in_another_currency": "orders/paid",
    "orders_paid_redacted": "orders/paid",
    "orders_updated_partly_refunded": "orders/updated",
    "orders_updated_refund_on_its_way": "orders/updated",
    "orders_updated_refunded_by_money": "orders/updated",
    "orders_cancelled": "orders/cancelled",
    "orders_edited": "orders/edited",
    "refunds_create": "refunds/create",
    "customers_create": "customers/create",
    "customers_update": "customers/update",
    "customers_email_marketing_consent_update": "customers_email_marketing_consent/update",
    "customers_marketing_consent_update": "customers_marketing_consent/update",
    "customers_delete": "customers/delete",
    "customers_merge": "customers/merge",
    "customers_merge_failed": "customers/merge",
    "app_uninstalled": "app/uninstalled",
    "app_scopes_update": "app/scopes_update",
    "shop_update": "shop/update",
    "customers_data_request": "customers/data_request",
    "customers_redact": "customers/redact",
    "shop_redact": "shop/redact",
}


def payload(name: str) -> dict[str, Any]:
    """One of our own bodies in Shopify's shape."""
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def raw_payload(name: str) -> bytes:
    """The same as bytes, compact as Shopify sends it."""
    return json.dumps(payload(name), separators=(",", ":"), ensure_ascii=False).encode()


def signature(raw: bytes, secret: str = DEVELOPMENT_SECRET) -> str:
    """Sign as Shopify does."""
    return b64encode(hmac.new(secret.encode(), raw, sha256).digest()).decode()


def webhook_headers(
    topic: str, raw: bytes, domain: str = SOMEWHERE.domain, event_id: str = "event-1"
) -> dict[str, str]:
    """All headers of a webhook."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature(raw),
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Triggered-At": TRIGGERED,
        "X-Shopify-Event-Id": event_id,
    }


def facts_of(topic: str, body: dict[str, Any] | bytes) -> list[Fact]:
    """What a topic file reads out of a body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_delivery(make_delivery(SOMEWHERE, topic, raw, TRIGGERED_AT))


def arrivals(outcome: str, topic: str = "other") -> float:
    """How often the door counted an outcome."""
    return REGISTRY.get_sample_value("laurel_webhooks_total", {"outcome": outcome, "topic": topic}) or 0.0


@dataclass(frozen=True)
class Door:
    """A client of the door, the tools behind it, and the shop it knows."""

    client: FlaskClient
    tools: Tools
    shop: Shopfront

    def post(self, raw: bytes, headers: dict[str, str], **options: Any) -> TestResponse:
        """Send exactly this."""
        return self.client.post("/webhooks", data=raw, headers=headers, **options)

    def send(self, topic: str, raw: bytes, **changes: str | None) -> TestResponse:
        """Send a signed webhook; `changes` replaces headers (underscores for dashes), None drops one."""
        headers = webhook_headers(topic, raw)
        for name, value in changes.items():
            header = f"X-Shopify-{name.replace('_', '-')}"
            headers.pop(header)
            if value is not None:
                headers[header] = value
        return self.post(raw, headers)

    def stored(self) -> list[Delivery]:
        """Everything the inbox holds."""
        with self.tools.writing() as session:
            return inbox.claim(session, self.tools.sealer, self.tools.clock(), 100_000)

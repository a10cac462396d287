"""The headers of a webhook. Only the body is signed: what stands here is believed no further than a second look confirms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import Headers

from plugin.errors import BadInput
from plugin.shopify.domains import parse_shop_domain
from webhooks.nodes import parse_instant

SIGNATURE = "X-Shopify-Hmac-Sha256"
API_VERSION = "X-Shopify-API-Version"

_TOPIC, _SHOP, _TIME = "X-Shopify-Topic", "X-Shopify-Shop-Domain", "X-Shopify-Triggered-At"
_EVENT_ID, _WEBHOOK_ID = "X-Shopify-Event-Id", "X-Shopify-Webhook-Id"

_SHOP_IN_BODY = ("shop_domain", "myshopify_domain")

_NAME = re.compile(r"[a-z0-9_.]{1,64}(/[a-z0-9_]{1,64})?", re.ASCII)
_MARK = re.compile(r"[!-~]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WebhookHeaders:
    """Who is said to have sent what, when. All copies of one merchant's action share `event_id`."""

    topic: str
    shop_domain: str
    event_id: str
    webhook_id: str
    triggered_at: datetime

    def check_shop(self, body: Mapping[str, Any]) -> None:
        """Hold the unsigned header against the signed body, where that names its shop: one secret signs for all shops.

        Raises:
            BadInput: the body is another shop's.
        """
        for name in _SHOP_IN_BODY:
            if (named := _find_domain(body.get(name))) and named != self.shop_domain:
                raise BadInput(f"header {_SHOP} names another shop than the body", path=_SHOP)


def parse_headers(headers: Headers) -> WebhookHeaders:
    """Read what every webhook carries besides its signature.

    Raises:
        BadInput: a header is missing or has not its shape; its text is not repeated.
    """
    return WebhookHeaders(
        topic=_matching(headers, _TOPIC, _NAME),
        shop_domain=parse_shop_domain(headers.get(_SHOP)),
        event_id=_matching(headers, _EVENT_ID, _MARK),
        webhook_id=_matching(headers, _WEBHOOK_ID, _MARK),
        triggered_at=parse_instant(headers.get(_TIME), path=_TIME),
    )


def _matching(headers: Headers, name: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(text := headers.get(name, "")):
        raise BadInput(f"header {name} is missing or malformed", path=name)
    return text


def _find_domain(text: object) -> str | None:
    """Give the domain a body names; Shopify's sample bodies hold null or a placeholder there."""
    try:
        return parse_shop_domain(text)
    except BadInput:
        return None

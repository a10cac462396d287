"""A programme with actions of every kind, and the ways in which news of them comes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from plugin.journeys.documents import publish_document
from plugin.journeys.tools import Tools
from plugin.rules import default_document, dump_document
from plugin.wiring import drain_once
from tests.factories import CUSTOMER, Shopfront, make_delivery

FOLLOW = {"kind": "social_follow", "proof": "honour", "points": 50, "url": "https://social.example.com/shop"}
DAILY = [{"per": "day", "times": 1}]
ACTIONS: list[dict[str, Any]] = [
    {"id": "welcome", "kind": "sign_up", "proof": "verified", "points": 100},
    {"id": "cake", "kind": "birthday", "proof": "honour", "points": 200},
    {"id": "year", "kind": "anniversary", "proof": "verified", "points": 30},
    {"id": "news", "kind": "newsletter", "proof": "verified", "points": 40},
    {"id": "texts", "kind": "sms_consent", "proof": "verified", "points": 45},
    {"id": "follow", **FOLLOW},
    {"id": "visit", "kind": "visit", "proof": "honour", "points": 5, "limits": DAILY},
    {"id": "profile", "kind": "profile_completion", "proof": "honour", "points": 25},
    {"id": "review", "kind": "review", "proof": "signed", "points": 20, "limits": [{"per": "week", "times": 3}]},
    {"id": "photo", "kind": "photo", "proof": "signed", "points": 10, "is_active": False},
]


def publish_actions(
    tools: Tools,
    shop: Shopfront,
    actions: list[dict[str, Any]] | None = None,
    at: datetime | None = None,
    **changes: Any,
) -> None:
    """Publish the default programme with these actions, a month and a half ago unless said."""
    document = dump_document(default_document()) | {"actions": ACTIONS if actions is None else actions} | changes
    with tools.writing() as session:
        published_at = at or tools.clock() - timedelta(days=45)
        publish_document(session, shop.programme_id, document, actor="test", now=published_at)


def arrive(tools: Tools, shop: Shopfront, topic: str, body: dict[str, Any], at: datetime | None = None) -> None:
    """Bring a webhook and work it off."""
    raw = json.dumps(body).encode()
    at = at or tools.clock()
    tools.store([make_delivery(shop, topic, raw, at, event_id=f"{topic}-{at.isoformat()}-{hash(raw)}")])
    while drain_once(tools):
        pass


def consent(state: str, at: str, channel: str = "email", customer_id: int = CUSTOMER) -> dict[str, Any]:
    """The body of a consent topic."""
    told = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at}
    if channel == "email":
        return {"customer_id": customer_id, "email_address": "a@example.com", "email_marketing_consent": told}
    return {"id": customer_id, "phone": None, "sms_marketing_consent": told | {"consent_collected_from": "OTHER"}}

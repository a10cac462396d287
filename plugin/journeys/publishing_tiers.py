"""A member's tier as a theme reads it out of the customer's metafield: which one, its titles, and how far it is to the next.

It is told anew whenever the account is published: after each change of points, and when a tier is reached or lost. What merely drops
out of a moving window shows at the next of these.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.rising import tell_members
from plugin.journeys.telling_tiers import terms_of
from plugin.journeys.viewing_tiers import deciding
from plugin.rules.schema_tiers import Tiers
from plugin.rules.tiers import outlook


def tier_values(session: Session, programme_id: UUID, member_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """Say as JSON which tier these members hold: {id, title, next: {id, title, kind, missing, share}}; empty without tiers.

    Titles are the merchant's, by language. `missing` is a decimal: points, orders, friends, or spend in the shop's currency, as `kind`
    says. A programme that gave its tiers up says null, since Shopify would go on showing the old one.
    """
    terms = terms_of(session, programme_id)
    if all(span.tiers is None for span in terms.spans):
        return {}
    tiers = terms.latest
    if tiers is None:
        return dict.fromkeys(member_ids, _text({"id": None, "title": None, "next": None}))
    told = tell_members(session, programme_id, member_ids, terms, now)
    return {
        person.member.member_id: _text(
            _shown(tiers, outlook(tiers, person.past(terms.timezone, now), telling.kept.holding, now))
        )
        for person, telling in told
    }


def _shown(tiers: Tiers, seen: dict[str, Any]) -> dict[str, Any]:
    return {"id": seen["tier"], "title": _title(tiers, seen["tier"]), "next": _next(tiers, seen["next"])}


def _next(tiers: Tiers, following: dict[str, Any] | None) -> dict[str, Any] | None:
    if following is None:
        return None
    goal = deciding(following["goals"])
    return {
        "id": following["tier"],
        "title": _title(tiers, following["tier"]),
        "kind": goal["kind"],
        "missing": goal["missing"],
        "share": following["share"],
    }


def _title(tiers: Tiers, tier_id: str | None) -> dict[str, str] | None:
    level = tiers.level(tier_id)
    return dict(level.title) if level else None


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

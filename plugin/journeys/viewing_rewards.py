"""Rewards as a shopper sees them: what they cost, how far away they are, and the codes already made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from plugin.journeys.phrasing import Phrases
from plugin.rewards import Redemption
from plugin.rules import Reward
from plugin.rules.pricing import Priced

_SHOWN = {"preparing", "ready", "returning"}


def shown_rewards(offers: Sequence[Priced], available: int, phrases: Phrases) -> list[dict[str, Any]]:
    """The catalogue, cheapest first, each with whether `available` points are enough."""
    active = [one for one in offers if one.reward.is_active]
    return [_reward(one, available, phrases) for one in sorted(active, key=lambda one: one.reward.points)]


def progress(rewards: Sequence[Reward], available: int, phrases: Phrases) -> dict[str, Any] | None:
    """How far it is to the next reward the member cannot have yet; None without rewards."""
    active = sorted((one for one in rewards if one.is_active), key=lambda one: one.points)
    if not active:
        return None
    following = next((one for one in active if one.points > available), None)
    if following is None:
        return {"reward_id": None, "share": 1.0, "missing": 0, "sentence": phrases.words.say("progress.all")}
    missing = following.points - available
    title = phrases.title(following.title, following.amount)
    return {
        "reward_id": following.id,
        "share": round(available / following.points, 4),
        "missing": missing,
        "sentence": phrases.words.say("progress.to_go", points=phrases.points(missing), reward=title),
    }


def shown_codes(redemptions: Sequence[Redemption], phrases: Phrases, now: datetime) -> list[dict[str, Any]]:
    """The codes a member can use or is waiting for, newest first."""
    return [
        shown_redemption(one, phrases)
        for one in redemptions
        if one.standing in _SHOWN and (one.standing != "ready" or one.expires_at is None or one.expires_at > now)
    ]


def shown_redemption(redemption: Redemption, phrases: Phrases) -> dict[str, Any]:
    """One redemption as JSON; its code only while it can be used."""
    ends = redemption.expires_at
    return {
        "id": str(redemption.redemption_id),
        "state": redemption.standing,
        "code": redemption.shown_code,
        "expires_at": ends.isoformat() if ends else None,
        "title": phrases.stored_title(redemption.reward),
        "points": redemption.points,
        "points_text": phrases.points(redemption.points),
        "until_text": phrases.words.say("code.until", date=phrases.date(ends)) if ends else None,
        "may_give_back": redemption.standing == "ready",
    }


def _reward(offer: Priced, available: int, phrases: Phrases) -> dict[str, Any]:
    reward, usual = offer.reward, offer.usual
    missing = max(0, reward.points - available)
    return {
        "id": reward.id,
        "kind": reward.kind,
        "title": phrases.title(reward.title, reward.amount),
        "value_text": phrases.money(reward.amount),
        "points": reward.points,
        "points_text": phrases.points(reward.points),
        "usual_points": usual.points,
        "campaigns": list(offer.campaigns),
        "conditions": [*_changes(offer, phrases), *_conditions(reward, phrases)],
        "is_affordable": missing == 0,
        "missing": missing,
        "missing_text": phrases.words.say("reward.missing", missing) if missing else None,
        "share": round(min(1.0, available / reward.points), 4),
    }


def _changes(offer: Priced, phrases: Phrases) -> list[str]:
    """Say what campaigns make of a reward, beside what it is without them."""
    said = []
    if offer.reward.points != offer.usual.points:
        said.append(phrases.words.say("reward.usual_points", points=phrases.points(offer.usual.points)))
    if offer.reward.amount != offer.usual.amount:
        said.append(phrases.words.say("reward.usual_amount", amount=phrases.money(offer.usual.amount)))
    return said


def _conditions(reward: Reward, phrases: Phrases) -> list[str]:
    conditions = []
    if reward.minimum_subtotal:
        conditions.append(phrases.words.say("reward.minimum", amount=phrases.money(reward.minimum_subtotal)))
    if reward.code_valid_days:
        conditions.append(phrases.words.say("reward.valid_days", reward.code_valid_days))
    return conditions

"""Rewards as a shopper sees them: what they cost, how far away they are, and the codes already made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from plugin.journeys.phrasing import Phrases
from plugin.journeys.phrasing_rewards import locked_text, reward_conditions
from plugin.rewards import Redemption
from plugin.rules import ProgrammeDocument, Reward
from plugin.rules.pricing import Priced

_SHOWN = {"preparing", "ready", "returning"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the catalogue: a member or not, of which document."""

    document: ProgrammeDocument
    is_member: bool


def shown_rewards(offers: Sequence[Priced], available: int, seen: Reader, phrases: Phrases) -> list[dict[str, Any]]:
    """The catalogue, cheapest first, each with whether `available` points are enough, and why it cannot be had all the same."""
    active = [one for one in offers if one.reward.is_active]
    return [_reward(one, available, seen, phrases) for one in sorted(active, key=lambda one: one.reward.points)]


def progress(offers: Sequence[Priced], available: int, phrases: Phrases) -> dict[str, Any] | None:
    """How far it is to the next reward the member lacks points for; None without rewards that are open to them for points."""
    asked = [one for one in offers if one.reward.is_active and one.reward.points]
    active = sorted((one.reward for one in asked if one.locked is None), key=lambda one: one.points)
    if not active:
        return None
    following = next((one for one in active if one.points > available), None)
    if following is None:
        key = "progress.all" if len(active) == len(asked) else "progress.all_open"
        return {"reward_id": None, "share": 1.0, "missing": 0, "sentence": phrases.words.say(key)}
    missing = following.points - available
    title = phrases.reward_title(following)
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


def _reward(offer: Priced, available: int, seen: Reader, phrases: Phrases) -> dict[str, Any]:
    reward, usual = offer.reward, offer.usual
    missing = max(0, reward.points - available)
    return {
        "id": reward.id,
        "kind": reward.kind,
        "title": phrases.reward_title(reward),
        "value_text": _value(reward, phrases),
        "points": reward.points,
        "points_text": phrases.points(reward.points) if reward.points else phrases.words.say("reward.gift"),
        "usual_points": usual.points,
        "campaigns": list(offer.campaigns),
        "conditions": [*_changes(offer, phrases), *reward_conditions(reward, seen.document, phrases)],
        "is_affordable": missing == 0 and seen.is_member,
        "locked": offer.locked.why if offer.locked else None,
        "locked_text": locked_text(offer.locked, phrases) if offer.locked else None,
        "missing": missing,
        "missing_text": _missing(offer, missing, phrases),
        "share": round(min(1.0, available / reward.points), 4) if reward.points else 1.0,
    }


def _missing(offer: Priced, missing: int, phrases: Phrases) -> str | None:
    """Say how many points a member lacks, unless more points would not bring the reward to them either."""
    is_for_others = offer.locked is not None and offer.locked.why == "reward_not_yours"
    return phrases.words.say("reward.missing", missing) if missing and not is_for_others else None


def _changes(offer: Priced, phrases: Phrases) -> list[str]:
    """Say what campaigns make of a reward, beside what it is without them."""
    said = []
    if offer.reward.points != offer.usual.points:
        said.append(phrases.words.say("reward.usual_points", points=phrases.points(offer.usual.points)))
    if offer.usual.worth is not None and offer.reward.worth != offer.usual.worth:
        said.append(phrases.words.say("reward.usual_amount", amount=phrases.money(offer.usual.worth)))
    return said


def _value(reward: Reward, phrases: Phrases) -> str:
    """What it takes off, or what delivery costs with it."""
    return phrases.money(reward.amount if reward.kind == "fixed_amount" else Decimal(0))

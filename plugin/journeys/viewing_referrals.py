"""Referrals as shoppers see them: a member's link with what it brought, and what a friend is offered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from plugin.journeys.phrasing import Phrases
from plugin.members import Member
from plugin.referrals import Referral
from plugin.referrals.links import find_link
from plugin.referrals.store import tally_of_referrer
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_referral import FriendOffer
from plugin.rules.schema_referral import Referral as Terms

LANDING = "refer"
"""Where a link leads to, below the app proxy."""


def shown_invitation(
    session: Session, member: Member, document: ProgrammeDocument, phrases: Phrases
) -> dict[str, Any] | None:
    """What a member can send a friend; None where the programme does not ask for it. Without a link yet, `code` is None."""
    terms = document.referral
    if terms is None or not terms.is_active:
        return None
    friends, points = tally_of_referrer(session, member.programme_id, member.member_id)
    say = phrases.words.say
    invites = say(
        "referral.invite", offer=offer_name(terms.friend, phrases), points=phrases.points(terms.referrer_points)
    )
    so_far = say("referral.so_far", friends, points=phrases.points(points)) if friends else None
    invitation = {"friends": friends, "points": points, "sentence": invites, "so_far": so_far}
    return with_link(invitation, find_link(session, member.programme_id, member.member_id))


def with_link(invitation: dict[str, Any], code: str | None) -> dict[str, Any]:
    """Put a member's link in."""
    return {**invitation, "code": code, "path": f"{LANDING}/{code}" if code else None}


def shown_offer(terms: Terms, phrases: Phrases) -> dict[str, Any]:
    """What a friend is offered, before they take it."""
    say, friend = phrases.words.say, terms.friend
    conditions = []
    if friend.minimum_subtotal:
        conditions.append(say("referral.offer.minimum", amount=phrases.money(friend.minimum_subtotal)))
    if terms.must_be_first_order:
        conditions.append(say("referral.offer.first"))
    if terms.friend_points:
        conditions.append(say("referral.offer.points", points=phrases.points(terms.friend_points)))
    conditions.append(say("referral.offer.days", friend.valid_days))
    return {"name": offer_name(friend, phrases), "conditions": conditions}


def shown_claim(one: Referral, phrases: Phrases, now: datetime) -> dict[str, Any]:
    """How far a friend's code has come; `state` is preparing, ready, used, or over."""
    is_over = one.refusal is not None or (one.order_id is None and now >= one.expires_at)
    state = "over" if is_over else "used" if one.order_id else "ready" if one.discount_gid else "preparing"
    is_ready = state == "ready"
    return {
        "id": str(one.referral_id),
        "state": state,
        "code": one.code if is_ready else None,
        "expires_at": one.expires_at.isoformat(),
        "until_text": phrases.words.say("referral.until", date=phrases.date(one.expires_at)) if is_ready else None,
    }


def offer_name(friend: FriendOffer, phrases: Phrases) -> str:
    """What the friend's discount is called: the merchant's title, or else what it takes off."""
    if friend.title:
        return phrases.words.pick(friend.title)
    if friend.kind == "percent":
        return phrases.words.say("referral.offer.percent", share=phrases.words.percent(friend.value / Decimal(100)))
    return phrases.words.say("reward.fixed_amount", amount=phrases.money(friend.value))

"""Referrals, ready to be drawn: who brought whom, what made us stop, and what could not be checked, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from plugin.journeys.reviewing_referrals import Looked, Queue
from plugin.messages import Words
from plugin.shops.store import Shop

_STATES = ("review", "waiting", "rewarded", "claimed", "ordered", "taken_back", "blocked", "lapsed")
_TONES = {"review": "attention", "rewarded": "success", "taken_back": "warning", "blocked": "warning"}


@dataclass(frozen=True, slots=True)
class Link:
    """Something at Shopify's admin; `url` is empty where there is nothing to open."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One referral as listed."""

    referral_id: UUID
    referrer: Link
    friend: Link
    order: Link
    when: str
    when_iso: str
    badge: str
    tone: str
    worth: str
    reasons: tuple[str, ...]
    unchecked: tuple[str, ...]
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class Lists:
    """What waits, how many more do, what was settled lately, and how many stand where: (label, number)."""

    waiting: tuple[Row, ...]
    more: int
    recent: tuple[Row, ...]
    counts: tuple[tuple[str, str], ...]
    is_on: bool


def lists_of(found: Queue, shop: Shop, words: Words) -> Lists:
    """Prepare the page."""
    waiting = tuple(row_of(one, shop, words) for one in found.waiting)
    recent = tuple(row_of(one, shop, words) for one in found.recent)
    counts = [
        (words.say(f"admin.referral.state.{state}"), words.number(found.counts[state]))
        for state in _STATES
        if found.counts.get(state)
    ]
    return Lists(waiting, max(found.counts.get("review", 0) - len(waiting), 0), recent, tuple(counts), found.is_on)


def row_of(looked: Looked, shop: Shop, words: Words) -> Row:
    """Prepare one referral."""
    one = looked.one
    at = one.ordered_at or one.claimed_at
    admin = f"https://{shop.domain}/admin"
    order = Link(words.say("admin.referral.order", id=one.order_id), f"{admin}/orders/{one.order_id}")
    return Row(
        referral_id=one.referral_id,
        referrer=_customer(looked.referrer_customer_id, admin, words),
        friend=_customer(one.friend_customer_id or one.claimed_by, admin, words),
        order=order if one.order_id else Link(""),
        when=words.moment(at, shop.timezone),
        when_iso=at.isoformat(),
        badge=words.say(f"admin.referral.state.{one.state}"),
        tone=_TONES.get(one.state, "info"),
        worth=words.say("admin.referral.worth", points=words.say("points.amount", looked.points)),
        reasons=tuple(words.say(f"admin.referral.reason.{reason}") for reason in one.reasons),
        unchecked=tuple(words.say(f"admin.referral.unchecked.{what}") for what in one.unchecked),
        note=one.note or "",
        by=words.say("admin.referral.by", actor=one.decided_by) if one.decided_by else "",
    )


def _customer(customer_id: int | None, admin: str, words: Words) -> Link:
    if customer_id is None:
        return Link(words.say("admin.referral.nobody"))
    return Link(words.say("admin.referral.customer", id=customer_id), f"{admin}/customers/{customer_id}")

"""What a shopper sees when they open the panel: who they are to the programme, what they hold, what it can buy."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.errors import NotFound
from plugin.facts import CustomerSeen, ExpiryWarning
from plugin.journeys.documents import current_document
from plugin.journeys.joining import see_customer
from plugin.journeys.phrasing import Phrases, phrases_for
from plugin.journeys.phrasing_earning import ways_to_earn
from plugin.journeys.pricing_rewards import offered_rewards
from plugin.journeys.referring import link_of
from plugin.journeys.tools import Tools
from plugin.journeys.viewing_actions import shown_actions
from plugin.journeys.viewing_challenges import shown_challenges
from plugin.journeys.viewing_history import sentence_of
from plugin.journeys.viewing_limits import shown_member_limits
from plugin.journeys.viewing_memberships import shown_memberships
from plugin.journeys.viewing_referrals import shown_invitation, with_link
from plugin.journeys.viewing_rewards import Reader, progress, shown_codes, shown_rewards
from plugin.journeys.viewing_tiers import kept_sentence, shown_tier
from plugin.journeys.warning import note_seen, warnings_of
from plugin.ledger import Account, balances
from plugin.ledger.statement import find_last_loss, find_next_maturity
from plugin.members import Member, find_member
from plugin.orders.unrewarded import find_last_unrewarded
from plugin.programme.store import get_programme
from plugin.rewards import list_redemptions
from plugin.rules import ProgrammeDocument
from plugin.shops.store import Shop, find_shop

log = logging.getLogger(__name__)

_NOTICE_AGE = timedelta(days=30)
EXPIRING = "expiring"
"""The kind of notice that warns of points that will expire; who gets it has been warned."""
_TOLD_REASONS = ("unpaid", "nothing_eligible", "cap", "too_small", "before_start", "not_joined", "left")
"""Why an order gave nothing, where the shopper cannot know it without being told."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A shopper at a shop's storefront, proved by the app proxy. `customer_id` and `member` are None for a guest."""

    shop: Shop
    document: ProgrammeDocument
    phrases: Phrases
    customer_id: int | None = None
    member: Member | None = None

    @property
    def may_join(self) -> bool:
        """Whether the shopper is signed in and not in the programme."""
        return self.customer_id is not None and (self.member is None or self.member.standing != "joined")


def visit(session: Session, shop_domain: str, customer_id: int | None, locale: str) -> Visit:
    """Find out who has come.

    Raises:
        NotFound: the shop is not ours, or not any more.
    """
    shop = find_shop(session, shop_domain)
    if shop is None or not shop.is_installed:
        raise NotFound("no such shop")
    _, document = current_document(session, shop.programme_id)
    timezone = get_programme(session, shop.programme_id).timezone
    phrases = phrases_for(locale, document, shop.currency, timezone)
    member = find_member(session, shop.programme_id, shop.shop_id, customer_id) if customer_id else None
    return Visit(shop, document, phrases, customer_id, member)


def welcome(tools: Tools, seen: Visit) -> bool:
    """Let a signed-in customer in where the programme takes everybody, or everybody with an account; return whether that was news.

    Signing in proves the account, so nobody has to join by hand what they are entitled to.
    """
    if seen.customer_id is None or seen.document.enrolment == "opt_in":
        return False
    if seen.member and (seen.member.standing != "waiting" or seen.member.has_account):
        return False
    now = tools.clock()
    fact = CustomerSeen(seen.shop.programme_id, seen.shop.shop_id, seen.customer_id, now, has_account=True)
    try:
        with tools.writing() as session:
            see_customer(session, tools.sealer, fact, now)
    except IntegrityError:
        log.info("two first visits at once; the other one let the member in")
    return True


def note_link(tools: Tools, seen: Visit, shown: dict[str, Any]) -> None:
    """Give a member who may bring friends their link, the first time it would be shown."""
    invitation = shown["referral"]
    if seen.member and invitation and invitation["code"] is None:
        shown["referral"] = with_link(invitation, link_of(tools, seen.member))


def note_shown(tools: Tools, seen: Visit, shown: dict[str, Any]) -> None:
    """Remember that the member was shown what they were warned of; a summary without such a notice costs nothing here."""
    if seen.member and any(one["kind"] == EXPIRING for one in shown["notices"]):
        note_seen(tools, (seen.member.programme_id, seen.member.account_id), tools.clock())


def summary(session: Session, seen: Visit, now: datetime) -> dict[str, Any]:
    """Gather what the panel shows, as JSON: sentences in the reader's language beside the numbers they are made of."""
    member = seen.member if seen.member and seen.member.standing == "joined" else None
    account = balances(session, member.programme_id, member.account_id) if member else None
    available = account.available if account else 0
    codes = list_redemptions(session, seen.shop.programme_id, seen.member.member_id) if seen.member else []
    offers, phrases = offered_rewards(session, seen.document, seen.shop, member, now), seen.phrases
    owner = (member.programme_id, member.account_id) if member else None
    limits = shown_member_limits(session, seen.document, owner, phrases, now) if owner else []
    return {
        "member": _member(session, seen, member, account, now) if member and account else None,
        "may_join": seen.may_join,
        "progress": progress(offers, available, phrases),
        "rewards": shown_rewards(offers, available, Reader(seen.document, member is not None), phrases),
        "codes": shown_codes(codes, phrases, now),
        "ways_to_earn": [
            *ways_to_earn(seen.document, phrases, now),
            *shown_actions(session, seen.document, member, phrases, now),
        ],
        "limits": limits,
        "notices": _notices(session, seen, account, now) if account else [],
        "referral": shown_invitation(session, member, seen.document, phrases) if member else None,
    }


def _member(session: Session, seen: Visit, member: Member, account: Account, now: datetime) -> dict[str, Any]:
    phrases = seen.phrases
    memberships = shown_memberships(session, member, seen.document, phrases, now)
    tier = shown_tier(session, member, seen.document, phrases, now)
    kept = kept_sentence(tier, seen.document, phrases)
    return {
        "card_number": member.card_number,
        "challenges": shown_challenges(session, member, seen.document, phrases, now),
        "tier": tier,
        "points": {
            "available": account.available,
            "pending": account.pending,
            "held": account.held,
            "debt": -account.debt,
        },
        "figure": phrases.words.number(account.available),
        "unit": phrases.unit(account.available),
        "points_text": phrases.points(account.available),
        "memberships": memberships,
        "asides": [*_asides(session, account, phrases), *kept, *(one["sentence"] for one in memberships)],
    }


def _asides(session: Session, account: Account, phrases: Phrases) -> list[str]:
    """What stands under the balance: points that are not spendable, and when they will be."""
    say, asides = phrases.words.say, []
    if account.pending:
        first = find_next_maturity(session, account.programme_id, account.account_id)
        points = phrases.points(account.pending)
        dated = say("summary.pending_from", points=points, date=phrases.date(first)) if first else None
        asides.append(dated or say("summary.pending", points=points))
    if account.held:
        asides.append(say("summary.held", points=phrases.points(account.held)))
    return asides


def _expiring(warning: ExpiryWarning, phrases: Phrases) -> dict[str, str]:
    """Name the last day, not the instant after it."""
    last_day = phrases.date(warning.expires_at - timedelta(microseconds=1))
    points = phrases.points(warning.points)
    sentence = phrases.words.say("notice.expiring", warning.points, points=points, date=last_day)
    return {"kind": EXPIRING, "sentence": sentence, "expires_at": warning.expires_at.isoformat()}


def _notices(session: Session, seen: Visit, account: Account, now: datetime) -> list[dict[str, str]]:
    """What the member should know without asking: points that expire, points owed or lately taken back, a last order that gave none."""
    phrases = seen.phrases
    notices = [_expiring(one, phrases) for one in warnings_of(session, account.programme_id, account.account_id, now)]
    if account.debt:
        sentence = phrases.words.say("notice.debt", points=phrases.points(-account.debt))
        notices.append({"kind": "debt", "sentence": sentence})
    since = now - _NOTICE_AGE
    if loss := find_last_loss(session, account.programme_id, account.account_id, reason="order", since=since):
        _, sentence = sentence_of(loss, None, phrases)
        notices.append({"kind": "claw_back", "sentence": sentence, "occurred_at": loss.occurred_at.isoformat()})
    shop_key = (seen.shop.programme_id, seen.shop.shop_id)
    if last := find_last_unrewarded(session, shop_key, seen.customer_id or 0, since=since, reasons=_TOLD_REASONS):
        sentence = phrases.words.say(f"why.{last.why}", order=last.name or f"#{last.order_id}")
        notices.append({"kind": "no_points", "sentence": sentence, "occurred_at": last.placed_at.isoformat()})
    return notices

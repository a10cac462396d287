"""A member's link, and a friend who claims what it offers.

A guest's e-mail address is compared and then let go: all that is kept of it is a keyed hash, and Shopify is not told it, since the
code works for whoever has it, once. A signed-in friend's code is made for them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import BadInput, Conflict, NotAllowed, NotFound, TooFast
from plugin.journeys.documents import current_document
from plugin.journeys.making_offers import make_offer
from plugin.journeys.redeeming import DOOR_PATIENCE_SECONDS
from plugin.journeys.tools import Tools
from plugin.journeys.tracing import email_tag
from plugin.members import Member, find_member, get_member
from plugin.members.store import AliasKey, list_aliases
from plugin.orders import earlier
from plugin.referrals import Referral
from plugin.referrals.links import add_link, derive_link, find_link, find_link_owner
from plugin.referrals.store import add_referral, count_claims_since, find_by_friend
from plugin.referrals.traces import list_traces
from plugin.rewards import derive_code
from plugin.rules.referral_identity import canonical_email
from plugin.rules.schema_referral import Referral as Terms
from plugin.shops.store import Shop

CLAIMS_MAX_PER_DAY = 200
"""More with the links of one member is no circle of friends: codes at Shopify are not made without end."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A friend takes an offer: a signed-in customer by their id, a guest by the e-mail address they typed."""

    shop: Shop
    link_code: str
    customer_id: int | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands behind a link: whose it is, and the terms of the version in force."""

    referrer: Member
    terms: Terms
    document_version: int


def link_of(tools: Tools, member: Member) -> str:
    """Return a member's link, which is made when first asked for."""
    with tools.reading() as session:
        found = find_link(session, member.programme_id, member.member_id)
    if found is not None:
        return found
    code = derive_link(tools.settings.secret_keys[0], member.programme_id, member.member_id)
    with tools.writing() as session:
        add_link(session, member.programme_id, member.member_id, code, tools.clock())
    return code


def offer_of(session: Session, shop: Shop, link_code: str) -> Offer:
    """Find out what a link offers.

    Raises:
        NotFound: nobody's link, or that of somebody who is no member any more.
        NotAllowed: the programme does not ask members to bring friends now.
    """
    version, document = current_document(session, shop.programme_id)
    owner = find_link_owner(session, shop.programme_id, link_code)
    if owner is None or (referrer := get_member(session, shop.programme_id, owner)).standing != "joined":
        raise NotFound("nobody's link")
    if document.referral is None or not document.referral.is_active:
        raise NotAllowed("the programme brings no friends now", code="referral_closed")
    return Offer(referrer, document.referral, version)


def claim(tools: Tools, asked: Claim) -> Referral:
    """Let a friend take the offer; waits about 3 s for Shopify, else the code is still in the making.

    The same friend with the same link again is the same referral and the same code.

    Raises:
        BadInput: a guest's e-mail address is none.
        NotFound: nobody's link.
        NotAllowed: the member themselves, a customer who ordered before, or the programme brings no friends now.
        Conflict: the friend was brought by somebody else.
        TooFast: nobody has that many friends.
    """
    name = _friend_name(asked)
    try:
        found, is_new = _claimed(tools, asked, name)
    except IntegrityError:  # a twin of the click stored it in between
        found, is_new = _claimed(tools, asked, name)
    if not is_new:
        return found
    return make_offer(tools, found.programme_id, found.referral_id, patience_seconds=DOOR_PATIENCE_SECONDS)


def _friend_name(asked: Claim) -> str:
    if asked.customer_id is not None:
        return f"referral friend|{asked.shop.programme_id}|{asked.shop.shop_id}|{asked.customer_id}"
    email = canonical_email(asked.email or "")
    if email is None:
        raise BadInput("this is no e-mail address", path="email", code="bad_email")
    return f"referral friend|{asked.shop.programme_id}|{email}"


def _claimed(tools: Tools, asked: Claim, name: str) -> tuple[Referral, bool]:
    """Store the claim, or return the one that stands; say whether it is new."""
    now, programme_id = tools.clock(), asked.shop.programme_id
    with tools.writing() as session:
        offer = offer_of(session, asked.shop, asked.link_code)
        keys = tools.sealer.tags(name)
        if earlier_claim := find_by_friend(session, programme_id, keys):
            if earlier_claim.referrer_id != offer.referrer.member_id:
                raise Conflict("somebody else brought this friend", code="already_claimed")
            return earlier_claim, False
        _check(session, tools, asked, offer)
        since = now - _DAY
        if count_claims_since(session, programme_id, offer.referrer.member_id, since) >= CLAIMS_MAX_PER_DAY:
            raise TooFast("more friends than anybody has", retry_after_seconds=_DAY.total_seconds())
        fresh = _draft(tools, asked, offer, keys[0], now)
        add_referral(session, fresh)
    return fresh, True


def _check(session: Session, tools: Tools, asked: Claim, offer: Offer) -> None:
    """Refuse what nobody need look at: one's own link, and customers who are no news."""
    mine = customers_of(session, offer.referrer)
    if asked.customer_id is None:
        if email_tag(tools.sealer, asked.shop.programme_id, asked.email or "") in list_traces(session, mine, "email"):
            raise NotAllowed("the member's own address", code="self_referral")
        return
    key = (asked.shop.programme_id, asked.shop.shop_id, asked.customer_id)
    friend = find_member(session, *key)
    if key in mine or (friend is not None and friend.account_id == offer.referrer.account_id):
        raise NotAllowed("the member themselves", code="self_referral")
    theirs = customers_of(session, friend) if friend else [key]
    if offer.terms.must_be_first_order and earlier.count_orders_before(session, theirs, None):
        raise NotAllowed("no new customer", code="not_new_here")


def customers_of(session: Session, member: Member) -> list[AliasKey]:
    """List the customers a member stands for: (programme, shop, customer)."""
    return [(member.programme_id, *one) for one in list_aliases(session, member.programme_id, member.member_id)]


def _draft(tools: Tools, asked: Claim, offer: Offer, friend_key: str, now: datetime) -> Referral:
    """A claim whose code is asked for at once, so it is born due."""
    shop, friend = asked.shop, offer.terms.friend
    referral_id = new_id()
    tag = email_tag(tools.sealer, shop.programme_id, asked.email or "") if asked.customer_id is None else None
    secret = tools.settings.secret_keys[0]
    return Referral(
        programme_id=shop.programme_id,
        referral_id=referral_id,
        shop_id=shop.shop_id,
        referrer_id=offer.referrer.member_id,
        link_code=asked.link_code.strip().upper(),
        document_version=offer.document_version,
        friend_key=friend_key,
        friend_email=tag,
        claimed_by=asked.customer_id,
        state="claimed",
        code=derive_code(secret, friend.code_prefix, shop.programme_id, referral_id, 1),
        claimed_at=now,
        expires_at=now + timedelta(days=friend.valid_days),
        due_at=now,
    )

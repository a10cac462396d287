"""A friend's discount code at Shopify: the same code however often it is asked for, so that a lost answer is found again.

As with redemptions silence is neither: Shopify's "taken" means to look whether the code is ours.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

from plugin.errors import NotAllowed, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.connecting import admin_for
from plugin.journeys.documents import document_of
from plugin.journeys.making_codes import CLOCK_SKEW, CODES_MAX, IN_FLIGHT_MAX, PASSING, TAKEN, pause_after
from plugin.journeys.tools import Tools
from plugin.referrals import Referral, get_referral
from plugin.referrals.transitions import finish_code, lease, postpone_code, refuse_code, use_other_code
from plugin.rewards import derive_code, discount_title, is_ours
from plugin.rules.schema_referral import FriendOffer
from plugin.rules.schema_referral import Referral as Terms
from plugin.shopify.client import READ_SECONDS_MAX, AdminClient
from plugin.shopify.discounts import RewardCode, create_reward_code, find_code
from plugin.shops.store import get_shop

log = logging.getLogger(__name__)

_SILENCE = (ShopifyUnavailable, ShopDisconnected)


def make_offer(
    tools: Tools, programme_id: UUID, referral_id: UUID, *, patience_seconds: float = READ_SECONDS_MAX
) -> Referral:
    """Bring a friend's code as far as Shopify lets us; return the referral as it is then."""
    with tools.writing() as session:
        leased = lease(session, programme_id, referral_id, tools.clock())
    if leased is not None:
        try:
            admin = admin_for(tools, leased.shop_id, patience_seconds=patience_seconds)
        except _SILENCE as silence:
            _wait(tools, leased, silence, is_answered=True)
        else:
            _ask(tools, admin, leased)
    with tools.reading() as session:
        return get_referral(session, programme_id, referral_id)


def terms_of(tools: Tools, one: Referral) -> Terms:
    """Return what was promised when the friend claimed.

    Raises:
        NotAllowed: the version has no referrals, which cannot be for one that was claimed.
    """
    with tools.reading() as session:
        terms = document_of(session, one.programme_id, one.document_version).referral
    if terms is None:
        raise NotAllowed("the programme brings no friends", code="referral_closed")
    return terms


def _ask(tools: Tools, admin: AdminClient, leased: Referral) -> None:
    try:
        discount_gid = create_reward_code(admin, _code(tools, leased))
    except _SILENCE as silence:
        _wait(tools, leased, silence, is_answered=False)
    except ShopifyRefused as refusal:
        if PASSING.intersection(refusal.codes):
            _wait(tools, leased, refusal, is_answered=False)
        elif TAKEN.intersection(refusal.codes):
            _taken(tools, admin, leased)
        else:
            _refused(tools, admin, leased, refusal)
    else:
        _finish(tools, leased, discount_gid)


def _taken(tools: Tools, admin: AdminClient, leased: Referral) -> None:
    """Somebody has this code: we, if an earlier answer was lost; else ask for another, which is stored first."""
    try:
        found = find_code(admin, leased.code)
    except (*_SILENCE, ShopifyRefused) as silence:
        return _wait(tools, leased, silence, is_answered=True)
    if found is None:
        return _wait(tools, leased, ShopifyUnavailable("taken, yet not to be found"), is_answered=True)
    if is_ours(found.title, leased.referral_id):
        return _finish(tools, leased, found.discount_gid)
    if leased.code_attempt >= CODES_MAX:
        return _refuse(tools, leased, "TAKEN")
    with tools.writing() as session:
        other = use_other_code(session, leased, offer_code(tools, leased, leased.code_attempt + 1))
    return _ask(tools, admin, other)


def offer_code(tools: Tools, one: Referral, attempt: int) -> str:
    """Derive the code of a referral's attempt (from 1)."""
    prefix = terms_of(tools, one).friend.code_prefix
    return derive_code(tools.settings.secret_keys[0], prefix, one.programme_id, one.referral_id, attempt)


def _refused(tools: Tools, admin: AdminClient, leased: Referral, refusal: ShopifyRefused) -> None:
    """A definite no ends it, unless an earlier call was left open: that one may have made, or may yet make, the code."""
    words = ",".join(code for code in refusal.codes if code) or refusal.code
    if leased.unanswered_at is not None:
        try:
            found = find_code(admin, leased.code)
        except (*_SILENCE, ShopifyRefused) as silence:
            return _wait(tools, leased, silence, is_answered=True)
        if found is not None and is_ours(found.title, leased.referral_id):
            return _finish(tools, leased, found.discount_gid)
        if tools.clock() - leased.unanswered_at < IN_FLIGHT_MAX:
            return _wait(tools, leased, refusal, is_answered=True)
    return _refuse(tools, leased, words)


def _finish(tools: Tools, leased: Referral, discount_gid: str) -> None:
    with tools.writing() as session:
        finish_code(session, leased, discount_gid, tools.clock())


def _refuse(tools: Tools, leased: Referral, words: str) -> None:
    log.warning("Shopify refused a friend's code", extra={"referral_id": str(leased.referral_id), "outcome": words})
    with tools.writing() as session:
        refuse_code(session, leased, words, tools.clock())


def _wait(tools: Tools, leased: Referral, why: Exception, *, is_answered: bool) -> None:
    until = tools.clock() + pause_after(leased.attempts, why)
    with tools.writing() as session:
        postpone_code(session, leased, until, is_answered=is_answered)


def _code(tools: Tools, leased: Referral) -> RewardCode:
    """The discount as promised. It starts a little early: Shopify's clock need not agree with ours."""
    offer = terms_of(tools, leased).friend
    with tools.reading() as session:
        currency = get_shop(session, leased.shop_id).currency
    return RewardCode(
        code=leased.code,
        title=discount_title(_name(offer, currency), leased.referral_id),
        customer_id=leased.claimed_by,
        amount=offer.value if offer.kind == "amount" else Decimal(0),
        currency=currency,
        starts_at=leased.claimed_at - CLOCK_SKEW,
        ends_at=leased.expires_at,
        minimum_subtotal=offer.minimum_subtotal,
        percent=offer.value if offer.kind == "percent" else None,
    )


def _name(offer: FriendOffer, currency: str) -> str:
    """Name the discount for the merchant's list of discounts; the merchant's title, or else what it takes off."""
    if offer.title:
        return offer.title.get("en") or next(iter(offer.title.values()), "")
    return f"{offer.value} {currency}" if offer.kind == "amount" else f"{offer.value} %"

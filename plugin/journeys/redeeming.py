"""A member trades points for a discount code: hold, call, capture. Silence is neither; the slow lane tries again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import BadInput, Conflict, NotAllowed, WishReused
from plugin.journeys.documents import current_document
from plugin.journeys.making_codes import make_code
from plugin.journeys.pricing_rewards import offered_rewards
from plugin.journeys.tools import Tools
from plugin.ledger import Books, Fact, hold_points
from plugin.members.store import Member, get_member
from plugin.money import to_minor
from plugin.programme.limit_uses import lock_uses
from plugin.rewards import LEASE, Redemption, Wish, add_redemption, derive_code, find_wish
from plugin.rules.pricing import Priced
from plugin.rules.schema import Reward
from plugin.shops.store import Shop, get_shop

DOOR_PATIENCE_SECONDS = 3.0


def redeem(tools: Tools, wish: Wish) -> Redemption:
    """Hold the points, make the code, spend the points; waits about 3 s for Shopify, else the answer is still `held`.

    The same wish again is the same redemption and calls nobody.

    Raises:
        InsufficientPoints: the account holds fewer; debt means it holds none.
        WishReused: an earlier wish had this id and asked for something else.
        NotAllowed: not a member, no such reward now, or not for that many points; `code` says which.
    """
    now = tools.clock()
    with tools.writing() as session:
        member = _locked_member(session, wish)
        if earlier := find_wish(session, wish.programme_id, wish.member_id, wish.wish_id):
            return _same_or_raise(earlier, wish)
        held = _hold(session, tools, wish, member, now)
    return make_code(tools, held, patience_seconds=DOOR_PATIENCE_SECONDS)


def _locked_member(session: Session, wish: Wish) -> Member:
    """Lock the member's account, so that a twin click and a parallel redemption wait here."""
    seen = get_member(session, wish.programme_id, wish.member_id)
    Books(session).lock([(wish.programme_id, seen.account_id)])
    member = get_member(session, wish.programme_id, wish.member_id)
    if member.account_id != seen.account_id:
        raise Conflict("the member moved to another account just now")
    return member


def _same_or_raise(earlier: Redemption, wish: Wish) -> Redemption:
    if earlier.wish_hash != wish.content_hash:
        raise WishReused("this wish asked for something else before")
    return earlier


def _hold(session: Session, tools: Tools, wish: Wish, member: Member, now: datetime) -> Redemption:
    shop = get_shop(session, wish.shop_id)
    version, document = current_document(session, wish.programme_id)
    _check_standing(wish, member, shop)
    if any(one.id == wish.reward_id and one.stock is not None for one in document.rewards):
        lock_uses(session, [(wish.programme_id, wish.programme_id, f"stock:{wish.reward_id}", "")])
    offers = offered_rewards(session, document, shop, member, now)
    offer = next((one for one in offers if one.reward.id == wish.reward_id), None)
    held = _draft(tools, wish, member, _allowed(offer, wish, shop.currency), (version, shop.currency, now))
    if held.points:
        hold_points(session, member.account_id, held.points, _hold_fact(held))
    add_redemption(session, replace(held, unanswered_at=now))
    return held


def _check_standing(wish: Wish, member: Member, shop: Shop) -> None:
    if shop.programme_id != wish.programme_id or shop.state != "installed":
        raise NotAllowed("the shop does not take part now", code="shop_closed")
    if member.standing != "joined":
        raise NotAllowed("only members redeem points", code="not_a_member")


def _allowed(offer: Priced | None, wish: Wish, currency: str) -> Priced:
    if offer is None or not offer.reward.is_active or not _can_be_paid(offer.reward, currency):
        raise NotAllowed("no such reward now", code="reward_unavailable")
    if offer.locked is not None:
        raise NotAllowed("this member cannot have the reward now", code=offer.locked.why)
    if wish.points is not None and wish.points != offer.reward.points:
        raise NotAllowed("the reward costs another number of points", code="wrong_points")
    return offer


def _can_be_paid(reward: Reward, currency: str) -> bool:
    """Whether the shop's currency has coins small enough for the reward's amounts."""
    try:
        to_minor(reward.worth or Decimal(0), currency)
        to_minor(reward.minimum_subtotal or Decimal(0), currency)
    except BadInput:
        return False
    return True


def _draft(tools: Tools, wish: Wish, member: Member, offer: Priced, terms: tuple[int, str, datetime]) -> Redemption:
    """A held redemption whose first call is about to be made, so it is born with a lease."""
    version, currency, now = terms
    reward, campaigns = offer.reward, {"campaigns": list(offer.campaigns)} if offer.campaigns else {}
    redemption_id: UUID = new_id()
    secret = tools.settings.secret_keys[0]
    return Redemption(
        programme_id=wish.programme_id,
        redemption_id=redemption_id,
        shop_id=wish.shop_id,
        member_id=wish.member_id,
        account_id=member.account_id,
        customer_id=wish.customer_id,
        wish_id=wish.wish_id,
        wish_hash=wish.content_hash,
        reward_id=reward.id,
        reward={**reward.model_dump(mode="json"), "currency": currency, **campaigns},
        document_version=version,
        points=reward.points,
        state="held",
        code=derive_code(secret, reward.code_prefix, wish.programme_id, redemption_id, 1),
        code_attempt=1,
        attempts=1,
        created_at=now,
        expires_at=now + timedelta(days=reward.code_valid_days) if reward.code_valid_days else None,
        next_try_at=now + LEASE,
    )


def _hold_fact(held: Redemption) -> Fact:
    return Fact(
        programme_id=held.programme_id,
        reference=f"redeem_hold:{held.redemption_id}",
        reason="redeem_hold",
        actor="member",
        explanation={"reward_id": held.reward_id, "points": held.points, **_campaigns(held)},
        occurred_at=held.created_at,
        document_version=held.document_version,
        shop_id=held.shop_id,
        redemption_id=held.redemption_id,
    )


def _campaigns(held: Redemption) -> dict[str, Any]:
    """Name the campaigns that made the price or the value, if any did."""
    return {"campaigns": held.reward["campaigns"]} if "campaigns" in held.reward else {}

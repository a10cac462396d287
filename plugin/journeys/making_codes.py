"""The second half of a redemption: ask Shopify for the code, then spend the points, or give them back if Shopify refuses for good.

Silence is neither. Discounts know no idempotency keys, so the code itself is the key: every try of a redemption asks for the same one,
and "taken" means to look whether it is ours. That a code was not found never gives points back: the call may still be on its way.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy.orm import Session

from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.connecting import admin_for
from plugin.journeys.tools import Tools
from plugin.ledger import Books, Fact, capture_points, release_points
from plugin.rewards import (
    Redemption,
    derive_code,
    discount_title,
    find_redemption,
    is_ours,
    mark_captured,
    mark_released,
    postpone,
    use_other_code,
    watch_released,
)
from plugin.shopify.client import READ_SECONDS_MAX, AdminClient
from plugin.shopify.discounts import DiscountItems, FoundCode, RewardCode, create_reward_code, find_code

log = logging.getLogger(__name__)

IN_FLIGHT_MAX = timedelta(minutes=15)
"""After this a call without an answer is no longer on its way."""
ORPHAN_WATCH = (timedelta(hours=1), timedelta(hours=24))
"""When to look, after a release with a question left open, whether a code turned up after all."""
OVERDUE = timedelta(minutes=15)

_BACKOFF_SECONDS_MIN, _BACKOFF_MAX = 2, timedelta(minutes=10)
CODES_MAX = 3
CLOCK_SKEW = timedelta(minutes=5)
TAKEN = {"TAKEN", "DUPLICATE"}
PASSING = {"INTERNAL_ERROR"}

Step = Literal["redeem_capture", "redeem_release", "redeem_return", "redeem_charge"]


def make_code(tools: Tools, claimed: Redemption, *, patience_seconds: float = READ_SECONDS_MAX) -> Redemption:
    """Bring a held redemption, whose lease we have, as far as Shopify lets us; return it as it is then.

    `claimed.unanswered_at` tells whether an earlier call was left without an answer.
    """
    try:
        admin = admin_for(tools, claimed.shop_id, patience_seconds=patience_seconds)
    except (ShopifyUnavailable, ShopDisconnected) as silence:
        return _wait(tools, claimed, silence, is_answered=True)
    return _ask_for_code(tools, admin, claimed)


def _ask_for_code(tools: Tools, admin: AdminClient, claimed: Redemption) -> Redemption:
    try:
        discount_gid = create_reward_code(admin, _reward_code(claimed))
    except (ShopifyUnavailable, ShopDisconnected) as silence:
        return _wait(tools, claimed, silence, is_answered=False)
    except ShopifyRefused as refusal:
        if PASSING.intersection(refusal.codes):
            return _wait(tools, claimed, refusal, is_answered=False)
        if TAKEN.intersection(refusal.codes):
            return _taken(tools, admin, claimed)
        return _refused(tools, admin, claimed, refusal)
    return _capture(tools, claimed, discount_gid)


def _taken(tools: Tools, admin: AdminClient, claimed: Redemption) -> Redemption:
    """Somebody has this code: we, if an earlier answer was lost; else ask for another, which is stored first."""
    try:
        found = find_code(admin, claimed.code)
    except (ShopifyUnavailable, ShopDisconnected, ShopifyRefused) as silence:
        return _wait(tools, claimed, silence, is_answered=True)
    if found is None:
        return _wait(tools, claimed, ShopifyUnavailable("taken, yet not to be found"), is_answered=True)
    if _is_of(found, claimed):
        return _capture(tools, claimed, found.discount_gid)
    if claimed.code_attempt >= CODES_MAX:
        return _release(tools, claimed, "TAKEN")
    return _ask_for_code(tools, admin, other) if (other := _with_other_code(tools, claimed)) else _now(tools, claimed)


def _refused(tools: Tools, admin: AdminClient, claimed: Redemption, refusal: ShopifyRefused) -> Redemption:
    """A definite no ends it, unless an earlier call was left open: that one may have made, or may yet make, the code."""
    words = ",".join(code for code in refusal.codes if code) or refusal.code
    if claimed.unanswered_at is None:
        return _release(tools, claimed, words)
    try:
        found = find_code(admin, claimed.code)
    except (ShopifyUnavailable, ShopDisconnected, ShopifyRefused) as silence:
        return _wait(tools, claimed, silence, is_answered=True)
    if found is not None and _is_of(found, claimed):
        return _capture(tools, claimed, found.discount_gid)
    if tools.clock() - claimed.unanswered_at < IN_FLIGHT_MAX:
        return _wait(tools, claimed, refusal, is_answered=True)
    return _release(tools, claimed, words)


def _is_of(found: FoundCode, claimed: Redemption) -> bool:
    return is_ours(found.title, claimed.redemption_id)


def _with_other_code(tools: Tools, claimed: Redemption) -> Redemption | None:
    attempt = claimed.code_attempt + 1
    prefix = str(claimed.reward.get("code_prefix", ""))
    secret = tools.settings.secret_keys[0]
    code = derive_code(secret, prefix, claimed.programme_id, claimed.redemption_id, attempt)
    log.warning("the code belongs to somebody else; asking for another", extra=_about(claimed, attempt))
    with tools.writing() as session:
        if not use_other_code(session, claimed, code):
            return None
    return replace(claimed, code=code, code_attempt=attempt, unanswered_at=None)


def _capture(tools: Tools, claimed: Redemption, discount_gid: str) -> Redemption:
    now = tools.clock()
    with tools.writing() as session:
        lock_account(session, claimed)
        if mark_captured(session, claimed, discount_gid, now):
            if claimed.points:
                capture_points(session, claimed.account_id, step_fact(claimed, "redeem_capture", now))
        else:
            watch_released(session, claimed, now)
        return _read(session, claimed)


def _release(tools: Tools, claimed: Redemption, words: str) -> Redemption:
    now = tools.clock()
    watch_at = now + ORPHAN_WATCH[0] if claimed.unanswered_at else None
    with tools.writing() as session:
        lock_account(session, claimed)
        if mark_released(session, claimed, words, now, watch_at):
            if claimed.points:
                release_points(session, claimed.account_id, step_fact(claimed, "redeem_release", now))
            log.warning("Shopify refused a code", extra=_about(claimed, words))
        return _read(session, claimed)


def _wait(tools: Tools, claimed: Redemption, why: Exception, *, is_answered: bool) -> Redemption:
    now = tools.clock()
    until = now + pause_after(claimed.attempts, why)
    if now - claimed.created_at > OVERDUE:
        log.error("a redemption is held for long", extra=_about(claimed, str(why)))
    with tools.writing() as session:
        postpone(session, claimed, until, is_answered=is_answered)
        return _read(session, claimed)


def _now(tools: Tools, claimed: Redemption) -> Redemption:
    with tools.reading() as session:
        return _read(session, claimed)


def _read(session: Session, claimed: Redemption) -> Redemption:
    return find_redemption(session, claimed.programme_id, claimed.redemption_id) or claimed


def pause_after(attempts: int, why: Exception) -> timedelta:
    """How long to wait before the next try: doubling from 2 s to 10 min, and never less than Shopify asked for."""
    doubled = timedelta(seconds=_BACKOFF_SECONDS_MIN * (1 << min(attempts - 1, 12)))
    asked = why.retry_after_seconds if isinstance(why, ShopifyUnavailable) else None
    return max(min(doubled, _BACKOFF_MAX), timedelta(seconds=asked or 0))


def lock_account(session: Session, subject: Redemption) -> None:
    """Lock the account first, or the one it was merged into meanwhile: accounts before redemptions, everywhere."""
    Books(session).lock_surviving((subject.programme_id, subject.account_id))


def step_fact(subject: Redemption, step: Step, now: datetime) -> Fact:
    """The fact behind a step of a redemption; each step has one reference, so it happens once."""
    return Fact(
        programme_id=subject.programme_id,
        reference=f"{step}:{subject.redemption_id}",
        reason=step,
        actor="laurel",
        explanation={"reward_id": subject.reward_id},
        occurred_at=now,
        document_version=subject.document_version,
        shop_id=subject.shop_id,
        redemption_id=subject.redemption_id,
    )


def _reward_code(claimed: Redemption) -> RewardCode:
    """The discount for a reward as it was when redeemed. It starts a little early: Shopify's clock need not agree with ours."""
    reward = claimed.reward
    minimum = reward.get("minimum_subtotal")
    titles = reward.get("title") or {"en": _plain_title(reward)}
    return RewardCode(
        code=claimed.code,
        title=discount_title(titles.get("en") or next(iter(titles.values()), ""), claimed.redemption_id),
        customer_id=claimed.customer_id,
        amount=Decimal(reward["amount"]) if reward["kind"] == "fixed_amount" else None,
        currency=reward["currency"],
        starts_at=claimed.created_at - CLOCK_SKEW,
        ends_at=claimed.expires_at,
        minimum_subtotal=None if minimum is None else Decimal(minimum),
        is_free_shipping=reward["kind"] == "free_shipping",
        maximum_shipping_price=Decimal(dearest) if (dearest := reward.get("maximum_price")) else None,
        items=_items(reward.get("items")),
        combines_with=frozenset(reward.get("combines_with", ())),
    )


def _plain_title(reward: dict[str, Any]) -> str:
    return "Free delivery" if reward["kind"] == "free_shipping" else f"{reward['amount']} {reward['currency']}"


def _items(items: dict[str, Any] | None) -> DiscountItems | None:
    if items is None:
        return None
    return DiscountItems(*(tuple(items[name]) for name in ("products", "variants", "collections")))


def _about(claimed: Redemption, outcome: object) -> dict[str, object]:
    return {"shop_id": str(claimed.shop_id), "redemption_id": str(claimed.redemption_id), "outcome": outcome}

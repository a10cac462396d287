"""An unused code handed back, or run out: it is ended at Shopify, the orders placed until then are looked at, the points return.

Only in this order: an order may have used the code a second before it ended. The points go to their old lots with their old expiry.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import Conflict, NotAllowed, ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.connecting import admin_for
from plugin.journeys.fetching import OVERLAP
from plugin.journeys.making_codes import lock_account, pause_after, step_fact
from plugin.journeys.tools import Tools
from plugin.ledger import return_points
from plugin.rewards import (
    Redemption,
    claim,
    find_redemption,
    get_redemption,
    is_ours,
    mark_deactivated,
    mark_take_back,
    mark_taken_back,
    postpone,
)
from plugin.shopify.client import READ_SECONDS_MAX, AdminClient
from plugin.shopify.discounts import deactivate_code, find_code
from plugin.shops.store import get_shop

log = logging.getLogger(__name__)

DOOR_PATIENCE_SECONDS = 3.0
_RUNNING = {"ACTIVE", "SCHEDULED"}


def take_back(tools: Tools, programme_id: UUID, member_id: UUID, redemption_id: UUID) -> Redemption:
    """Let a shopper hand an unused code back; the points return once no order can have used it. Asking again changes nothing.

    Raises:
        NotFound: it is not this member's.
        NotAllowed: an order used the code.
        Conflict: the code is not made yet.
    """
    now = tools.clock()
    with tools.writing() as session:
        lock_account(session, get_redemption(session, programme_id, member_id, redemption_id))
        mine = get_redemption(session, programme_id, member_id, redemption_id)
        if mine.used_at is not None:
            raise NotAllowed("an order used the code", code="code_used")
        if mine.state == "held":
            raise Conflict("the code is still being made")
        if not mark_take_back(session, mine, now):
            return mine
        claimed = claim(session, programme_id, redemption_id, now)
    return _deactivate(tools, claimed, DOOR_PATIENCE_SECONDS) if claimed else mine


def settle_captured(tools: Tools, claimed: Redemption, now: datetime) -> Redemption:
    """Go one step further with a code that ran out or was handed back; a used code is done."""
    if claimed.used_at is not None:
        return _look_again(tools, claimed, None)
    if claimed.deactivated_at is not None:
        return _return_points(tools, claimed, now)
    if claimed.take_back_at is None:
        with tools.writing() as session:
            has_run_out = claimed.expires_at is not None and claimed.expires_at <= now
            if not has_run_out or not mark_take_back(session, claimed, now):
                postpone(session, claimed, claimed.expires_at, is_answered=True)
                return _read(session, claimed)
    return _deactivate(tools, claimed, READ_SECONDS_MAX)


def settle_released(tools: Tools, claimed: Redemption, watches: tuple[timedelta, ...], now: datetime) -> Redemption:
    """Look whether the code of a released redemption turned up after all, and end it; then look once more, later."""
    released_at = claimed.settled_at or claimed.created_at
    later = [released_at + watch for watch in watches if released_at + watch > now]
    try:
        if _end_code(admin_for(tools, claimed.shop_id), claimed):
            log.error("a released redemption's code had to be ended", extra={"redemption_id": claimed.redemption_id})
    except (ShopifyUnavailable, ShopDisconnected, ShopifyRefused) as silence:
        later = [now + pause_after(claimed.attempts, silence)]
    return _look_again(tools, claimed, min(later, default=None))


def _deactivate(tools: Tools, claimed: Redemption, patience_seconds: float) -> Redemption:
    try:
        admin = admin_for(tools, claimed.shop_id, patience_seconds=patience_seconds)
        if claimed.discount_gid is not None:
            _end_discount(admin, claimed, claimed.discount_gid)
    except (ShopifyUnavailable, ShopDisconnected, ShopifyRefused) as silence:
        return _look_again(tools, claimed, tools.clock() + pause_after(claimed.attempts, silence))
    now = tools.clock()
    with tools.writing() as session:
        mark_deactivated(session, claimed, now, now + OVERLAP)
        return _read(session, claimed)


def _end_discount(admin: AdminClient, claimed: Redemption, discount_gid: str) -> None:
    """Deactivate; a refusal counts as done only if Shopify shows that the code works no more (the merchant may have deleted it)."""
    try:
        deactivate_code(admin, discount_gid)
    except ShopifyRefused:
        found = find_code(admin, claimed.code)
        if found is not None and found.discount_gid == discount_gid and found.status in _RUNNING:
            raise


def _end_code(admin: AdminClient, claimed: Redemption) -> bool:
    found = find_code(admin, claimed.code)
    if found is None or not is_ours(found.title, claimed.redemption_id) or found.status not in _RUNNING:
        return False
    deactivate_code(admin, found.discount_gid)
    return True


def _return_points(tools: Tools, claimed: Redemption, now: datetime) -> Redemption:
    with tools.writing() as session:
        lock_account(session, claimed)
        swept_until = get_shop(session, claimed.shop_id).swept_until
        past = (claimed.deactivated_at or now) + OVERLAP
        if swept_until is None or swept_until < past:
            postpone(session, claimed, past, is_answered=True)
        elif mark_taken_back(session, claimed) and claimed.points:
            return_points(session, claimed.account_id, step_fact(claimed, "redeem_return", now))
        return _read(session, claimed)


def _look_again(tools: Tools, claimed: Redemption, at: datetime | None) -> Redemption:
    with tools.writing() as session:
        postpone(session, claimed, at, is_answered=True)
        return _read(session, claimed)


def _read(session: Session, claimed: Redemption) -> Redemption:
    return find_redemption(session, claimed.programme_id, claimed.redemption_id) or claimed

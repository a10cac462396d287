"""The slow lane's part in redemptions: held ones without an answer, codes handed back, run out, used late, or not to exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from plugin.journeys.charging import charge_use
from plugin.journeys.making_codes import ORPHAN_WATCH, make_code
from plugin.journeys.taking_back import settle_captured, settle_released
from plugin.journeys.tools import Tools
from plugin.rewards import claim, parse_key
from plugin.rewards.tables import redemption
from plugin.shops.tables import shop


def due_redemptions(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the keys of redemptions to settle, longest due first; those of shops that left are parked until they return.

    Codes that work no more are due once the order sweep has passed them.
    """
    swept = or_(
        redemption.c.state != "captured",
        redemption.c.deactivated_at.is_(None),
        redemption.c.used_at.is_not(None),
        shop.c.swept_until >= redemption.c.next_try_at,
    )
    of_shop = (shop.c.programme_id == redemption.c.programme_id) & (shop.c.id == redemption.c.shop_id)
    query = (
        select(redemption.c.programme_id, redemption.c.id)
        .join(shop, of_shop)
        .where(redemption.c.next_try_at <= now, shop.c.state == "installed", swept)
        .order_by(redemption.c.next_try_at, redemption.c.id)
        .limit(limit)
    )
    with tools.reading() as session:
        return [f"{row.programme_id}:{row.id}" for row in session.execute(query)]


def settle_redemption(tools: Tools, key: str, now: datetime) -> None:
    """Take one redemption a step further; nothing happens where it is not due or another worker has it."""
    programme_id, redemption_id = parse_key(key)
    with tools.writing() as session:
        claimed = claim(session, programme_id, redemption_id, now)
    if claimed is None:
        return
    if claimed.state == "held":
        make_code(tools, claimed)
    elif claimed.has_given_back and claimed.used_at is not None:
        charge_use(tools, claimed, now)
    elif claimed.state == "captured":
        settle_captured(tools, claimed, now)
    else:
        settle_released(tools, claimed, ORPHAN_WATCH, now)

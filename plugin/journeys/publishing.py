"""Balances and tiers at Shopify: each change makes an account dirty; a job per shop writes the newest as customer metafields.

An account is dirty while `version != published_version`. One worker at a time writes for a shop, by a lease on the shop's row, which
is also how a shop that throttles us or threw us out is left alone for a while. Should a worker outlive its lease, what it read is
marked as published only if nobody else published in between; else nobody knows whose value Shopify kept, and the account is dirty again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.connecting import admin_for
from plugin.journeys.publishing_tiers import tier_values
from plugin.journeys.republishing import UNKNOWN
from plugin.journeys.tools import Tools
from plugin.ledger.tables import account
from plugin.members.tables import alias, member
from plugin.shopify.metafields import BATCH_MAX, BalanceValue, set_balances
from plugin.shops.tables import shop

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than 10 batches take, time-outs counted."""
_BATCHES_MAX = 10
_REST_SECONDS_MIN, _REST_MAX = 2.0, timedelta(minutes=5)

_IS_DIRTY = account.c.version != account.c.published_version
_OWNED = (member.c.programme_id == account.c.programme_id) & (member.c.account_id == account.c.id)
_KNOWN_AS = (alias.c.programme_id == member.c.programme_id) & (alias.c.member_id == member.c.id)
_IN_SHOP = (shop.c.programme_id == alias.c.programme_id) & (shop.c.id == alias.c.shop_id)


@dataclass(frozen=True, slots=True)
class DirtyAccount:
    """An account as read: what it held, at which version, and what was last said to be published."""

    programme_id: UUID
    account_id: UUID
    available: int
    version: int
    published_version: int


def due_balances(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the installed shops that have accounts to publish and are not being written to, or left alone."""
    dirty = (
        select(alias.c.shop_id)
        .select_from(account)
        .join(member, _OWNED)
        .join(alias, _KNOWN_AS)
        .join(shop, _IN_SHOP)
        .where(_IS_DIRTY, shop.c.state == "installed", _is_free(now))
        .distinct()
        .limit(limit)
    )
    with tools.reading() as session:
        return [str(shop_id) for shop_id in session.scalars(dirty)]


def settle_balances(tools: Tools, key: str, now: datetime) -> None:
    """Publish the dirty accounts of a shop, 25 at a time; those a later change touched, or that were not written, stay dirty."""
    shop_id = UUID(key)
    if (programme_id := _lease(tools, shop_id, now)) is None:
        return
    rest_until, has_more = None, False
    try:
        has_more = _publish_batches(tools, programme_id, shop_id, now)
    except (ShopifyUnavailable, ShopDisconnected, ShopifyRefused) as why:
        rest_until = now + _rest_after(why)
        log.warning("balances are not published", extra={"shop_id": key, "outcome": str(why)})
    with tools.writing() as session:
        session.execute(update(shop).where(shop.c.id == shop_id).values(publish_after=rest_until))
    if has_more:
        tools.nudge("balance", key)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(shop.c.publish_after.is_(None), shop.c.publish_after <= now)


def _lease(tools: Tools, shop_id: UUID, now: datetime) -> UUID | None:
    """Become the one who writes for this shop; return its programme, None where another does."""
    mine = update(shop).where(shop.c.id == shop_id, shop.c.state == "installed", _is_free(now))
    with tools.writing() as session:
        return session.execute(
            mine.values(publish_after=now + LEASE).returning(shop.c.programme_id)
        ).scalar_one_or_none()


def _rest_after(why: Exception) -> timedelta:
    """How long to leave a shop alone: as long as it asks, or until a merchant may have done something about it."""
    if isinstance(why, ShopifyUnavailable):
        return timedelta(seconds=max(_REST_SECONDS_MIN, why.retry_after_seconds or 0))
    return _REST_MAX


def _publish_batches(tools: Tools, programme_id: UUID, shop_id: UUID, now: datetime) -> bool:
    """Write until nothing is dirty, or until others should have a turn; return whether there may be more."""
    for _ in range(_BATCHES_MAX):
        with tools.reading() as session:
            batch = _dirty_accounts(session, programme_id, shop_id)
            values = _values(session, programme_id, batch, now)
        for of_shop, balances in values.items():
            _publish(tools, of_shop, balances)
        with tools.writing() as session:
            _mark_published(session, batch)
        if len(batch) < BATCH_MAX:
            return False
    return True


def _dirty_accounts(session: Session, programme_id: UUID, shop_id: UUID) -> list[DirtyAccount]:
    """Read a batch: the shop's own accounts, and those that no shop can show, which are settled by that."""
    query = (
        select(account)
        .where(account.c.programme_id == programme_id, _IS_DIRTY, _is_shown(alias.c.shop_id == shop_id) | ~_is_shown())
        .order_by(account.c.id)
        .limit(BATCH_MAX)
    )
    return [
        DirtyAccount(row.programme_id, row.id, row.available, row.version, row.published_version)
        for row in session.execute(query)
    ]


def _is_shown(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a customer of an installed shop has this account."""
    found = select(alias.c.customer_id).select_from(member).join(alias, _KNOWN_AS).join(shop, _IN_SHOP)
    return exists(found.where(_OWNED, shop.c.state == "installed", *more).correlate(account))


def _values(
    session: Session, programme_id: UUID, batch: Sequence[DirtyAccount], now: datetime
) -> dict[UUID, list[BalanceValue]]:
    """What to write, by shop: an account is shown to each customer id that stands for one of its members."""
    available = {one.account_id: one.available for one in batch}
    query = (
        select(member.c.id, member.c.account_id, alias.c.shop_id, alias.c.customer_id)
        .join(alias, _KNOWN_AS)
        .join(shop, _IN_SHOP)
        .where(
            member.c.programme_id == programme_id,
            member.c.account_id.in_(available),
            shop.c.state == "installed",
        )
        .order_by(alias.c.shop_id, alias.c.customer_id)
    )
    rows = session.execute(query).all() if batch else []
    tiers = tier_values(session, programme_id, {row.id for row in rows}, now) if rows else {}
    values: dict[UUID, list[BalanceValue]] = {}
    for row in rows:
        value = BalanceValue(row.customer_id, available[row.account_id], tiers.get(row.id))
        values.setdefault(row.shop_id, []).append(value)
    return values


def _publish(tools: Tools, shop_id: UUID, balances: Sequence[BalanceValue]) -> None:
    """Write one shop's balances. A customer whom Shopify refuses (deleted there, most likely) counts as published."""
    if refused := set_balances(admin_for(tools, shop_id), balances):
        log.warning("balances were refused", extra={"shop_id": str(shop_id), "customer_ids": refused})


def _mark_published(session: Session, batch: Sequence[DirtyAccount]) -> None:
    """Compare and set; where another worker published meanwhile, the last writer at Shopify is unknown: once more."""
    for one in batch:
        mine = (account.c.programme_id == one.programme_id, account.c.id == one.account_id)
        was_alone = account.c.published_version == one.published_version
        done = session.execute(update(account).where(*mine, was_alone).values(published_version=one.version))
        if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result is a cursor's
            session.execute(update(account).where(*mine).values(published_version=UNKNOWN))

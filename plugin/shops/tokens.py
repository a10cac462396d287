"""Tokens at rest: sealed for one shop, replaced as a pair, and leased while one process refreshes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from plugin.facts import TokenPair
from plugin.sealing import Sealer
from plugin.shops.store import Shop
from plugin.shops.tables import shop as shops
from plugin.shops.tables import shop_token

STALE_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class HeldTokens:
    """A shop's present pair. `generation` counts the pairs, so that nobody overwrites a newer one with what they asked for earlier."""

    pair: TokenPair
    generation: int
    lease_until: datetime | None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token can be used for a while."""
        expires_at = self.pair.access_expires_at
        return expires_at is None or expires_at > now + STALE_BEFORE

    def may_refresh(self, now: datetime) -> bool:
        """Whether a refresh token is there and alive."""
        expires_at = self.pair.refresh_expires_at
        return self.pair.refresh_token is not None and (expires_at is None or expires_at > now)


def find_tokens(session: Session, sealer: Sealer, shop: Shop) -> HeldTokens | None:
    """Open a shop's pair; None where it has none.

    Raises:
        Unsealable: the secret key changed without its predecessor being kept, or the row belongs to another shop.
    """
    row = session.execute(select(shop_token).where(_of(shop))).one_or_none()
    if row is None:
        return None
    owner = _owner(shop.shop_id)
    pair = TokenPair(
        access_token=sealer.open(row.access_sealed, owner).decode(),
        refresh_token=None if row.refresh_sealed is None else sealer.open(row.refresh_sealed, owner).decode(),
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
    )
    return HeldTokens(pair, row.generation, row.lease_until)


def list_connected(session: Session) -> set[UUID]:
    """Name the shops we hold tokens of."""
    return {row.shop_id for row in session.execute(select(shop_token.c.shop_id))}


def keep_tokens(session: Session, sealer: Sealer, shop: Shop, pair: TokenPair) -> None:
    """Put a new pair in the place of whatever is there; a refresh under way will see that it came too late."""
    row = {"programme_id": shop.programme_id, "shop_id": shop.shop_id, **_sealed(sealer, shop, pair)}
    replaced = session.execute(
        update(shop_token)
        .where(_of(shop))
        .values(**_sealed(sealer, shop, pair), generation=shop_token.c.generation + 1, lease_until=None)
    )
    if not _count(replaced):
        session.execute(insert(shop_token).values(**row, generation=1))


def drop_tokens(session: Session, shop: Shop) -> None:
    """Forget a shop's tokens."""
    session.execute(delete(shop_token).where(_of(shop)))


def lease_tokens(session: Session, shop: Shop, generation: int, *, now: datetime, until: datetime) -> bool:
    """Take the sole right to refresh this generation; False when another has it, or a newer pair is there already."""
    is_free = or_(shop_token.c.lease_until.is_(None), shop_token.c.lease_until <= now)
    leased = session.execute(
        update(shop_token).where(_of(shop), shop_token.c.generation == generation, is_free).values(lease_until=until)
    )
    return _count(leased) == 1


def replace_tokens(session: Session, sealer: Sealer, shop: Shop, pair: TokenPair, *, generation: int) -> bool:
    """Put the refreshed pair in the place of `generation` and end the lease; False when that one is no longer there."""
    replaced = session.execute(
        update(shop_token)
        .where(_of(shop), shop_token.c.generation == generation)
        .values(**_sealed(sealer, shop, pair), generation=generation + 1, lease_until=None)
    )
    return _count(replaced) == 1


def end_lease(session: Session, shop: Shop, generation: int) -> None:
    """Let others try; the pair stays as it is."""
    session.execute(update(shop_token).where(_of(shop), shop_token.c.generation == generation).values(lease_until=None))


def expire_tokens(session: Session, shop: Shop, generation: int, now: datetime) -> None:
    """Remember that Shopify takes this pair no more, so that nobody asks again; the next ID token brings another."""
    session.execute(
        update(shop_token)
        .where(_of(shop), shop_token.c.generation == generation)
        .values(access_expires_at=now, refresh_expires_at=now, lease_until=None)
    )


def list_ageing(session: Session, now: datetime, *, within: timedelta, limit: int) -> Sequence[UUID]:
    """List installed shops whose refresh token dies within a time, soonest first: nobody opened the app there for long."""
    query = (
        select(shops.c.id)
        .join(shop_token, (shop_token.c.programme_id == shops.c.programme_id) & (shop_token.c.shop_id == shops.c.id))
        .where(shops.c.state == "installed")
        .where(shop_token.c.refresh_expires_at > now, shop_token.c.refresh_expires_at <= now + within)
        .order_by(shop_token.c.refresh_expires_at)
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def _sealed(sealer: Sealer, shop: Shop, pair: TokenPair) -> dict[str, Any]:
    owner = _owner(shop.shop_id)
    return {
        "access_sealed": sealer.seal(pair.access_token.encode(), owner),
        "refresh_sealed": None if pair.refresh_token is None else sealer.seal(pair.refresh_token.encode(), owner),
        "access_expires_at": pair.access_expires_at,
        "refresh_expires_at": pair.refresh_expires_at,
    }


def _owner(shop_id: UUID) -> str:
    return f"shop-token:{shop_id}"


def _of(shop: Shop) -> ColumnElement[bool]:
    return (shop_token.c.programme_id == shop.programme_id) & (shop_token.c.shop_id == shop.shop_id)


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0

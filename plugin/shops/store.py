"""Shops: who installed us, since when, with which scopes. Tokens live in `plugin.shops.tokens`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.shops.tables import shop as shops

DEFAULT_ORIGIN = "shopify"


@dataclass(frozen=True, slots=True)
class Shop:
    """One store of one programme. `state` is `installed` or `uninstalled`; `origin` tells a real shop from the dev store's.

    `opened_at` is the newest instant at which Shopify vouched that the app was installed. `swept_until` is how far its orders were
    compared with ours. Orders placed before `earning_starts_at` do not count.
    """

    programme_id: UUID
    shop_id: UUID
    domain: str
    name: str
    origin: str
    currency: str
    timezone: str
    state: str
    scopes: tuple[str, ...]
    installed_at: datetime
    opened_at: datetime
    uninstalled_at: datetime | None
    earning_starts_at: datetime
    swept_until: datetime | None

    @property
    def is_installed(self) -> bool:
        """Whether the shop is ours to serve now."""
        return self.state == "installed"


@dataclass(frozen=True, slots=True)
class NewShop:
    """What has to be known to add a shop. `earning_starts_at` is the install unless given."""

    programme_id: UUID
    domain: str
    name: str
    currency: str
    timezone: str
    installed_at: datetime
    scopes: tuple[str, ...] = ()
    origin: str = DEFAULT_ORIGIN
    earning_starts_at: datetime | None = None


def find_shop(session: Session, domain: str) -> Shop | None:
    """Find a shop by its permanent domain, installed or not."""
    return _one(session, select(shops).where(shops.c.domain == domain))


def get_shop(session: Session, shop_id: UUID) -> Shop:
    """Return a shop, installed or not.

    Raises:
        NotFound: there is none.
    """
    return _found(_one(session, select(shops).where(shops.c.id == shop_id)))


def lock_shop(session: Session, shop_id: UUID) -> Shop:
    """Return a shop and keep others from changing it until this transaction ends.

    Raises:
        NotFound: there is none.
    """
    return _found(_one(session, select(shops).where(shops.c.id == shop_id).with_for_update()))


def list_shops(session: Session, *, installed_only: bool = True) -> Sequence[Shop]:
    """List shops by age."""
    query = select(shops).order_by(shops.c.installed_at, shops.c.id)
    if installed_only:
        query = query.where(shops.c.state == "installed")
    return [_shop(row) for row in session.execute(query)]


def add_shop(session: Session, new: NewShop) -> Shop:
    """Add a shop to its programme, installed; a domain can be added once only (the database refuses a second time)."""
    shop_id = new_id()
    session.execute(
        insert(shops).values(
            programme_id=new.programme_id,
            id=shop_id,
            domain=new.domain,
            name=new.name,
            origin=new.origin,
            currency=new.currency,
            timezone=new.timezone,
            state="installed",
            scopes=list(new.scopes),
            installed_at=new.installed_at,
            opened_at=new.installed_at,
            earning_starts_at=new.earning_starts_at or new.installed_at,
        )
    )
    return get_shop(session, shop_id)


def reinstall_shop(session: Session, shop: Shop, at: datetime) -> Shop:
    """Resume a shop that left; its programme, start line and sweep mark stay."""
    _change(session, shop, state="installed", uninstalled_at=None, installed_at=at, opened_at=at, redacted_at=None)
    return get_shop(session, shop.shop_id)


def uninstall_shop(session: Session, shop: Shop, at: datetime) -> None:
    """Stop serving a shop; nothing of it is deleted here."""
    _change(session, shop, state="uninstalled", uninstalled_at=at)


def vouch_shop(session: Session, shop: Shop, at: datetime) -> Shop:
    """Remember that Shopify vouched for the installation at `at`; older news changes nothing."""
    if at <= shop.opened_at:
        return shop
    _change(session, shop, opened_at=at)
    return get_shop(session, shop.shop_id)


def describe_shop(session: Session, shop: Shop, *, name: str, currency: str, timezone: str) -> None:
    """Take over what the merchant changed at Shopify."""
    _change(session, shop, name=name, currency=currency, timezone=timezone)


def grant_scopes(session: Session, shop: Shop, scopes: Sequence[str]) -> None:
    """Remember which scopes the shop grants now."""
    _change(session, shop, scopes=sorted(scopes))


def mark_redacted(session: Session, shop: Shop, at: datetime) -> None:
    """Remember that what we knew of the shop's customers was erased."""
    _change(session, shop, redacted_at=at)


def mark_swept(session: Session, shop: Shop, until: datetime) -> None:
    """Remember how far the shop's orders were compared with ours."""
    _change(session, shop, swept_until=until)


def _change(session: Session, shop: Shop, **values: Any) -> None:
    session.execute(
        update(shops).where(shops.c.programme_id == shop.programme_id, shops.c.id == shop.shop_id).values(values)
    )


def _one(session: Session, query: Select[Any]) -> Shop | None:
    row = session.execute(query).one_or_none()
    return None if row is None else _shop(row)


def _found(shop: Shop | None) -> Shop:
    if shop is None:
        raise NotFound("no such shop")
    return shop


def _shop(row: Any) -> Shop:
    return Shop(
        programme_id=row.programme_id,
        shop_id=row.id,
        domain=row.domain,
        name=row.name,
        origin=row.origin,
        currency=row.currency,
        timezone=row.timezone,
        state=row.state,
        scopes=tuple(row.scopes),
        installed_at=row.installed_at,
        opened_at=row.opened_at,
        uninstalled_at=row.uninstalled_at,
        earning_starts_at=row.earning_starts_at,
        swept_until=row.swept_until,
    )

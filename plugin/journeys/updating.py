"""The shop changed at Shopify: its name, currency, timezone, or what it lets us do."""

from __future__ import annotations

from sqlalchemy.orm import Session

from plugin.facts import ScopesChanged, ShopChanged
from plugin.shops.store import describe_shop, get_shop, grant_scopes


def change_shop(session: Session, fact: ShopChanged) -> None:
    """Take over the shop's name, currency and timezone; the programme keeps its own timezone."""
    shop = get_shop(session, fact.shop_id)
    describe_shop(session, shop, name=fact.name, currency=fact.currency, timezone=fact.timezone)


def change_scopes(session: Session, fact: ScopesChanged) -> None:
    """Remember which scopes are granted now."""
    grant_scopes(session, get_shop(session, fact.shop_id), fact.scopes)

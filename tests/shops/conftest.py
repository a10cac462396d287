"""Makers for tests of shops."""

from __future__ import annotations

from plugin.journeys.tools import Tools
from plugin.shops.store import NewShop
from tests.factories import Shopfront


def new_shop(tools: Tools, beside: Shopfront, domain: str | None = None) -> NewShop:
    """Another shop of the same programme."""
    return NewShop(
        programme_id=beside.programme_id,
        domain=domain or beside.domain,
        name="Another shop",
        currency="EUR",
        timezone="Europe/Sofia",
        installed_at=tools.clock(),
    )

"""A shop removes the app: we stop at once and keep the books."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from plugin.facts import ShopUninstalled
from plugin.shops.store import lock_shop, uninstall_shop
from plugin.shops.tokens import drop_tokens

log = logging.getLogger(__name__)


def uninstall(session: Session, fact: ShopUninstalled) -> bool:
    """Drop the token and stop serving the shop; every job and door asks whether it is installed. Return whether it left.

    Shopify delivers late and more than once: a notice from before the newest instant at which Shopify vouched for the installation
    tells of an earlier one and changes nothing.
    """
    shop = lock_shop(session, fact.shop_id)
    if fact.occurred_at <= shop.opened_at:
        log.info("late uninstall ignored", extra={"shop": shop.domain})
        return False
    if not shop.is_installed:
        return False
    uninstall_shop(session, shop, fact.occurred_at)
    drop_tokens(session, shop)
    log.info("uninstalled", extra={"shop": shop.domain})
    return True

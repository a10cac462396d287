"""Makes accounts wait to be published to Shopify although their points did not change."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from plugin.ledger.tables import account

UNKNOWN = -1
"""The version of an account of which nobody knows what Shopify shows."""


def publish_again(session: Session, programme_id: UUID, account_ids: Iterable[UUID]) -> None:
    """Make them dirty: a new alias has no metafield yet, a returned shop may have lost them, a tier changed."""
    mine = (account.c.programme_id == programme_id, account.c.id.in_(sorted(account_ids)))
    session.execute(update(account).where(*mine).values(published_version=UNKNOWN))

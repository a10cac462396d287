"""OAuth states that were used, each once; they are remembered for as long as they would be valid."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.shops.tables import oauth_state

LIFETIME = timedelta(minutes=10)


def use_state(session: Session, nonce: str, shop_domain: str, now: datetime) -> bool:
    """Use a state up; False when it was used before (the database refuses the twin that runs beside this one)."""
    session.execute(delete(oauth_state).where(oauth_state.c.created_at < now - 2 * LIFETIME))
    row = {"nonce_hash": sha256(nonce.encode()).hexdigest(), "shop_domain": shop_domain, "created_at": now}
    try:
        with session.begin_nested():
            session.execute(insert(oauth_state).values(row))
    except IntegrityError:
        return False
    return True

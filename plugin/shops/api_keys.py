"""Keys with which a merchant, or a partner of theirs, calls our API for one shop. Only hashes are kept: nobody can look a key up."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.shops.tables import api_key

_KEY = re.compile(r"laurel_[A-Za-z0-9_-]{43}", re.ASCII)
_SECRET_BYTES = 32
_SHOWN = 11


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. `starts_with` is all of it that can still be shown."""

    programme_id: UUID
    key_id: UUID
    shop_id: UUID
    name: str
    starts_with: str
    created_at: datetime
    revoked_at: datetime | None


def add_api_key(session: Session, programme_id: UUID, shop_id: UUID, name: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key for a shop; return it and its secret, which nobody can look up later."""
    secret = f"laurel_{secrets.token_urlsafe(_SECRET_BYTES)}"
    made = ApiKey(programme_id, new_id(), shop_id, name, secret[:_SHOWN], now, None)
    row = {
        "programme_id": programme_id,
        "id": made.key_id,
        "shop_id": shop_id,
        "name": name,
        "key_hash": _hash(secret),
        "starts_with": made.starts_with,
        "created_at": now,
    }
    session.execute(insert(api_key), [row])
    return made, secret


def find_api_key(session: Session, secret: str) -> ApiKey | None:
    """Return the key that this is, unless it was revoked."""
    if not _KEY.fullmatch(secret):
        return None
    live = (api_key.c.key_hash == _hash(secret), api_key.c.revoked_at.is_(None))
    row = session.execute(select(api_key).where(*live)).one_or_none()
    return None if row is None else _key(row)


def list_api_keys(session: Session, programme_id: UUID, shop_id: UUID) -> Sequence[ApiKey]:
    """List a shop's keys, oldest first, revoked ones too."""
    mine = (api_key.c.programme_id == programme_id, api_key.c.shop_id == shop_id)
    return [_key(row) for row in session.execute(select(api_key).where(*mine).order_by(api_key.c.id))]


def revoke_api_key(session: Session, programme_id: UUID, shop_id: UUID, key_id: UUID, now: datetime) -> ApiKey:
    """End a key for good; ending it again changes nothing.

    Raises:
        NotFound: the shop has no such key.
    """
    same = (api_key.c.programme_id == programme_id, api_key.c.shop_id == shop_id, api_key.c.id == key_id)
    session.execute(update(api_key).where(*same, api_key.c.revoked_at.is_(None)).values(revoked_at=now))
    row = session.execute(select(api_key).where(*same)).one_or_none()
    if row is None:
        raise NotFound("the shop has no such key")
    return _key(row)


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(row.programme_id, row.id, row.shop_id, row.name, row.starts_with, row.created_at, row.revoked_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

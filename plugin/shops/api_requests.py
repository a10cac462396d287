"""Calls of our API that write, each by its idempotency key: what it asked for, and what it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.shops.tables import api_request


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A call under its key, unique per shop. `answer` is None until it was answered for good."""

    programme_id: UUID
    shop_id: UUID
    key: str
    content_hash: str
    answer: dict[str, Any] | None = None


def lock_api_request(session: Session, asked: ApiRequest, now: datetime) -> ApiRequest:
    """Keep a call, or find the one that came under its key before; others with the same key wait until this transaction ends."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {
        "programme_id": asked.programme_id,
        "shop_id": asked.shop_id,
        "key": asked.key,
        "content_hash": asked.content_hash,
        "created_at": now,
    }
    while True:  # one that is dropped between the two statements is kept anew
        session.execute(dialect.insert(api_request).values(row).on_conflict_do_nothing())
        query = select(api_request).where(*_same(asked)).with_for_update()
        if found := session.execute(query).one_or_none():
            return ApiRequest(asked.programme_id, asked.shop_id, asked.key, found.content_hash, found.answer)


def answer_api_request(session: Session, asked: ApiRequest, answer: dict[str, Any]) -> None:
    """Remember what a call was answered."""
    session.execute(update(api_request).where(*_same(asked)).values(answer=answer))


def has_api_requests(session: Session, before: datetime) -> bool:
    """Say whether any call came before an instant."""
    query = select(api_request.c.key).where(api_request.c.created_at < before).limit(1)
    return session.execute(query).first() is not None


def drop_api_requests(session: Session, before: datetime, limit: int) -> int:
    """Drop the oldest calls that came before an instant, at most so many; say how many. One that is locked is left for later."""
    keys = (api_request.c.programme_id, api_request.c.shop_id, api_request.c.key)
    oldest = (
        select(*keys)
        .where(api_request.c.created_at < before)
        .order_by(api_request.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [tuple(row) for row in session.execute(oldest)]
    if found:
        session.execute(delete(api_request).where(among(keys, found)))
    return len(found)


def _same(asked: ApiRequest) -> tuple[ColumnElement[bool], ...]:
    return (
        api_request.c.programme_id == asked.programme_id,
        api_request.c.shop_id == asked.shop_id,
        api_request.c.key == asked.key,
    )

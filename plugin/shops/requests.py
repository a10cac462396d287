"""Compliance requests: what Shopify asked on somebody's behalf, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.shops.tables import compliance_request


@dataclass(frozen=True, slots=True)
class ComplianceRequest:
    """One request; `reference` makes copies of it recognisable."""

    programme_id: UUID
    shop_id: UUID
    topic: str
    reference: str
    requested_at: datetime
    customer_id: int | None = None
    order_ids: tuple[int, ...] = ()
    finished_at: datetime | None = None
    answer: dict[str, Any] | None = None


def add_request(session: Session, request: ComplianceRequest) -> UUID | None:
    """Remember a request and return its id; None for a copy of one we have."""
    known = select(compliance_request.c.id).where(
        compliance_request.c.programme_id == request.programme_id,
        compliance_request.c.shop_id == request.shop_id,
        compliance_request.c.topic == request.topic,
        compliance_request.c.reference == request.reference,
    )
    if session.execute(known).first():
        return None
    request_id = new_id()
    session.execute(
        insert(compliance_request).values(
            programme_id=request.programme_id,
            id=request_id,
            shop_id=request.shop_id,
            topic=request.topic,
            customer_id=request.customer_id,
            order_ids=list(request.order_ids),
            reference=request.reference,
            requested_at=request.requested_at,
        )
    )
    return request_id


def get_request(session: Session, programme_id: UUID, request_id: UUID) -> ComplianceRequest:
    """Return one request and lock it.

    Raises:
        NotFound: there is none.
    """
    same = (compliance_request.c.programme_id == programme_id, compliance_request.c.id == request_id)
    row = session.execute(select(compliance_request).where(*same).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("no such compliance request")
    return _request(row)


def list_requests(session: Session, programme_id: UUID) -> list[ComplianceRequest]:
    """List a programme's requests, newest first."""
    mine = select(compliance_request).where(compliance_request.c.programme_id == programme_id)
    return [_request(row) for row in session.execute(mine.order_by(compliance_request.c.requested_at.desc()))]


def list_open_requests(session: Session, limit: int) -> list[tuple[UUID, UUID]]:
    """List (programme id, request id) without an answer."""
    rows = session.execute(
        select(compliance_request.c.programme_id, compliance_request.c.id)
        .where(compliance_request.c.finished_at.is_(None))
        .order_by(compliance_request.c.id)
        .limit(limit)
    )
    return [(programme_id, request_id) for programme_id, request_id in rows]


def finish_request(
    session: Session, programme_id: UUID, request_id: UUID, answer: dict[str, Any], now: datetime
) -> None:
    """Keep the answer beside the request."""
    same = (compliance_request.c.programme_id == programme_id, compliance_request.c.id == request_id)
    session.execute(update(compliance_request).where(*same).values(answer=answer, finished_at=now))


def forget_requests(session: Session, programme_id: UUID, shop_id: UUID, customer_id: int | None = None) -> None:
    """Erase whose data was asked for and what was answered: of one customer, or of all of a shop. That it was asked stays."""
    mine = (compliance_request.c.programme_id == programme_id, compliance_request.c.shop_id == shop_id)
    named = compliance_request.c.customer_id
    asked = named.is_not(None) if customer_id is None else named == customer_id
    forgotten = update(compliance_request).where(*mine, asked)
    session.execute(forgotten.values(customer_id=None, order_ids=[], answer={"forgotten": True}))


def _request(row: Row[tuple[Any, ...]]) -> ComplianceRequest:
    return ComplianceRequest(
        row.programme_id,
        row.shop_id,
        row.topic,
        row.reference,
        row.requested_at,
        row.customer_id,
        tuple(row.order_ids),
        row.finished_at,
        row.answer,
    )

"""Keyed hashes of the e-mail and postal addresses in orders, by customer: enough to see that two are one, and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.referrals.tables import referral_trace

Kind = Literal["email", "address"]
CustomerKey = tuple[UUID, UUID, int]


def add_traces(session: Session, traces: Collection[tuple[CustomerKey, Kind, str]]) -> None:
    """Remember what these customers gave; a set grows the same whatever comes first."""
    rows = [
        {"programme_id": programme_id, "shop_id": shop_id, "customer_id": customer_id, "kind": kind, "tag": tag}
        for (programme_id, shop_id, customer_id), kind, tag in sorted(set(traces))
    ]
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(dialect.insert(referral_trace).on_conflict_do_nothing(), rows)


def list_traces(session: Session, customers: Collection[CustomerKey], kind: Kind) -> set[str]:
    """Return every tag of a kind that these customers left."""
    if not customers:
        return set()
    columns = (referral_trace.c.programme_id, referral_trace.c.shop_id, referral_trace.c.customer_id)
    query = select(referral_trace.c.tag).where(among(columns, customers), referral_trace.c.kind == kind)
    return set(session.scalars(query))


def drop_traces(session: Session, customers: Collection[CustomerKey]) -> None:
    """Forget what these customers left."""
    if customers:
        columns = (referral_trace.c.programme_id, referral_trace.c.shop_id, referral_trace.c.customer_id)
        session.execute(delete(referral_trace).where(among(columns, customers)))


def drop_traces_of_shop(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Forget what anybody left at a shop."""
    mine = (referral_trace.c.programme_id == programme_id, referral_trace.c.shop_id == shop_id)
    session.execute(delete(referral_trace).where(*mine))

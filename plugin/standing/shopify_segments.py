"""Who is in a segment made at Shopify, as it was read last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, String, Table, Uuid, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import Instant, among, metadata, tenant_fk, tenant_key

SegmentKey = tuple[UUID, UUID, int]

segment_reading = Table(
    "segment_reading",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("segment_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    Column("customers", Integer, nullable=False),
    Column("read_at", Instant),
    Column("refused", String),
    Column("next_read_at", Instant, nullable=False),
    tenant_fk("shop", "shop_id"),
)
"""`refused` is Shopify's word for why it does not say; what was read before stands until it says so again."""

segment_customer = Table(
    "segment_customer",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("segment_id", BigInteger, primary_key=True, autoincrement=False),
        Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    tenant_fk("shop", "shop_id"),
)


@dataclass(frozen=True, slots=True)
class SegmentReading:
    """How a segment was read last at one shop."""

    shop_id: UUID
    segment_id: int
    customers: int
    read_at: datetime | None
    refused: str | None
    next_read_at: datetime


def find_reading(session: Session, programme_id: UUID, segment_id: int) -> list[SegmentReading]:
    """Say how a segment was read last, at each shop that was asked."""
    mine = (segment_reading.c.programme_id == programme_id, segment_reading.c.segment_id == segment_id)
    rows = session.execute(select(segment_reading).where(*mine).order_by(segment_reading.c.shop_id))
    return [
        SegmentReading(row.shop_id, row.segment_id, row.customers, row.read_at, row.refused, row.next_read_at)
        for row in rows
    ]


def keep_reading(session: Session, programme_id: UUID, reading: SegmentReading) -> None:
    """Write how a segment was read."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    told = {
        "customers": reading.customers,
        "read_at": reading.read_at,
        "refused": reading.refused,
        "next_read_at": reading.next_read_at,
    }
    key = {"programme_id": programme_id, "shop_id": reading.shop_id, "segment_id": reading.segment_id}
    statement = dialect.insert(segment_reading).values(**key, **told)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=told))


def replace_customers(session: Session, key: SegmentKey, customer_ids: Collection[int]) -> None:
    """Let these be the customers of a segment, and no others."""
    programme_id, shop_id, segment_id = key
    session.execute(delete(segment_customer).where(*_of(key)))
    rows = [
        {"programme_id": programme_id, "shop_id": shop_id, "segment_id": segment_id, "customer_id": one}
        for one in sorted(set(customer_ids))
    ]
    if rows:
        session.execute(insert(segment_customer), rows)


def customers_in(session: Session, key: SegmentKey, customer_ids: Sequence[int]) -> set[int]:
    """Say which of these customers are in a segment, as far as it was read."""
    mine = segment_customer.c.customer_id.in_(sorted(customer_ids))
    return set(session.execute(select(segment_customer.c.customer_id).where(*_of(key), mine)).scalars())


def forget_customers(session: Session, customers: Collection[tuple[UUID, UUID, int]]) -> None:
    """Take these (programme, shop, customer) out of every segment, as far as we know; a later reading knows them no more."""
    mine = among(
        (segment_customer.c.programme_id, segment_customer.c.shop_id, segment_customer.c.customer_id), customers
    )
    session.execute(delete(segment_customer).where(mine))


def forget_shop(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Forget who is in a shop's segments."""
    mine = (segment_customer.c.programme_id == programme_id, segment_customer.c.shop_id == shop_id)
    session.execute(delete(segment_customer).where(*mine))


def _of(key: SegmentKey) -> tuple[ColumnElement[bool], ...]:
    programme_id, shop_id, segment_id = key
    return (
        segment_customer.c.programme_id == programme_id,
        segment_customer.c.shop_id == shop_id,
        segment_customer.c.segment_id == segment_id,
    )

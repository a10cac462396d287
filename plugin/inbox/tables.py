"""Deliveries accepted, not finished; kept for a while after."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, Uuid

from plugin.db import Instant, metadata, tenant_fk, tenant_key

delivery = Table(
    "delivery",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("topic", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("webhook_id", String, nullable=False),
    Column("triggered_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("body_sealed", LargeBinary),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("error", Text),
    tenant_fk("shop", "shop_id"),
    UniqueConstraint("programme_id", "shop_id", "topic", "event_id", "body_hash", "triggered_at"),
    CheckConstraint("state IN ('waiting', 'done', 'dead_letter')", name="state"),
)
Index(
    "ix_delivery_waiting",
    delivery.c.next_try_at,
    delivery.c.id,
    delivery.c.programme_id,
    delivery.c.shop_id,
    sqlite_where=delivery.c.state == "waiting",
    postgresql_where=delivery.c.state == "waiting",
)
Index("ix_delivery_shop", delivery.c.programme_id, delivery.c.shop_id, delivery.c.received_at)
_HAS_BODY = delivery.c.body_sealed.is_not(None) & (delivery.c.state != "waiting")
Index("ix_delivery_body", delivery.c.received_at, sqlite_where=_HAS_BODY, postgresql_where=_HAS_BODY)
_UNFINISHED = delivery.c.state != "done"
Index(
    "ix_delivery_unfinished",
    delivery.c.programme_id,
    delivery.c.state,
    delivery.c.received_at,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)

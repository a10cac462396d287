"""Actions that counted, one row each."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, UniqueConstraint, Uuid

from plugin.db import Instant, metadata, tenant_fk, tenant_key

action_award = Table(
    "action_award",
    metadata,
    *tenant_key(
        Column("member_id", Uuid, primary_key=True),
        Column("action_id", String(64), primary_key=True),
        Column("occurrence", String(80), primary_key=True),
    ),
    Column("kind", String, nullable=False),
    Column("source", String, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("why", String),
    Column("wish_id", String),
    Column("document_version", Integer, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    tenant_fk("member", "member_id"),
    UniqueConstraint("programme_id", "member_id", "wish_id"),
    CheckConstraint("points >= 0 AND (points > 0) = (why IS NULL)", name="points"),
)

"""Shops, their sealed tokens, OAuth states in use, and compliance requests."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key

shop = Table(
    "shop",
    metadata,
    *tenant_key(),
    Column("domain", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("timezone", String, nullable=False),
    Column("state", String, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("installed_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("uninstalled_at", Instant),
    Column("earning_starts_at", Instant, nullable=False),
    Column("swept_until", Instant),
    Column("publish_after", Instant),
    Column("redacted_at", Instant),
    UniqueConstraint("id"),  # jobs and sealed tokens name a shop by its id alone
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    CheckConstraint("state IN ('installed', 'uninstalled')", name="state"),
    CheckConstraint("origin IN ('shopify', 'devstore')", name="origin"),
)

shop_token = Table(
    "shop_token",
    metadata,
    *tenant_key(Column("shop_id", Uuid, primary_key=True)),
    Column("access_sealed", LargeBinary, nullable=False),
    Column("refresh_sealed", LargeBinary),
    Column("access_expires_at", Instant),
    Column("refresh_expires_at", Instant),
    Column("generation", Integer, nullable=False),
    Column("lease_until", Instant),
    tenant_fk("shop", "shop_id"),
)

oauth_state = Table(
    "oauth_state",
    metadata,
    Column("nonce_hash", String(64), primary_key=True),
    Column("shop_domain", String, nullable=False),
    Column("created_at", Instant, nullable=False),
)

compliance_request = Table(
    "compliance_request",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("topic", String, nullable=False),
    Column("customer_id", BigInteger),
    Column("order_ids", JSON, nullable=False),
    Column("reference", String, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("answer", JSON),
    tenant_fk("shop", "shop_id"),
    UniqueConstraint("programme_id", "shop_id", "topic", "reference"),
)

api_key = Table(
    "api_key",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("name", String, nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("starts_with", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    tenant_fk("shop", "shop_id"),
)

api_request = Table(
    "api_request",
    metadata,
    *tenant_key(Column("shop_id", Uuid, primary_key=True), Column("key", String(128), primary_key=True)),
    Column("content_hash", String(64), nullable=False),
    Column("answer", JSON(none_as_null=True)),
    Column("created_at", Instant, nullable=False),
    tenant_fk("shop", "shop_id"),
    Index("ix_api_request_created", "created_at"),
)

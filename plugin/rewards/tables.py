"""Redemptions: one wish each, with its state."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key

redemption = Table(
    "redemption",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("customer_id", BigInteger, nullable=False),
    Column("wish_id", String, nullable=False),
    Column("wish_hash", String(64), nullable=False),
    Column("reward_id", String, nullable=False),
    Column("reward", JSON, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("code", String, nullable=False),
    Column("code_attempt", Integer, nullable=False),
    Column("discount_gid", String),
    Column("refusal", String),
    Column("attempts", Integer, nullable=False),
    Column("unanswered_at", Instant),
    Column("next_try_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("settled_at", Instant),
    Column("take_back_at", Instant),
    Column("deactivated_at", Instant),
    Column("used_at", Instant),
    Column("used_order_id", BigInteger),
    tenant_fk("shop", "shop_id"),
    tenant_fk("member", "member_id"),
    tenant_fk("account", "account_id"),
    UniqueConstraint("programme_id", "member_id", "wish_id"),
    UniqueConstraint("programme_id", "shop_id", "code"),
    CheckConstraint("state IN ('held', 'captured', 'released', 'taken_back', 'charged')", name="state"),
    CheckConstraint("points >= 0", name="points"),
    Index("ix_redemption_member", "programme_id", "member_id", "created_at"),
    Index("ix_redemption_reward", "programme_id", "reward_id", "created_at"),
    Index("ix_redemption_account", "programme_id", "account_id"),
)
Index(
    "ix_redemption_open",
    redemption.c.next_try_at,
    sqlite_where=redemption.c.next_try_at.is_not(None),
    postgresql_where=redemption.c.next_try_at.is_not(None),
)

"""Who brings friends: links, referrals with their history, and keyed traces by which two people are found to be one."""

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

referral_link = Table(
    "referral_link",
    metadata,
    *tenant_key(Column("code", String(16), primary_key=True)),
    Column("member_id", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    tenant_fk("member", "member_id"),
    Index("ix_referral_link_member", "programme_id", "member_id"),
)

referral = Table(
    "referral",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("referrer_id", Uuid, nullable=False),
    Column("link_code", String(16), nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("friend_key", String(64)),
    Column("friend_email", String(64)),
    Column("claimed_by", BigInteger),
    Column("friend_customer_id", BigInteger),
    Column("state", String, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("unchecked", JSON, nullable=False),
    Column("code", String, nullable=False),
    Column("code_attempt", Integer, nullable=False),
    Column("discount_gid", String),
    Column("refusal", String),
    Column("attempts", Integer, nullable=False),
    Column("unanswered_at", Instant),
    Column("due_at", Instant),
    Column("marks", Integer, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("order_id", BigInteger),
    Column("ordered_at", Instant),
    Column("matures_at", Instant),
    Column("counted_before", JSON),
    Column("round", Integer, nullable=False),
    Column("referrer_points", BigInteger, nullable=False),
    Column("friend_points", BigInteger, nullable=False),
    Column("decision", String),
    Column("decided_by", String),
    Column("decided_at", Instant),
    Column("note", String(500)),
    tenant_fk("shop", "shop_id"),
    tenant_fk("member", "referrer_id"),
    UniqueConstraint("programme_id", "friend_key"),
    UniqueConstraint("programme_id", "shop_id", "code"),
    CheckConstraint(
        "state IN ('claimed', 'ordered', 'waiting', 'review', 'rewarded', 'taken_back', 'blocked', 'lapsed')",
        name="state",
    ),
    CheckConstraint("decision IN ('approve', 'block')", name="decision"),
    CheckConstraint("referrer_points >= 0 AND friend_points >= 0", name="points"),
    Index("ix_referral_referrer", "programme_id", "referrer_id", "claimed_at"),
    Index("ix_referral_state", "programme_id", "state", "claimed_at"),
    Index("ix_referral_order", "programme_id", "shop_id", "order_id"),
)
Index(
    "ix_referral_due",
    referral.c.due_at,
    sqlite_where=referral.c.due_at.is_not(None),
    postgresql_where=referral.c.due_at.is_not(None),
)

referral_event = Table(
    "referral_event",
    metadata,
    *tenant_key(),
    Column("referral_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("reasons", JSON, nullable=False),
    tenant_fk("referral", "referral_id"),
    Index("ix_referral_event_referral", "programme_id", "referral_id"),
)

referral_trace = Table(
    "referral_trace",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", String, primary_key=True),
        Column("tag", String(64), primary_key=True),
    ),
    tenant_fk("shop", "shop_id"),
    CheckConstraint("kind IN ('email', 'address')", name="kind"),
)

"""Members, and Shopify's customer ids as their aliases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key

member = Table(
    "member",
    metadata,
    *tenant_key(),
    Column("account_id", Uuid, nullable=False),
    Column("standing", String, nullable=False),
    Column("has_account", Boolean),
    Column("card_number", String, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("joined_at", Instant),
    Column("left_at", Instant),
    Column("moved_at", Instant),
    Column("merged_into_id", Uuid),
    tenant_fk("account", "account_id"),
    tenant_fk("member", "merged_into_id"),
    UniqueConstraint("programme_id", "card_number"),
    CheckConstraint("standing IN ('waiting', 'joined', 'left', 'merged', 'forgotten')", name="standing"),
    Index("ix_member_account", "programme_id", "account_id"),
    Index("ix_member_joined", "programme_id", "joined_at"),
)

Index(
    "ix_member_merged",
    member.c.programme_id,
    member.c.merged_into_id,
    sqlite_where=member.c.merged_into_id.is_not(None),
    postgresql_where=member.c.merged_into_id.is_not(None),
)

alias = Table(
    "alias",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    Column("member_id", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    tenant_fk("shop", "shop_id"),
    tenant_fk("member", "member_id"),
    Index("ix_alias_member", "programme_id", "member_id"),
)

past_stay = Table(
    "past_stay",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
        Column("until_at", Instant, primary_key=True),
    ),
    Column("account_id", Uuid, nullable=False),
    tenant_fk("shop", "shop_id"),
    tenant_fk("account", "account_id"),
)

invitation = Table(
    "invitation",
    metadata,
    *tenant_key(),
    Column("invited_by_id", Uuid, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_by_id", Uuid),
    Column("settled_at", Instant),
    tenant_fk("member", "invited_by_id"),
    tenant_fk("member", "accepted_by_id"),
    UniqueConstraint("programme_id", "token_hash"),
    Index("ix_invitation_member", "programme_id", "invited_by_id"),
)

tombstone = Table(
    "tombstone",
    metadata,
    *tenant_key(Column("customer_key", String(64), primary_key=True)),
    Column("forgotten_at", Instant, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
)

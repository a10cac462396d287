"""Purchases of memberships, as orders tell of them, and what each member holds: both follow from orders and can be made again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Uuid

from plugin.db import Instant, metadata, tenant_fk, tenant_key

membership_purchase = Table(
    "membership_purchase",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("order_id", BigInteger, primary_key=True, autoincrement=False),
        Column("line_id", BigInteger, primary_key=True, autoincrement=False),
        Column("first_member_id", Uuid, primary_key=True),
    ),
    Column("member_id", Uuid, nullable=False),
    Column("membership_id", String, nullable=False),
    Column("offer_id", String, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("length_unit", String, nullable=False),
    Column("length_count", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("ended_at", Instant),
    Column("is_void", Boolean, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    tenant_fk("shop", "shop_id"),
    tenant_fk("member", "member_id"),
    tenant_fk("member", "first_member_id"),
    CheckConstraint("units > 0", name="units"),
    Index("ix_membership_purchase_member", "programme_id", "member_id"),
)
Index(
    "ix_membership_purchase_unsettled",
    membership_purchase.c.programme_id,
    membership_purchase.c.member_id,
    sqlite_where=membership_purchase.c.is_settled.is_(False),
    postgresql_where=membership_purchase.c.is_settled.is_(False),
)

membership_holding = Table(
    "membership_holding",
    metadata,
    *tenant_key(Column("member_id", Uuid, primary_key=True), Column("membership_id", String, primary_key=True)),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("perks_until", Instant, nullable=False),
    Column("next_due_at", Instant),
    tenant_fk("member", "member_id"),
    Index("ix_membership_holding_due", "next_due_at"),
)

"""Back-fills, and what is known of each order in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text, Uuid

from plugin.db import Instant, metadata, tenant_fk, tenant_key

STATES = ("counting", "counted", "running", "done", "cancelled")
WORKING = ("counting", "running")

backfill = Table(
    "backfill",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("asked_since", Instant, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("cursor", Text),
    Column("reached_at", Instant),
    Column("fault", String),
    Column("next_try_at", Instant),
    Column("actor", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("counted_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    tenant_fk("shop", "shop_id"),
    tenant_fk("programme_document", "document_version", "version"),
    CheckConstraint("state IN ({})".format(", ".join(f"'{one}'" for one in STATES)), name="state"),
)
Index(
    "ix_backfill_working",
    backfill.c.created_at,
    sqlite_where=backfill.c.state.in_(WORKING),
    postgresql_where=backfill.c.state.in_(WORKING),
)

backfill_order = Table(
    "backfill_order",
    metadata,
    *tenant_key(
        Column("backfill_id", Uuid, primary_key=True),
        Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    Column("shop_id", Uuid, nullable=False),
    Column("customer_id", BigInteger),
    Column("expected", BigInteger),
    Column("lapsed", BigInteger),
    Column("given", BigInteger),
    Column("why", String),
    tenant_fk("backfill", "backfill_id"),
    Index("ix_backfill_order_customer", "programme_id", "shop_id", "customer_id"),
)

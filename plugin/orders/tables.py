"""Per order: the newest snapshot, the frozen context, the revision, and what it should have given to whom."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    and_,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key

order_state = Table(
    "order_state",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    Column("snapshot", Text),
    Column("snapshot_key", String),
    Column("context", Text),
    Column("revision", Integer, nullable=False),
    Column("member_id", Uuid),
    Column("account_id", Uuid),
    Column("customer_id", BigInteger),
    Column("why_nothing", String),
    Column("explanation", JSON),
    Column("spend_micros", BigInteger),
    Column("needs", String),
    Column("touched_at", Instant),
    Column("ownership", String, nullable=False),
    Column("backfill_id", Uuid),
    Column("is_frozen", Boolean, nullable=False),
    Column("next_try_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("placed_at", Instant),
    Column("seen_at", Instant, nullable=False),
    Column("changed_at", Instant),
    tenant_fk("shop", "shop_id"),
    tenant_fk("account", "account_id"),
    CheckConstraint("needs IN ('products', 'order')", name="needs"),
    CheckConstraint("ownership IN ('unchallenged', 'disputed', 'confirmed', 'foreign')", name="ownership"),
    Index("ix_order_state_order", "order_id"),
    Index("ix_order_state_account", "programme_id", "account_id"),
    Index("ix_order_state_customer", "programme_id", "shop_id", "customer_id"),
    Index("ix_order_state_changed", "programme_id", "changed_at", "shop_id", "order_id"),
)
_COUNTS = order_state.c.spend_micros.is_not(None)
_COUNTS_FOR_ALL = and_(_COUNTS, order_state.c.member_id.is_not(None))
Index(
    "ix_order_state_together",
    order_state.c.programme_id,
    order_state.c.placed_at,
    order_state.c.spend_micros,
    order_state.c.member_id,
    sqlite_where=_COUNTS_FOR_ALL,
    postgresql_where=_COUNTS_FOR_ALL,
)
Index(
    "ix_order_state_counted",
    order_state.c.programme_id,
    order_state.c.member_id,
    order_state.c.placed_at,
    sqlite_where=_COUNTS,
    postgresql_where=_COUNTS,
)
_WAITS = order_state.c.needs.is_not(None) | order_state.c.touched_at.is_not(None)
Index(
    "ix_order_state_waiting",
    order_state.c.next_try_at,
    order_state.c.programme_id,
    order_state.c.shop_id,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)

order_target = Table(
    "order_target",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("order_id", BigInteger, primary_key=True, autoincrement=False),
        Column("account_id", Uuid, primary_key=True),
    ),
    Column("points", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["programme_id", "shop_id", "order_id"],
        ["order_state.programme_id", "order_state.shop_id", "order_state.order_id"],
    ),
    tenant_fk("account", "account_id"),
    CheckConstraint("points >= 0", name="points"),
    Index("ix_order_target_account", "programme_id", "account_id"),
)

product_facts = Table(
    "product_facts",
    metadata,
    *tenant_key(
        Column("shop_id", Uuid, primary_key=True),
        Column("product_id", BigInteger, primary_key=True, autoincrement=False),
    ),
    Column("facts", JSON, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    tenant_fk("shop", "shop_id"),
)

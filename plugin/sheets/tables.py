"""Sheets that merchants handed us, and their rows."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key

STATES = ("checking", "checked", "running", "done", "undoing", "undone")
ROW_STATES = ("waiting", "ready", "rejected", "posted", "undone")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


sheet = Table(
    "sheet",
    metadata,
    *tenant_key(),
    Column("shop_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("shape", String, nullable=False),
    Column("name", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String, nullable=False),
    Column("options", JSON, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("actor", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    tenant_fk("shop", "shop_id"),
    CheckConstraint("kind IN ('adjustment', 'opening')", name="kind"),
    CheckConstraint(f"state IN ({_one_of(STATES)})", name="state"),
)
Index(
    "ix_sheet_working",
    sheet.c.changed_at,
    sqlite_where=sheet.c.state.in_(("checking", "running", "undoing")),
    postgresql_where=sheet.c.state.in_(("checking", "running", "undoing")),
)

sheet_row = Table(
    "sheet_row",
    metadata,
    *tenant_key(Column("sheet_id", Uuid, primary_key=True), Column("number", Integer, primary_key=True)),
    Column("state", String, nullable=False),
    Column("fault", String),
    Column("fault_field", String),
    Column("customer_id", BigInteger),
    Column("points", BigInteger, nullable=False),
    Column("data", JSON, nullable=False),
    Column("sealed", LargeBinary),
    Column("posting_id", Uuid),
    tenant_fk("sheet", "sheet_id"),
    tenant_fk("posting", "posting_id"),
    CheckConstraint(f"state IN ({_one_of(ROW_STATES)})", name="state"),
    Index("ix_sheet_row_state", "programme_id", "sheet_id", "state", "number"),
)
Index(
    "ix_sheet_row_sealed",
    sheet_row.c.programme_id,
    sheet_row.c.sheet_id,
    sqlite_where=sheet_row.c.sealed.is_not(None),
    postgresql_where=sheet_row.c.sealed.is_not(None),
)

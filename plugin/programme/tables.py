"""Programmes and their versioned documents."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Integer, String, Table, Uuid

from plugin.db import Instant, metadata, tenant_key

programme = Table(
    "programme",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("timezone", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("created_at", Instant, nullable=False),
)

programme_document = Table(
    "programme_document",
    metadata,
    *tenant_key(Column("version", Integer, primary_key=True, autoincrement=False)),
    Column("document", JSON, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
)

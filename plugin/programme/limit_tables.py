"""How much of each cap and budget is used, and by what."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, String, Table, Uuid

from plugin.db import metadata, tenant_key

cap_use = Table(
    "cap_use",
    metadata,
    *tenant_key(
        Column("subject_id", Uuid, primary_key=True),
        Column("limit_id", String, primary_key=True),
        Column("period", String, primary_key=True),
    ),
    Column("used", BigInteger, nullable=False),
    CheckConstraint("used >= 0", name="used"),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
)

cap_charge = Table(
    "cap_charge",
    metadata,
    *tenant_key(Column("source", String, primary_key=True), Column("limit_id", String, primary_key=True)),
    Column("subject_id", Uuid, nullable=False),
    Column("period", String, nullable=False),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points > 0", name="points"),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    Index("ix_cap_charge_subject", "programme_id", "subject_id"),
)

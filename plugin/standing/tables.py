"""The tier each member holds now, the history of it, and what has to be looked at again."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, Integer, String, Table, Uuid

from plugin.db import Instant, metadata, tenant_fk, tenant_key

tier_holding = Table(
    "tier_holding",
    metadata,
    *tenant_key(Column("member_id", Uuid, primary_key=True)),
    Column("tier", String),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("why", String, nullable=False),
    Column("period_end", Instant),
    Column("review_at", Instant),
    Column("document_version", Integer, nullable=False),
    Column("told_from", Instant, nullable=False),
    Column("told_from_holding", JSON),
    Column("sheet_id", Uuid),
    tenant_fk("member", "member_id"),
    Index("ix_tier_holding_review", "programme_id", "review_at"),
    Index("ix_tier_holding_tier", "programme_id", "tier"),
)
"""`told_from` and `told_from_holding` are from where the holding is told; `sheet_id` names the import whose opening tier is in it."""

tier_change = Table(
    "tier_change",
    metadata,
    *tenant_key(),
    Column("member_id", Uuid, nullable=False),
    Column("tier", String),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("why", String, nullable=False),
    Column("period_end", Instant),
    Column("document_version", Integer, nullable=False),
    Column("told", JSON, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    tenant_fk("member", "member_id"),
    Index("ix_tier_change_member", "programme_id", "member_id"),
)
"""Append-only. `told` holds ids and numbers: what there was of what it took."""

standing_mark = Table(
    "standing_mark",
    metadata,
    *tenant_key(),
    Column("member_id", Uuid, nullable=False),
    tenant_fk("member", "member_id"),
    Index("ix_standing_mark_member", "programme_id", "member_id"),
)
"""Members of whom there is news. Marks are only added and taken away, never changed, so that who credits waits for nobody."""

standing_review = Table(
    "standing_review",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("behind_id", Uuid),
    Column("finished_at", Instant),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
)
"""How far the members of a programme were looked at again since its newest terms were published; its row is the settler's lock."""

"""Paid memberships: purchases and holdings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNSETTLED = sa.text("is_settled IS false")


def upgrade() -> None:
    op.create_table(
        "membership_purchase",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_member_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("length_unit", sa.String(), nullable=False),
        sa.Column("length_count", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_membership_purchase_units")),
        _to("membership_purchase", "shop", "shop_id"),
        _to("membership_purchase", "member", "member_id"),
        _to("membership_purchase", "member", "first_member_id"),
        sa.PrimaryKeyConstraint(
            "programme_id", "shop_id", "order_id", "line_id", "first_member_id", name=op.f("pk_membership_purchase")
        ),
    )
    op.create_index("ix_membership_purchase_member", "membership_purchase", ["programme_id", "member_id"])
    op.create_index(
        "ix_membership_purchase_unsettled",
        "membership_purchase",
        ["programme_id", "member_id"],
        sqlite_where=sa.text("is_settled IS 0"),
        postgresql_where=_UNSETTLED,
    )
    op.create_table(
        "membership_holding",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.String(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("perks_until", Instant(), nullable=False),
        sa.Column("next_due_at", Instant(), nullable=True),
        _to("membership_holding", "member", "member_id"),
        sa.PrimaryKeyConstraint("programme_id", "member_id", "membership_id", name=op.f("pk_membership_holding")),
    )
    op.create_index("ix_membership_holding_due", "membership_holding", ["next_due_at"])


def _to(table: str, parent: str, column: str) -> sa.ForeignKeyConstraint:
    """A row points into its own programme alone."""
    names = ["programme_id", column], [f"{parent}.programme_id", f"{parent}.id"]
    return sa.ForeignKeyConstraint(*names, name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

"""The daily proof: what it found, and when an order was last kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("place", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("settled_until", Instant(), nullable=False),
        sa.Column("turn_left", sa.BigInteger(), nullable=False),
        sa.Column("turn_until", sa.Uuid(), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("differences", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint("stage IN ('books', 'orders', 'touched', 'turn', 'done')", name=op.f("ck_proof_stage")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_proof_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "day", name=op.f("pk_proof")),
    )
    op.add_column("order_state", sa.Column("changed_at", Instant(), nullable=True))
    op.execute("UPDATE order_state SET changed_at = seen_at")
    op.create_index("ix_order_state_changed", "order_state", ["programme_id", "changed_at", "shop_id", "order_id"])


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

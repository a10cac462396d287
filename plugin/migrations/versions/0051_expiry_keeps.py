"""Tiers that keep points from lapsing, and points that each month's activity renews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lot", sa.Column("rolling_months", sa.Integer()))
    op.create_table(
        "expiry_keep",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_expiry_keep_programme_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_expiry_keep")),
    )
    op.create_index("ix_expiry_keep_account", "expiry_keep", ["programme_id", "account_id"])
    op.create_index("ix_expiry_keep_member", "expiry_keep", ["programme_id", "member_id"])


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

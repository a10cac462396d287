"""What caps and budgets have used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cap_use",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("limit_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_cap_use_used")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cap_use_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "subject_id", "limit_id", "period", name=op.f("pk_cap_use")),
    )
    op.create_table(
        "cap_charge",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("limit_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_cap_charge_points")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cap_charge_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "source", "limit_id", name=op.f("pk_cap_charge")),
    )
    op.create_index("ix_cap_charge_subject", "cap_charge", ["programme_id", "subject_id"])


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

"""Awards for something else than one order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0 AND taken_back BETWEEN 0 AND points", name=op.f("ck_award_points")),
        *(
            sa.ForeignKeyConstraint(
                ["programme_id", column], [f"{table}.programme_id", f"{table}.id"], name=op.f(f"fk_award_{column}")
            )
            for table, column in (("posting", "posting_id"), ("account", "account_id"), ("lot", "lot_id"))
        ),
        sa.PrimaryKeyConstraint("programme_id", "reference", name=op.f("pk_award")),
    )
    op.create_index("ix_award_account", "award", ["programme_id", "account_id"])


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

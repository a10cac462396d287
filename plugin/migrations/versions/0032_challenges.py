"""Challenges that members completed, and goals that all reached together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0032"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenge_completion",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.String(64), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("completed_at", Instant(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_challenge_completion_programme_id_member_id"),
        ),
        sa.PrimaryKeyConstraint(
            "programme_id", "member_id", "challenge_id", "period", name=op.f("pk_challenge_completion")
        ),
    )
    op.create_table(
        "group_goal",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.String(64), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("reached_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_group_goal_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "challenge_id", "period", name=op.f("pk_group_goal")),
    )


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

"""Answers to calls are found by age, so that old ones can be dropped."""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_api_request_created", "api_request", ["created_at"])


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

"""Find what was merged into an account without reading all accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IS_MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_account_merged",
        "account",
        ["programme_id", "merged_into_id"],
        sqlite_where=_IS_MERGED,
        postgresql_where=_IS_MERGED,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_account_merged", "account")

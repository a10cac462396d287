"""Indexes for what was looked up by reading a whole programme."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_IS_MERGED = sa.text("merged_into_id IS NOT NULL")
_COUNTS = sa.text("spend_micros IS NOT NULL AND member_id IS NOT NULL")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_redemption_account", "redemption", ["programme_id", "account_id"])
    op.create_index("ix_carried_over_birthday", "carried_over", ["programme_id", "birthday"])
    merged = ["programme_id", "merged_into_id"]
    op.create_index("ix_member_merged", "member", merged, sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED)
    together = ["programme_id", "placed_at", "spend_micros", "member_id"]
    op.create_index("ix_order_state_together", "order_state", together, sqlite_where=_COUNTS, postgresql_where=_COUNTS)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_order_state_together", "order_state")
    op.drop_index("ix_member_merged", "member")
    op.drop_index("ix_carried_over_birthday", "carried_over")
    op.drop_index("ix_redemption_account", "redemption")

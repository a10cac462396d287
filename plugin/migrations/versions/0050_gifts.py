"""Rewards that cost nothing, and an index to count how often a reward was had.

SQLite cannot change a check, so there the table is made anew with the rows it has.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None

_NEXT = "next_try_at IS NOT NULL"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
    else:
        op.drop_constraint(op.f("ck_redemption_points"), "redemption", type_="check")
        op.create_check_constraint(op.f("ck_redemption_points"), "redemption", "points >= 0")
    op.create_index("ix_redemption_reward", "redemption", ["programme_id", "reward_id", "created_at"])


def _made_anew() -> None:
    """Write the table's own words once more with the new check; its indexes go with the old table."""
    bind = op.get_bind()
    words = bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'redemption'"))
    bind.exec_driver_sql("ALTER TABLE redemption RENAME TO redemption_before")
    for name in ("ix_redemption_member", "ix_redemption_open"):
        op.drop_index(name, "redemption_before")
    bind.exec_driver_sql(words.replace("points > 0", "points >= 0"))
    bind.exec_driver_sql("INSERT INTO redemption SELECT * FROM redemption_before")
    op.drop_table("redemption_before")
    op.create_index("ix_redemption_member", "redemption", ["programme_id", "member_id", "created_at"])
    op.create_index("ix_redemption_open", "redemption", ["next_try_at"], sqlite_where=sa.text(_NEXT))


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

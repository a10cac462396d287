"""Segments made at Shopify: who is in them, as it was read last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segment_reading",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("read_at", Instant()),
        sa.Column("refused", sa.String()),
        sa.Column("next_read_at", Instant(), nullable=False),
        _shop("segment_reading"),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "segment_id", name=op.f("pk_segment_reading")),
    )
    op.create_table(
        "segment_customer",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        _shop("segment_customer"),
        sa.PrimaryKeyConstraint(
            "programme_id", "shop_id", "segment_id", "customer_id", name=op.f("pk_segment_customer")
        ),
    )


def _shop(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f(f"fk_{table}_programme_id_shop_id")
    )


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

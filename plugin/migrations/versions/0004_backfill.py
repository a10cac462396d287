"""Back-fills of past orders, and on each order the back-fill that let it count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backfill",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("asked_since", Instant(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("reached_at", Instant(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('counting', 'counted', 'running', 'done', 'cancelled')", name=op.f("ck_backfill_state")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "document_version"],
            ["programme_document.programme_id", "programme_document.version"],
            name=op.f("fk_backfill_programme_id_document_version"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f("fk_backfill_programme_id_shop_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_backfill")),
    )
    working = sa.text("state IN ('counting', 'running')")
    op.create_index("ix_backfill_working", "backfill", ["created_at"], sqlite_where=working, postgresql_where=working)
    op.create_table(
        "backfill_order",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("backfill_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("lapsed", sa.BigInteger(), nullable=True),
        sa.Column("given", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "backfill_id"],
            ["backfill.programme_id", "backfill.id"],
            name=op.f("fk_backfill_order_programme_id_backfill_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "backfill_id", "order_id", name=op.f("pk_backfill_order")),
    )
    customer = ["programme_id", "shop_id", "customer_id"]
    op.create_index("ix_backfill_order_customer", "backfill_order", customer)
    op.add_column("order_state", sa.Column("backfill_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

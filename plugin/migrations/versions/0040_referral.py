"""Referrals: links, claims with their codes, their history, and keyed traces by which two people are found to be one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0040"
down_revision = "0031"
branch_labels = None
depends_on = None

_STATES = "state IN ('claimed', 'ordered', 'waiting', 'review', 'rewarded', 'taken_back', 'blocked', 'lapsed')"


def upgrade() -> None:
    """Make the four tables."""
    _links()
    _referrals()
    _events()
    _traces()


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")


def _links() -> None:
    op.create_table(
        "referral_link",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_referral_link_programme_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "code", name=op.f("pk_referral_link")),
    )
    op.create_index("ix_referral_link_member", "referral_link", ["programme_id", "member_id"])


def _referrals() -> None:
    op.create_table(
        "referral",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=False),
        sa.Column("link_code", sa.String(length=16), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("friend_key", sa.String(length=64), nullable=True),
        sa.Column("friend_email", sa.String(length=64), nullable=True),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("friend_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("unchecked", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_attempt", sa.Integer(), nullable=False),
        sa.Column("discount_gid", sa.String(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unanswered_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", Instant(), nullable=True),
        sa.Column("matures_at", Instant(), nullable=True),
        sa.Column("counted_before", sa.JSON(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("referrer_points", sa.BigInteger(), nullable=False),
        sa.Column("friend_points", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.CheckConstraint("decision IN ('approve', 'block')", name=op.f("ck_referral_decision")),
        sa.CheckConstraint("referrer_points >= 0 AND friend_points >= 0", name=op.f("ck_referral_points")),
        sa.CheckConstraint(_STATES, name=op.f("ck_referral_state")),
        sa.ForeignKeyConstraint(
            ["programme_id", "referrer_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_referral_programme_id_referrer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_referral_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_referral")),
        sa.UniqueConstraint("programme_id", "friend_key", name=op.f("uq_referral_programme_id_friend_key")),
        sa.UniqueConstraint("programme_id", "shop_id", "code", name=op.f("uq_referral_programme_id_shop_id_code")),
    )
    op.create_index("ix_referral_referrer", "referral", ["programme_id", "referrer_id", "claimed_at"])
    op.create_index("ix_referral_state", "referral", ["programme_id", "state", "claimed_at"])
    op.create_index("ix_referral_order", "referral", ["programme_id", "shop_id", "order_id"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_referral_due", "referral", ["due_at"], sqlite_where=due, postgresql_where=due)


def _events() -> None:
    op.create_table(
        "referral_event",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "referral_id"],
            ["referral.programme_id", "referral.id"],
            name=op.f("fk_referral_event_programme_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_referral_event")),
    )
    op.create_index("ix_referral_event_referral", "referral_event", ["programme_id", "referral_id"])


def _traces() -> None:
    op.create_table(
        "referral_trace",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'address')", name=op.f("ck_referral_trace_kind")),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_referral_trace_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint(
            "programme_id", "shop_id", "customer_id", "kind", "tag", name=op.f("pk_referral_trace")
        ),
    )

"""Actions that earn points, what members tell of themselves for them, and the API's keys and calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_award",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("occurrence", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("wish_id", sa.String(), nullable=True),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("points >= 0 AND (points > 0) = (why IS NULL)", name=op.f("ck_action_award_points")),
        _of("member", "action_award"),
        sa.PrimaryKeyConstraint("programme_id", "member_id", "action_id", "occurrence", name=op.f("pk_action_award")),
        sa.UniqueConstraint(
            "programme_id", "member_id", "wish_id", name=op.f("uq_action_award_programme_id_member_id_wish_id")
        ),
    )
    op.create_table(
        "member_profile",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("birthday_month", sa.Integer(), nullable=True),
        sa.Column("birthday_day", sa.Integer(), nullable=True),
        sa.Column("birthday_year", sa.Integer(), nullable=True),
        sa.Column("birthday_set_at", Instant(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=True),
        sa.Column("email_consent", sa.String(), nullable=True),
        sa.Column("email_consent_at", Instant(), nullable=True),
        sa.Column("sms_consent", sa.String(), nullable=True),
        sa.Column("sms_consent_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "birthday_month BETWEEN 1 AND 12 AND birthday_day BETWEEN 1 AND 31", name=op.f("ck_member_profile_birthday")
        ),
        _of("member", "member_profile"),
        sa.PrimaryKeyConstraint("programme_id", "member_id", name=op.f("pk_member_profile")),
    )
    birthday = ["programme_id", "birthday_month", "birthday_day"]
    op.create_index("ix_member_profile_birthday", "member_profile", birthday)
    op.create_index("ix_member_joined", "member", ["programme_id", "joined_at"])
    _add_api()


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")


def _add_api() -> None:
    op.create_table(
        "api_key",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("starts_with", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        _of("shop", "api_key"),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_table(
        "api_request",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        _of("shop", "api_request"),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "key", name=op.f("pk_api_request")),
    )


def _of(table: str, owner: str) -> sa.ForeignKeyConstraint:
    """Point at a row of the same programme."""
    column = f"{table}_id"
    return sa.ForeignKeyConstraint(
        ["programme_id", column],
        [f"{table}.programme_id", f"{table}.id"],
        name=op.f(f"fk_{owner}_programme_id_{column}"),
    )

"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oauth_state",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("shop_domain", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("pk_oauth_state")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "account",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("published_version", sa.BigInteger(), nullable=False),
        sa.Column("latest_at", Instant(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'household', 'company')", name=op.f("ck_account_kind")),
        sa.CheckConstraint("debt = 0 OR available = 0", name=op.f("ck_account_debt_first")),
        sa.CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND debt <= 0", name=op.f("ck_account_floors")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "merged_into_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_account_programme_id_merged_into_id"),
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_account_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_account")),
    )
    op.create_index(
        "ix_account_unpublished",
        "account",
        ["programme_id", "id"],
        unique=False,
        sqlite_where=sa.text("version != published_version"),
        postgresql_where=sa.text("version != published_version"),
    )
    op.create_table(
        "adjusting_day",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_adjusting_day_points")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_adjusting_day_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "actor", "day", name=op.f("pk_adjusting_day")),
    )
    op.create_table(
        "notice_rule",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("must_be_delivered", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_notice_rule_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_notice_rule")),
    )
    op.create_index("ix_notice_rule_since", "notice_rule", ["programme_id", "since", "id"], unique=False)
    op.create_table(
        "programme_document",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_programme_document_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "version", name=op.f("pk_programme_document")),
    )
    op.create_table(
        "seal",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("postings", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_seal_number")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_seal_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "number", name=op.f("pk_seal")),
        sa.UniqueConstraint("programme_id", "closed_at", name=op.f("uq_seal_programme_id_closed_at")),
    )
    op.create_table(
        "shop",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("uninstalled_at", Instant(), nullable=True),
        sa.Column("earning_starts_at", Instant(), nullable=False),
        sa.Column("swept_until", Instant(), nullable=True),
        sa.Column("publish_after", Instant(), nullable=True),
        sa.Column("redacted_at", Instant(), nullable=True),
        sa.CheckConstraint("origin IN ('shopify', 'devstore')", name=op.f("ck_shop_origin")),
        sa.CheckConstraint("state IN ('installed', 'uninstalled')", name=op.f("ck_shop_state")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_shop_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_shop")),
        sa.UniqueConstraint("domain", name=op.f("uq_shop_domain")),
        sa.UniqueConstraint("id", name=op.f("uq_shop_id")),
    )
    op.create_table(
        "tombstone",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("customer_key", sa.String(length=64), nullable=False),
        sa.Column("forgotten_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_tombstone_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "customer_key", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "compliance_request",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("order_ids", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_compliance_request_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_compliance_request")),
        sa.UniqueConstraint(
            "programme_id",
            "shop_id",
            "topic",
            "reference",
            name=op.f("uq_compliance_request_programme_id_shop_id_topic_reference"),
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("triggered_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead_letter')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f("fk_delivery_programme_id_shop_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "programme_id",
            "shop_id",
            "topic",
            "event_id",
            "body_hash",
            "triggered_at",
            name=op.f("uq_delivery_programme_id_shop_id_topic_event_id_body_hash_triggered_at"),
        ),
    )
    op.create_index(
        "ix_delivery_body",
        "delivery",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("body_sealed IS NOT NULL AND state != 'waiting'"),
        postgresql_where=sa.text("body_sealed IS NOT NULL AND state != 'waiting'"),
    )
    op.create_index("ix_delivery_shop", "delivery", ["programme_id", "shop_id", "received_at"], unique=False)
    op.create_index(
        "ix_delivery_unfinished",
        "delivery",
        ["programme_id", "state", "received_at"],
        unique=False,
        sqlite_where=sa.text("state != 'done'"),
        postgresql_where=sa.text("state != 'done'"),
    )
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["next_try_at", "id", "programme_id", "shop_id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "member",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("has_account", sa.Boolean(), nullable=True),
        sa.Column("card_number", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=True),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("moved_at", Instant(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "standing IN ('waiting', 'joined', 'left', 'merged', 'forgotten')", name=op.f("ck_member_standing")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_member_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "merged_into_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_member_programme_id_merged_into_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("programme_id", "card_number", name=op.f("uq_member_programme_id_card_number")),
    )
    op.create_index("ix_member_account", "member", ["programme_id", "account_id"], unique=False)
    op.create_table(
        "order_state",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("snapshot_key", sa.String(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("why_nothing", sa.String(), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=True),
        sa.Column("needs", sa.String(), nullable=True),
        sa.Column("touched_at", Instant(), nullable=True),
        sa.Column("ownership", sa.String(), nullable=False),
        sa.Column("is_frozen", sa.Boolean(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.CheckConstraint("needs IN ('products', 'order')", name=op.f("ck_order_state_needs")),
        sa.CheckConstraint(
            "ownership IN ('unchallenged', 'disputed', 'confirmed', 'foreign')", name=op.f("ck_order_state_ownership")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_order_state_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_order_state_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "order_id", name=op.f("pk_order_state")),
    )
    op.create_index("ix_order_state_account", "order_state", ["programme_id", "account_id"], unique=False)
    op.create_index("ix_order_state_customer", "order_state", ["programme_id", "shop_id", "customer_id"], unique=False)
    op.create_index("ix_order_state_order", "order_state", ["order_id"], unique=False)
    op.create_index(
        "ix_order_state_waiting",
        "order_state",
        ["next_try_at", "programme_id", "shop_id"],
        unique=False,
        sqlite_where=sa.text("needs IS NOT NULL OR touched_at IS NOT NULL"),
        postgresql_where=sa.text("needs IS NOT NULL OR touched_at IS NOT NULL"),
    )
    op.create_table(
        "past_stay",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until_at", Instant(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_past_stay_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_past_stay_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "customer_id", "until_at", name=op.f("pk_past_stay")),
    )
    op.create_table(
        "posting",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=True),
        sa.Column("shop_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('order', 'mature', 'redeem_hold', 'redeem_capture', 'redeem_release', 'redeem_return', 'redeem_charge', 'expiry', 'restoration', 'adjustment', 'merge', 'write_off', 're_attributed', 'import', 'action', 'referral', 'tier', 'challenge', 'membership')",
            name=op.f("ck_posting_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "document_version"],
            ["programme_document.programme_id", "programme_document.version"],
            name=op.f("fk_posting_programme_id_document_version"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f("fk_posting_programme_id_shop_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_posting_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_posting")),
        sa.UniqueConstraint("programme_id", "reference", name=op.f("uq_posting_programme_id_reference")),
    )
    op.create_index("ix_posting_order", "posting", ["programme_id", "shop_id", "order_id"], unique=False)
    op.create_index("ix_posting_recorded", "posting", ["programme_id", "recorded_at", "id"], unique=False)
    op.create_table(
        "product_facts",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_product_facts_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "product_id", name=op.f("pk_product_facts")),
    )
    op.create_table(
        "sheet",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('adjustment', 'opening')", name=op.f("ck_sheet_kind")),
        sa.CheckConstraint(
            "state IN ('checking', 'checked', 'running', 'done', 'undoing', 'undone')", name=op.f("ck_sheet_state")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f("fk_sheet_programme_id_shop_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_sheet")),
    )
    op.create_index(
        "ix_sheet_working",
        "sheet",
        ["changed_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('checking', 'running', 'undoing')"),
        postgresql_where=sa.text("state IN ('checking', 'running', 'undoing')"),
    )
    op.create_table(
        "shop_token",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("access_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("access_expires_at", Instant(), nullable=True),
        sa.Column("refresh_expires_at", Instant(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_shop_token_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", name=op.f("pk_shop_token")),
    )
    op.create_table(
        "adjustment",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_note", sa.String(), nullable=True),
        sa.Column("internal_note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_adjustment_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "posting_id"],
            ["posting.programme_id", "posting.id"],
            name=op.f("fk_adjustment_programme_id_posting_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "posting_id", name=op.f("pk_adjustment")),
    )
    op.create_index("ix_adjustment_account", "adjustment", ["programme_id", "account_id"], unique=False)
    op.create_table(
        "alias",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_alias_programme_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"], ["shop.programme_id", "shop.id"], name=op.f("fk_alias_programme_id_shop_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "customer_id", name=op.f("pk_alias")),
    )
    op.create_index("ix_alias_member", "alias", ["programme_id", "member_id"], unique=False)
    op.create_table(
        "carried_over",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("tier_since", Instant(), nullable=True),
        sa.Column("tier_until", Instant(), nullable=True),
        sa.Column("referral_code", sa.String(), nullable=True),
        sa.Column("birthday", sa.String(length=5), nullable=True),
        sa.Column("birthday_used_in", sa.Integer(), nullable=True),
        sa.CheckConstraint("birthday_used_in BETWEEN 1900 AND 9999", name=op.f("ck_carried_over_year")),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_carried_over_programme_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "sheet_id"],
            ["sheet.programme_id", "sheet.id"],
            name=op.f("fk_carried_over_programme_id_sheet_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "member_id", name=op.f("pk_carried_over")),
    )
    op.create_index("ix_carried_over_referral_code", "carried_over", ["programme_id", "referral_code"], unique=False)
    op.create_index("ix_carried_over_sheet", "carried_over", ["programme_id", "sheet_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("accepted_by_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "accepted_by_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_invitation_programme_id_accepted_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "invited_by_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_invitation_programme_id_invited_by_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("programme_id", "token_hash", name=op.f("uq_invitation_programme_id_token_hash")),
    )
    op.create_index("ix_invitation_member", "invitation", ["programme_id", "invited_by_id"], unique=False)
    op.create_table(
        "lot",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("origin_lot_id", sa.Uuid(), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("debt_filled", sa.BigInteger(), nullable=False),
        sa.Column("clawed_back", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("matures_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("rolling_days", sa.Integer(), nullable=True),
        sa.Column("rolling_zone", sa.String(), nullable=True),
        sa.CheckConstraint(
            "granted = pending + available + held + spent + expired + debt_filled + clawed_back",
            name=op.f("ck_lot_adds_up"),
        ),
        sa.CheckConstraint(
            "pending >= 0 AND available >= 0 AND held >= 0 AND spent >= 0 AND expired >= 0 AND debt_filled >= 0 AND clawed_back >= 0",
            name=op.f("ck_lot_floors"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_lot_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "origin_lot_id"],
            ["lot.programme_id", "lot.id"],
            name=op.f("fk_lot_programme_id_origin_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "posting_id"],
            ["posting.programme_id", "posting.id"],
            name=op.f("fk_lot_programme_id_posting_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_lot")),
    )
    op.create_index("ix_lot_account", "lot", ["programme_id", "account_id", "expires_at"], unique=False)
    op.create_index(
        "ix_lot_expiring",
        "lot",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("available > 0"),
        postgresql_where=sa.text("available > 0"),
    )
    op.create_index("ix_lot_order", "lot", ["programme_id", "shop_id", "order_id"], unique=False)
    op.create_index(
        "ix_lot_pending",
        "lot",
        ["matures_at"],
        unique=False,
        sqlite_where=sa.text("pending > 0"),
        postgresql_where=sa.text("pending > 0"),
    )
    op.create_table(
        "order_target",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_order_target_points")),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_order_target_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id", "order_id"],
            ["order_state.programme_id", "order_state.shop_id", "order_state.order_id"],
            name=op.f("fk_order_target_programme_id_shop_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "shop_id", "order_id", "account_id", name=op.f("pk_order_target")),
    )
    op.create_index("ix_order_target_account", "order_target", ["programme_id", "account_id"], unique=False)
    op.create_table(
        "redemption",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("wish_id", sa.String(), nullable=False),
        sa.Column("wish_hash", sa.String(length=64), nullable=False),
        sa.Column("reward_id", sa.String(), nullable=False),
        sa.Column("reward", sa.JSON(), nullable=False),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_attempt", sa.Integer(), nullable=False),
        sa.Column("discount_gid", sa.String(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unanswered_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("take_back_at", Instant(), nullable=True),
        sa.Column("deactivated_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_order_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'captured', 'released', 'taken_back', 'charged')", name=op.f("ck_redemption_state")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_redemption_points")),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_redemption_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "member_id"],
            ["member.programme_id", "member.id"],
            name=op.f("fk_redemption_programme_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "shop_id"],
            ["shop.programme_id", "shop.id"],
            name=op.f("fk_redemption_programme_id_shop_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_redemption")),
        sa.UniqueConstraint(
            "programme_id", "member_id", "wish_id", name=op.f("uq_redemption_programme_id_member_id_wish_id")
        ),
        sa.UniqueConstraint("programme_id", "shop_id", "code", name=op.f("uq_redemption_programme_id_shop_id_code")),
    )
    op.create_index("ix_redemption_member", "redemption", ["programme_id", "member_id", "created_at"], unique=False)
    op.create_index(
        "ix_redemption_open",
        "redemption",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("next_try_at IS NOT NULL"),
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_table(
        "sheet_row",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("fault_field", sa.String(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'rejected', 'posted', 'undone')", name=op.f("ck_sheet_row_state")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "posting_id"],
            ["posting.programme_id", "posting.id"],
            name=op.f("fk_sheet_row_programme_id_posting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "sheet_id"],
            ["sheet.programme_id", "sheet.id"],
            name=op.f("fk_sheet_row_programme_id_sheet_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "sheet_id", "number", name=op.f("pk_sheet_row")),
    )
    op.create_index(
        "ix_sheet_row_sealed",
        "sheet_row",
        ["programme_id", "sheet_id"],
        unique=False,
        sqlite_where=sa.text("sealed IS NOT NULL"),
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_index("ix_sheet_row_state", "sheet_row", ["programme_id", "sheet_id", "state", "number"], unique=False)
    op.create_table(
        "entry",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN is_reversal THEN destination || '>' || source ELSE source || '>' || destination END IN ('issued>pending', 'issued>available', 'issued>debt', 'adjusted>available', 'adjusted>debt', 'pending>available', 'pending>debt', 'available>held', 'held>redeemed', 'held>available', 'held>debt', 'redeemed>available', 'redeemed>debt', 'available>expired', 'expired>issued', 'expired>available', 'pending>issued', 'available>issued', 'debt>issued', 'available>adjusted', 'expired>adjusted', 'debt>adjusted', 'debt>held', 'available>debt', 'available>redeemed')",
            name=op.f("ck_entry_flow"),
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_entry_points")),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_entry_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "lot_id"], ["lot.programme_id", "lot.id"], name=op.f("fk_entry_programme_id_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "posting_id"],
            ["posting.programme_id", "posting.id"],
            name=op.f("fk_entry_programme_id_posting_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_account", "entry", ["programme_id", "account_id", "lot_id"], unique=False)
    op.create_index("ix_entry_posting", "entry", ["programme_id", "posting_id"], unique=False)
    op.create_table(
        "expiry_warning",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("delivered_by", sa.String(), nullable=True),
        sa.CheckConstraint("delivered_by IN ('message', 'panel')", name=op.f("ck_expiry_warning_delivered_by")),
        sa.CheckConstraint("(delivered_at IS NULL) = (delivered_by IS NULL)", name=op.f("ck_expiry_warning_delivered")),
        sa.CheckConstraint("points > 0 AND days > 0", name=op.f("ck_expiry_warning_points")),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_expiry_warning_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "lot_id"],
            ["lot.programme_id", "lot.id"],
            name=op.f("fk_expiry_warning_programme_id_lot_id"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_expiry_warning")),
        sa.UniqueConstraint(
            "programme_id",
            "lot_id",
            "expires_at",
            "days",
            name=op.f("uq_expiry_warning_programme_id_lot_id_expires_at_days"),
        ),
    )
    op.create_index(
        "ix_expiry_warning_account", "expiry_warning", ["programme_id", "account_id", "expires_at"], unique=False
    )
    op.create_index(
        "ix_expiry_warning_waiting",
        "expiry_warning",
        ["programme_id", "expires_at"],
        unique=False,
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "extension",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("is_restoring", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_extension_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "lot_id"], ["lot.programme_id", "lot.id"], name=op.f("fk_extension_programme_id_lot_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_extension")),
        sa.UniqueConstraint("programme_id", "reference", name=op.f("uq_extension_programme_id_reference")),
    )
    op.create_index("ix_extension_account", "extension", ["programme_id", "account_id"], unique=False)
    op.create_index(
        "ix_extension_grace",
        "extension",
        ["programme_id", "occurred_at"],
        unique=False,
        sqlite_where=sa.text("account_id IS NULL"),
        postgresql_where=sa.text("account_id IS NULL"),
    )
    op.create_table(
        "hold_part",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_hold_part_points")),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"],
            ["account.programme_id", "account.id"],
            name=op.f("fk_hold_part_programme_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "lot_id"], ["lot.programme_id", "lot.id"], name=op.f("fk_hold_part_programme_id_lot_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "redemption_id", "lot_id", name=op.f("pk_hold_part")),
    )
    op.create_index("ix_hold_part_account", "hold_part", ["programme_id", "account_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

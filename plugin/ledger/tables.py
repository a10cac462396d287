"""The ledger's tables.

`posting`, `entry`, `extension` and `seal` are appended to and never changed; `account`, `lot` and `hold_part` (which lots a
redemption's points are of) are projections of them.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from plugin.db import Instant, metadata, tenant_fk, tenant_key
from plugin.ledger.flows import FLOWS, REASONS


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_FLOWS = _quoted(tuple(f"{flow.source}>{flow.destination}" for flow in FLOWS))

account = Table(
    "account",
    metadata,
    *tenant_key(),
    Column("kind", String, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("published_version", BigInteger, nullable=False),
    Column("latest_at", Instant),
    Column("merged_into_id", Uuid),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    CheckConstraint("kind IN ('person', 'household', 'company')", name="kind"),
    CheckConstraint("pending >= 0 AND available >= 0 AND held >= 0 AND debt <= 0", name="floors"),
    CheckConstraint("debt = 0 OR available = 0", name="debt_first"),
    tenant_fk("account", "merged_into_id"),
)
Index(
    "ix_account_unpublished",
    account.c.programme_id,
    account.c.id,
    sqlite_where=account.c.version != account.c.published_version,
    postgresql_where=account.c.version != account.c.published_version,
)
Index(
    "ix_account_merged",
    account.c.programme_id,
    account.c.merged_into_id,
    sqlite_where=account.c.merged_into_id.is_not(None),
    postgresql_where=account.c.merged_into_id.is_not(None),
)

posting = Table(
    "posting",
    metadata,
    *tenant_key(),
    Column("reference", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("document_version", Integer),
    Column("shop_id", Uuid),
    Column("order_id", BigInteger),
    Column("redemption_id", Uuid),
    Column("explanation", JSON, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    tenant_fk("shop", "shop_id"),
    ForeignKeyConstraint(
        ["programme_id", "document_version"], ["programme_document.programme_id", "programme_document.version"]
    ),
    UniqueConstraint("programme_id", "reference"),
    CheckConstraint(f"reason IN ({_quoted(REASONS)})", name="reason"),
    Index("ix_posting_order", "programme_id", "shop_id", "order_id"),
    Index("ix_posting_recorded", "programme_id", "recorded_at", "id"),
)

lot = Table(
    "lot",
    metadata,
    *tenant_key(),
    Column("account_id", Uuid, nullable=False),
    Column("posting_id", Uuid, nullable=False),
    Column("shop_id", Uuid),
    Column("order_id", BigInteger),
    Column("origin_lot_id", Uuid),
    Column("redemption_id", Uuid),
    Column("granted", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    Column("debt_filled", BigInteger, nullable=False),
    Column("clawed_back", BigInteger, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("matures_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("rolling_days", Integer),
    Column("rolling_zone", String),
    Column("rolling_months", Integer),
    tenant_fk("account", "account_id"),
    tenant_fk("posting", "posting_id"),
    tenant_fk("lot", "origin_lot_id"),
    CheckConstraint(
        "granted = pending + available + held + spent + expired + debt_filled + clawed_back", name="adds_up"
    ),
    CheckConstraint(
        "pending >= 0 AND available >= 0 AND held >= 0 AND spent >= 0 AND expired >= 0 "
        "AND debt_filled >= 0 AND clawed_back >= 0",
        name="floors",
    ),
    Index("ix_lot_account", "programme_id", "account_id", "expires_at"),
    Index("ix_lot_order", "programme_id", "shop_id", "order_id"),
)
Index(
    "ix_lot_pending",
    lot.c.matures_at,
    sqlite_where=lot.c.pending > 0,
    postgresql_where=lot.c.pending > 0,
)
Index(
    "ix_lot_expiring",
    lot.c.expires_at,
    sqlite_where=lot.c.available > 0,
    postgresql_where=lot.c.available > 0,
)

entry = Table(
    "entry",
    metadata,
    *tenant_key(),
    Column("posting_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("lot_id", Uuid),
    Column("source", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("is_reversal", Boolean, nullable=False),
    tenant_fk("posting", "posting_id"),
    tenant_fk("account", "account_id"),
    tenant_fk("lot", "lot_id"),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint(
        f"CASE WHEN is_reversal THEN destination || '>' || source ELSE source || '>' || destination END IN ({_FLOWS})",
        name="flow",
    ),
    Index("ix_entry_posting", "programme_id", "posting_id"),
    Index("ix_entry_account", "programme_id", "account_id", "lot_id"),
)

hold_part = Table(
    "hold_part",
    metadata,
    *tenant_key(Column("redemption_id", Uuid, primary_key=True), Column("lot_id", Uuid, primary_key=True)),
    Column("account_id", Uuid, nullable=False),
    Column("points", BigInteger, nullable=False),
    tenant_fk("lot", "lot_id"),
    tenant_fk("account", "account_id"),
    CheckConstraint("points > 0", name="points"),
    Index("ix_hold_part_account", "programme_id", "account_id"),
)

extension = Table(
    "extension",
    metadata,
    *tenant_key(),
    Column("account_id", Uuid),
    Column("lot_id", Uuid),
    Column("expires_at", Instant),
    Column("is_restoring", Boolean, nullable=False),
    Column("actor", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    tenant_fk("account", "account_id"),
    tenant_fk("lot", "lot_id"),
    UniqueConstraint("programme_id", "reference"),
    Index("ix_extension_account", "programme_id", "account_id"),
)
Index(
    "ix_extension_grace",
    extension.c.programme_id,
    extension.c.occurred_at,
    sqlite_where=extension.c.account_id.is_(None),
    postgresql_where=extension.c.account_id.is_(None),
)

seal = Table(
    "seal",
    metadata,
    *tenant_key(Column("number", Integer, primary_key=True, autoincrement=False)),
    Column("closed_at", Instant, nullable=False),
    Column("postings", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("content", String(64), nullable=False),
    Column("chain", String(64), nullable=False),
    Column("marks", LargeBinary, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    UniqueConstraint("programme_id", "closed_at"),
    CheckConstraint("number > 0", name="number"),
)

APPEND_ONLY = (posting, entry, extension, seal)

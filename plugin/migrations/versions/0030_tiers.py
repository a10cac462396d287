"""Tiers: what members hold, the history of it, and what orders count for."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from alembic import op

from plugin.db import Instant

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

_BATCH = 1000
_MICROS = 10**6


def upgrade() -> None:
    op.add_column("order_state", sa.Column("spend_micros", sa.BigInteger()))
    _count_orders()
    counts = sa.text("spend_micros IS NOT NULL")
    op.create_index(
        "ix_order_state_counted",
        "order_state",
        ["programme_id", "member_id", "placed_at"],
        sqlite_where=counts,
        postgresql_where=counts,
    )
    _tables()
    _refuse_changes()


def _tables() -> None:
    op.create_table(
        "tier_holding",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        *_held(),
        sa.Column("review_at", Instant()),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("told_from", Instant(), nullable=False),
        sa.Column("told_from_holding", sa.JSON()),
        sa.Column("sheet_id", sa.Uuid()),
        _member("tier_holding"),
        sa.PrimaryKeyConstraint("programme_id", "member_id", name=op.f("pk_tier_holding")),
    )
    op.create_index("ix_tier_holding_review", "tier_holding", ["programme_id", "review_at"])
    op.create_index("ix_tier_holding_tier", "tier_holding", ["programme_id", "tier"])
    op.create_table(
        "tier_change",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        *_held(),
        sa.Column("document_version", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        _member("tier_change"),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_tier_change")),
    )
    op.create_index("ix_tier_change_member", "tier_change", ["programme_id", "member_id"])
    op.create_table(
        "standing_mark",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        _member("standing_mark"),
        sa.PrimaryKeyConstraint("programme_id", "id", name=op.f("pk_standing_mark")),
    )
    op.create_index("ix_standing_mark_member", "standing_mark", ["programme_id", "member_id"])
    op.create_table(
        "standing_review",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("behind_id", sa.Uuid()),
        sa.Column("finished_at", Instant()),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_standing_review_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_standing_review")),
    )


def _held() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("tier", sa.String()),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant()),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("period_end", Instant()),
    )


def _member(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme_id", "member_id"],
        ["member.programme_id", "member.id"],
        name=op.f(f"fk_{table}_programme_id_member_id"),
    )


def _count_orders() -> None:
    """What each order counts for stands in its explanation already."""
    state = sa.table(
        "order_state",
        *(sa.column(name) for name in ("programme_id", "shop_id", "order_id", "why_nothing", "spend_micros")),
        sa.column("explanation", sa.JSON()),
    )
    key = (state.c.programme_id, state.c.shop_id, state.c.order_id)
    bind, behind = op.get_bind(), None
    setting = sa.update(state).where(*(one == sa.bindparam(f"of_{one.name}") for one in key))
    while True:
        query = sa.select(*key, state.c.why_nothing, state.c.explanation).order_by(*key).limit(_BATCH)
        rows = bind.execute(query.where(sa.tuple_(*key) > behind) if behind else query).all()
        counted = [
            {f"of_{one.name}": getattr(row, one.name) for one in key} | {"micros": micros}
            for row in rows
            if (micros := _micros(row))
        ]
        if counted:
            bind.execute(setting.values(spend_micros=sa.bindparam("micros")), counted)
        if len(rows) < _BATCH:
            return
        behind = tuple(getattr(rows[-1], one.name) for one in key)


def _micros(row: Any) -> int:
    told = json.loads(row.explanation) if isinstance(row.explanation, str) else row.explanation
    eligible = ((told or {}).get("base") or {}).get("eligible")
    return int(Fraction(eligible) * _MICROS) if eligible else 0


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tier_change_no_{verb.lower()} BEFORE {verb} ON tier_change "
                "BEGIN SELECT RAISE(ABORT, 'tier_change is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER tier_change_append_only BEFORE UPDATE OR DELETE ON tier_change "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER tier_change_no_truncate BEFORE TRUNCATE ON tier_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

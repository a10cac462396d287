"""What is appended is never changed, and nothing is added to a sealed day; the database itself refuses."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("posting", "entry", "extension", "seal", "programme_document")

# The rows of a sealed day are those of which the programme has a seal that closed later.
SEALED = {
    "posting": "SELECT 1 FROM seal WHERE programme_id = NEW.programme_id AND closed_at > NEW.recorded_at",
    "entry": "SELECT 1 FROM posting JOIN seal ON seal.programme_id = posting.programme_id "
    "AND seal.closed_at > posting.recorded_at "
    "WHERE posting.programme_id = NEW.programme_id AND posting.id = NEW.posting_id",
}


def upgrade() -> None:
    _refuse_changes()
    _refuse_the_past()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _refuse_the_past() -> None:
    for table, is_sealed in SEALED.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_not_sealed BEFORE INSERT ON {table} WHEN EXISTS ({is_sealed}) "
                f"BEGIN SELECT RAISE(ABORT, '{table}: its day is sealed'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION refuse_sealed_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({is_sealed}) THEN RAISE EXCEPTION '{table}: its day is sealed'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_sealed BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_sealed_{table}()"
        )


def downgrade() -> None:
    raise NotImplementedError("points are money: go forward with another revision")

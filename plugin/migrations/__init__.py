"""The schema's history (Alembic) and the one call that brings a database up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from plugin.db import Database


def alembic_config(database: Database) -> Config:
    """Point Alembic at this folder and at an open database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens where it is already there."""
    command.upgrade(alembic_config(database), "head")


def is_current(database: Database) -> bool:
    """Tell whether the schema is at the newest revision; the database is only read."""
    with database.reading() as session:
        present = MigrationContext.configure(session.connection()).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(alembic_config(database)).get_heads())

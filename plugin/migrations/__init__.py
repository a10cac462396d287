"""The schema's history (Alembic) and the one call that brings a database up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

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

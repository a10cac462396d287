"""The database: one metadata, column types, ids, and the two kinds of session."""

from plugin.db.among import among, unindexed
from plugin.db.database import Database
from plugin.db.types import Instant, database_now, metadata, new_id, tenant_fk, tenant_key

__all__ = [
    "Database",
    "Instant",
    "among",
    "database_now",
    "metadata",
    "new_id",
    "tenant_fk",
    "tenant_key",
    "unindexed",
]

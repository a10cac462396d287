"""Databases for stories that are told several times: each telling begins on its own copy of the same, with the same shop in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from plugin.db import Database
from plugin.migrations import upgrade


class Bench:
    """Copies of one database: files in memory where the machine has a place for that, or Postgres databases made from a template."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url, self._made = folder, url, 0
        self._template = self._name("template")

    def prepare(self, furnish: Callable[[Database], None], *, blank: Bench | None = None) -> None:
        """Make the database that every telling begins with; from that of another bench, if one is given."""
        if blank:
            self._copy(blank._template, self._template)
        elif self._url:
            self._administer(f"CREATE DATABASE {self._template}")
        database = Database(self._place(self._template))
        if not blank:
            upgrade(database)
        furnish(database)
        if database.is_sqlite:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """Open a copy, and drop it afterwards."""
        self._made += 1
        name = self._name(f"copy{self._made}")
        self._copy(self._template, name)
        database = Database(self._place(name))
        try:
            yield database
        finally:
            database.dispose()
            self._drop(name)

    @contextmanager
    def branch(self, furnish: Callable[[Database], None]) -> Iterator[Bench]:
        """Open another bench that begins where this one does, with something more in it."""
        bench = Bench(self._folder, self._url)
        bench.prepare(furnish, blank=self)
        try:
            yield bench
        finally:
            bench.close()

    def close(self) -> None:
        """Drop the template."""
        self._drop(self._template)

    def _copy(self, template: str, name: str) -> None:
        if self._url:
            self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        else:
            shutil.copy(self._folder / template, self._folder / name)

    def _drop(self, name: str) -> None:
        if self._url:
            self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        else:
            for path in self._folder.glob(f"{name}*"):
                path.unlink()

    def _place(self, name: str) -> str:
        if not self._url:
            return f"sqlite:///{self._folder / name}"
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement: str) -> None:
        url = make_url(self._url or "").set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _name(self, what: str) -> str:
        return f"sim_{os.getpid()}_{os.urandom(3).hex()}_{what}"


@contextmanager
def benched(
    furnish: Callable[[Database], None], url: str | None = None, *, is_durable: bool = False
) -> Iterator[Bench]:
    """Open a bench beside the Postgres database named, else on SQLite files; durable ones are where TMPDIR says, the others in memory."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and not is_durable else None
    with tempfile.TemporaryDirectory(prefix="laurel-sim-", dir=place) as folder:
        bench = Bench(Path(folder), None if url is None or url.startswith("sqlite") else url)
        bench.prepare(furnish)
        try:
            yield bench
        finally:
            bench.close()

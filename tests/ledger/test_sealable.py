"""Days are closed at a distance to the database's clock, and not while a transaction that may still add to them is open."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from plugin.db import Database
from plugin.journeys.sealing_days import due_seals
from plugin.ledger.sealable import WAIT, closed_until
from tests.factories import credit_now, paid_order

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has one writer at a time
WRITES = "UPDATE posting SET reference = reference WHERE FALSE"
"""Takes the lock on the table that an INSERT takes, and changes nothing."""


@pytest.fixture
def guest(tools):
    """A role that is not told when others' transactions began."""
    name = f"guest_{os.urandom(6).hex()}"
    with tools.writing() as session:
        session.execute(text(f"CREATE ROLE {name}"))
    yield name
    with tools.writing() as session:
        session.execute(text(f"DROP ROLE {name}"))


def test_sealing_keeps_its_distance_to_the_database_clock(tools, shop):
    with tools.writing() as session:
        assert is_now(closed_until(session))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sealing_waits_for_the_one_writer(tools, shop):
    """Its postings are dated in the past and will be seen only when it commits."""
    with tools.writing():
        asking = threading.Thread(target=due_seals, args=(tools, tools.clock(), 10))
        asking.start()
        asking.join(0.2)
        assert asking.is_alive()
    asking.join(10)
    assert not asking.is_alive()


@on_postgres
def test_a_young_transaction_keeps_no_old_day_open(tools, shop):
    with writer(tools.database), tools.writing() as session:
        assert is_now(closed_until(session))


@on_postgres
def test_a_writer_whose_beginning_is_not_told_keeps_every_day_open(tools, shop, guest):
    with writer(tools.database):
        assert told_to(tools, guest) == datetime(1970, 1, 1, tzinfo=UTC)
    assert is_now(told_to(tools, guest))


@on_postgres
def test_who_asks_keeps_no_day_open(tools, shop, guest):
    with tools.writing() as session:
        session.execute(text(WRITES))
        session.execute(text(f"SET LOCAL ROLE {guest}"))
        assert is_now(closed_until(session))


@on_postgres
def test_who_reads_keeps_no_day_open(tools, shop, guest):
    credit_now(tools, paid_order(shop))
    with tools.reading() as reader:
        assert reader.execute(text("SELECT COUNT(*) FROM posting")).scalar_one() == 1
        assert is_now(told_to(tools, guest))


@on_postgres
def test_a_writer_in_another_database_of_the_cluster_keeps_no_day_open(tools, shop, guest):
    """Databases made from one template have their tables under the same numbers."""
    name = f"other_{os.urandom(6).hex()}"
    with tools.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as admin:
        admin.execute(text(f"CREATE DATABASE {name} TEMPLATE laurel_template"))
        other = Database(tools.database.url.set(database=name).render_as_string(hide_password=False))
        try:
            with writer(other):
                assert is_now(told_to(tools, guest))
        finally:
            other.dispose()
            admin.execute(text(f"DROP DATABASE {name}"))


@contextmanager
def writer(database):
    """Somebody who has written postings and has not committed yet."""
    with database.writing() as session:
        session.execute(text(WRITES))
        yield


def told_to(tools, role):
    """Ask as this role how far days may be sealed."""
    with tools.writing() as session:
        session.execute(text(f"SET LOCAL ROLE {role}"))
        return closed_until(session)


def is_now(closed):
    """Say whether nothing but the distance keeps days open; clocks and a busy machine may take a minute."""
    return abs(datetime.now(UTC) - WAIT - closed) < timedelta(minutes=1)

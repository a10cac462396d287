"""Checks the books of several programmes at once, each in a process of its own choosing: programmes share nothing but the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context
from uuid import UUID

from plugin.db import Database
from plugin.journeys.proving import Violation, check_books


def check_all(database_url: str, programmes: Sequence[UUID], jobs: int) -> Iterator[Violation]:
    """Check every programme's books, at most `jobs` programmes at a time."""
    check = partial(_check, database_url)
    jobs = min(jobs, len(programmes))
    if jobs <= 1:
        yield from chain.from_iterable(map(check, programmes))
        return
    # Spawned, not forked: a fork would share this process's database connections.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from chain.from_iterable(pool.map(check, programmes))


def _check(database_url: str, programme_id: UUID) -> list[Violation]:
    database = Database(database_url)
    try:
        with database.reading() as session:
            return list(check_books(session, programme_id))
    finally:
        database.dispose()

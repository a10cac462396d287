"""Play a simulator from the command line: `make simulate KIND=ledger N=100000 SEED=7 JOBS=2 URL=embedded`. Exit 1 on any violation.

`--world` plays one world again alone, by the seed that a violation names.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Protocol

from tests.postgres import embedded_postgres_url
from tests.simulators import crash, ledger, orders, playing, redemption
from tests.simulators.door import DoorWorld


class Report(Protocol):
    """What every simulator gives back."""

    violations: list[str]


SINGLE: dict[str, Callable[[int, int, str | None], Report]] = {"redemption": redemption.run, "crash": crash.run}
"""Stories of one piece."""
OF_WORLDS: dict[str, tuple[playing.Play, int]] = {
    "ledger": (ledger.play, ledger.CHAPTER),
    "orders": (orders.play, orders.HISTORIES),
    "door": (partial(orders.play, kind=DoorWorld), 50),
}
"""Stories in many small worlds: how one is played, and how large it is."""


def main() -> int:
    """Play what was asked for and print the report."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kind", choices=sorted({*SINGLE, *OF_WORLDS}))
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=1, help="processes; of ledger, orders and door")
    asked.add_argument(
        "--world", type=int, help="the seed of one world, to be played alone; of ledger, orders and door"
    )
    asked.add_argument(
        "--url", help="`embedded` for a Postgres of its own, or a Postgres database beside which others may be made"
    )
    given = asked.parse_args()
    playing.settle_in()
    began = time.monotonic()
    with embedded_postgres_url() if given.url == "embedded" else nullcontext(given.url) as url:
        report = _played(given, url)
    sys.stdout.write(f"{report}\n{time.monotonic() - began:.0f} s\n")
    return 1 if report.violations else 0


def _played(given: argparse.Namespace, url: str | None) -> Report:
    if given.kind in SINGLE:
        return SINGLE[given.kind](given.seed, given.count, url)
    play, size = OF_WORLDS[given.kind]
    worlds: Sequence[tuple[int, int]] = playing.worlds_of(given.seed, given.count, size)
    if given.world is not None:
        worlds = [(given.world, min(size, given.count))]
    return playing.play_all(play, worlds, playing.Report(given.seed), url, given.jobs)


if __name__ == "__main__":
    sys.exit(main())

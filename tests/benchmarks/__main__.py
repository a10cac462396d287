"""All benchmarks that there are, one after the other; prints them and writes `bench.json`. What was not measured is null there.

python -m tests.benchmarks [--only rules] [--backtest ORDERS] [--verify ORDERS] [--into FILE]
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import json
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks import rules, verify

Figures = Mapping[str, float | None]
KEYS = ("rules_plain_per_s", "rules_rich_per_s", "backtest_1m_s", "verify_entries_per_s")


def _rules(asked: Namespace) -> Figures:
    return rules.run(asked.backtest)


def _verify(asked: Namespace) -> Figures:
    print("laurel ledger verify")
    return {"verify_entries_per_s": round(verify.main(asked.verify)["sqlite"])}


BENCHMARKS: Mapping[str, Callable[[Namespace], Figures]] = {"rules": _rules, "verify": _verify}


def main() -> None:
    """Run those asked for."""
    parser = ArgumentParser(prog="make bench", description="Benchmarks beside their limits.")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="leave out the others")
    parser.add_argument("--backtest", type=int, default=1_000_000, help="orders of the back-test")
    parser.add_argument("--verify", type=int, default=400_000, help="orders whose books are verified")
    parser.add_argument("--into", type=Path, default=Path("bench.json"))
    asked = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    figures: dict[str, float | None] = dict.fromkeys(KEYS)
    for name in asked.only or BENCHMARKS:
        figures |= BENCHMARKS[name](asked)
    asked.into.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()

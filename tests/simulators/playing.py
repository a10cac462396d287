"""Long runs in many small worlds: each world has a seed of its own, so that any of them can be played again alone, and processes share them."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from tests.simulators.benches import Bench, benched

WORLDS_PER_SEED = 1_000_000
PROGRESS_SECONDS = 10.0


@dataclass
class Report:
    """What was done (`sums`), what happened by kind (`ends`), and every promise broken, with the seed of its world."""

    seed: int
    worlds: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Report) -> None:
        """Take in what happened in another world."""
        self.worlds += other.worlds
        self.sums += other.sums
        self.ends += other.ends
        self.violations += other.violations

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in self.sums.items())
        told = f"seed {self.seed}: {self.worlds} worlds, {done}, violations: {len(self.violations)}"
        lines = [told, f"ends: {dict(sorted(self.ends.items()))}", *self.violations[:10]]
        if self.seconds:
            rates = ", ".join(
                f"{count / self.seconds:.0f} {what}/s" for what, count in self.sums.items() if count > self.seconds
            )
            lines.append(f"{self.seconds:.0f} s: {rates}")
        return "\n".join(lines)


Play = Callable[[Bench, int, int], Report]
"""Play the world of this seed on a bench, of about this size."""


def play_all(play: Play, worlds: Sequence[tuple[int, int]], report: Report, url: str | None, jobs: int = 1) -> Report:
    """Play worlds (seed, size) in this many processes until all are played or one breaks a promise."""
    began = shown = time.monotonic()
    with benched(lambda database: None, url) as bench:
        for part in _played(partial(play, bench), worlds, jobs):
            report.add(part)
            report.seconds = time.monotonic() - began
            if jobs > 1 and time.monotonic() - shown > PROGRESS_SECONDS:
                shown = time.monotonic()
                _say(f"{report.worlds}/{len(worlds)} worlds, {report.seconds:.0f} s, {dict(report.sums)}")
            if report.violations:
                break
    return report


def settle_in() -> None:
    """Log nothing of what is meant to go wrong, and look for garbage less often: what was imported stays."""
    logging.disable(logging.INFO)
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def worlds_of(seed: int, count: int, size: int) -> list[tuple[int, int]]:
    """Part a count into worlds of this size, each with a seed of its own."""
    places = range(0, count, size)
    return [(seed * WORLDS_PER_SEED + place // size, min(size, count - place)) for place in places]


def _played(play: Callable[[int, int], Report], worlds: Sequence[tuple[int, int]], jobs: int) -> Iterator[Report]:
    if jobs == 1:
        yield from (play(*world) for world in worlds)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=settle_in) as pool:
        try:
            for played in as_completed([pool.submit(play, *world) for world in worlds]):
                yield played.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()

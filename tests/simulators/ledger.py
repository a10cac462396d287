"""Anything may happen to a ledger, in any order, at any time: after it every promise holds and every account equals its replay.

Operations are played in chapters, each on a fresh ledger under another programme, short enough for pasts to be told often. All
promises and every account, lot by lot, are checked in the middle of each chapter and at its end. Nothing is weighed after each
single operation: postings and entries are only added to, so one that must not be is still there at the next check. What goes unseen
is what was set right in between, a projection that was worked out anew, or a balance when its account was told anew.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from tests.factories import Shopfront
from tests.simulators.awarders import Awarder
from tests.simulators.benches import Bench
from tests.simulators.chapter import Chapter
from tests.simulators.merchants import Merchant
from tests.simulators.orders import furnish
from tests.simulators.playing import Report, play_all, worlds_of

CHAPTER = 3_000
CHECKED_EVERY = 1_500
TICKS = (0, 0, 1, 60, 3_600, 43_200, -5)
"""Seconds between two acts; clocks of hosts differ, and step back."""


def play(bench: Bench, seed: int, count: int, every: int = CHECKED_EVERY) -> Report:
    """Play one chapter of this many operations."""
    report, dice, shops = Report(seed, worlds=1), random.Random(seed), list[Shopfront]()
    with bench.fresh() as database:
        furnish(shops, dice, database)
        chapter = Chapter(database, shops[0], dice)
        merchant, awarder, done, checked = Merchant(chapter), Awarder(chapter), 0, 0
        while done < count and not report.violations:
            done += _step(chapter, merchant, awarder)
            if done - checked >= every or done >= count:
                checked = done
                report.sums["checks"] += 1
                found = _faults(chapter, merchant, is_last=done >= count)
                report.violations += [f"world {seed} of {count}, after {done}: {fault}" for fault in found]
        report.sums["operations"] += done
        report.ends += chapter.world.ends
    return report


def run(seed: int, count: int, url: str | None = None, every: int = CHECKED_EVERY) -> Report:
    """Play chapters until `count` operations happened."""
    return play_all(partial(play, every=every), worlds_of(seed, count, CHAPTER), Report(seed), url)


def _step(chapter: Chapter, merchant: Merchant, awarder: Awarder) -> int:
    """Let one thing happen, or a batch of things; return how many."""
    acts: tuple[tuple[Callable[[], int], float], ...] = (
        (chapter.deliver, 10),
        (chapter.deliver_late, 3),
        (chapter.wish, 25),
        (chapter.settle, 20),
        (chapter.come_or_go, 2),
        (chapter.merge, 1),
        (chapter.share, 3),
        (chapter.forget, 0.3),
        (merchant.adjust, 5),
        (merchant.forgive, 3),
        (merchant.extend, 3),
        (merchant.bring_sheet, 1),
        (merchant.publish, 0.3),
        (merchant.elapse, 3),
        (awarder.award, 12),
        (awarder.recall, 6),
    )
    world = chapter.world
    chapter.latest = max(chapter.latest, world.clock.now)
    world.clock.now += timedelta(seconds=chapter.dice.choice(TICKS))
    act = chapter.dice.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
    return act()


def _faults(chapter: Chapter, merchant: Merchant, *, is_last: bool) -> list[str]:
    """Bring everything up to the clock, as far as it ever was, and name what is broken; in the end once more with all days sealed."""
    chapter.world.clock.now = max(chapter.latest, chapter.world.clock.now)
    merchant.elapse()
    if is_last:
        merchant.seal()
    return chapter.world.faults()

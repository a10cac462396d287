"""Replays the parts of a back-test at once, each in a process of its own: members share nothing but the database, which is only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields
from multiprocessing import get_context
from typing import Any, ClassVar, Self

from plugin.db import Database
from plugin.journeys.backtest_sums import Sums
from plugin.journeys.backtesting import Backtest, KnownProducts, Part, Progress, replay_part
from plugin.rules import dump_document, parse_document


def replay_all(
    database: Database, one: Backtest, parts: Sequence[Part], jobs: int, progress: Progress
) -> Iterator[Sums]:
    """Replay every part, at most `jobs` at a time; here, where that is one."""
    jobs = min(jobs, len(parts))
    if jobs <= 1:
        products = KnownProducts()
        for part in parts:
            with database.reading() as session:
                yield replay_part(session, one, part, progress, products)
        return
    url = database.url.render_as_string(hide_password=False)
    # Spawned, not forked: a fork would share this process's database connections.
    spawning, sent = get_context("spawn"), _Sent.of(one)
    with ProcessPoolExecutor(jobs, spawning, initializer=_Worker.begin, initargs=(url, sent)) as pool:
        for done in as_completed([pool.submit(_Worker.replay, part) for part in parts]):
            sums = done.result()
            progress(sums.orders)
            yield sums


@dataclass(frozen=True, slots=True)
class _Sent:
    """A back-test as it travels to another process: its documents as data, which is what can travel."""

    rest: dict[str, Any]
    draft: dict[str, Any]
    against: dict[str, Any] | None

    @classmethod
    def of(cls, one: Backtest) -> Self:
        """Pack it."""
        rest = {it.name: getattr(one, it.name) for it in fields(one) if it.name not in {"draft", "against"}}
        return cls(rest, dump_document(one.draft), dump_document(one.against) if one.against else None)

    def opened(self) -> Backtest:
        """Unpack it."""
        against = parse_document(self.against) if self.against else None
        return Backtest(draft=parse_document(self.draft), against=against, **self.rest)


class _Worker:
    """What a process keeps from part to part: its connection, the documents it compiled, the products it knows."""

    _database: ClassVar[Database]
    _one: ClassVar[Backtest]
    _products: ClassVar[KnownProducts]

    @classmethod
    def begin(cls, database_url: str, sent: _Sent) -> None:
        """Get ready, once in each process."""
        cls._database, cls._one, cls._products = Database(database_url), sent.opened(), KnownProducts()

    @classmethod
    def replay(cls, part: Part) -> Sums:
        """Replay a part."""
        with cls._database.reading() as session:
            return replay_part(session, cls._one, part, products=cls._products)

"""Twenty people who press at the same moment, before four processes of the product over one database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from plugin.db import Database
from plugin.engine import Engine
from plugin.inbox.tables import delivery
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.tools import Tools
from plugin.wiring import Service, drain_once, job_kinds
from plugin.wsgi import create_app
from tests.factories import Clock, make_settings

PEOPLE, PROCESSES = 20, 4

Ending = TypeVar("Ending")
Story = TypeVar("Story", bound=Callable[..., Any])


def tells(*routes: str) -> Callable[[Story], Story]:
    """Mark a test as the story of twenty at once for these routes, each written `POST /webhooks`."""

    def mark(story: Story) -> Story:
        story.__dict__.setdefault("routes", set()).update(routes)
        return story

    return mark


@dataclass(frozen=True)
class Crowd:
    """Twenty people and the processes they meet; what was accepted is worked off by all processes at once too."""

    clock: Clock
    tools: Sequence[Tools]
    apps: Sequence[Flask]

    def press(self, act: Callable[[FlaskClient, int], Any]) -> Counter[Any]:
        """Let twenty act at once, each as a browser of its own before one of the processes; count how it ended."""
        return Counter(at_once(PEOPLE, lambda number: act(self.apps[number % PROCESSES].test_client(), number)))

    def work_off(self, *kinds: str) -> None:
        """Let every process drain its inbox at once, then settle these kinds of jobs at once; twice, for what was put off."""
        for _ in range(2):
            at_once(PROCESSES, lambda number: _drain(self.tools[number]))
            for kind in kinds:
                at_once(PROCESSES, lambda number, kind=kind: self._settle(self.tools[number], kind))
            self.clock.advance(minutes=1)

    def _settle(self, tools: Tools, kind: str) -> None:
        _, failed = Engine(job_kinds(tools), self.clock).sweep(kind, self.clock())
        assert failed == 0

    def prove(self) -> None:
        """Hold that all deliveries are done, every invariant stands, and telling each account anew changes nothing."""
        with self.tools[0].reading() as session:
            assert set(session.scalars(select(delivery.c.state))) <= {"done"}
            assert verify(session) == []
            assert find_drift(session, self.clock()) == []


@contextmanager
def gathered(database: Database, clock: Clock) -> Iterator[Crowd]:
    """Open the processes: each with connections, a group commit and limits of its own. Their lanes run when the story says so."""
    services = [Service(make_settings(database), clock=clock) for _ in range(PROCESSES)]
    tools = [one.tools for one in services]
    yield Crowd(clock, tools, [create_app(one) for one in tools])
    for one in services:
        one.stop()


def at_once(people: int, act: Callable[[int], Ending]) -> list[Ending]:
    """Let threads begin together; whatever one of them raises is raised here."""
    barrier = threading.Barrier(people)

    def begin(number: int) -> Ending:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(people) as threads:
        return list(threads.map(begin, range(people)))


def _drain(tools: Tools) -> None:
    while drain_once(tools):
        pass

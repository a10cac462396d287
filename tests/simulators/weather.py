"""A way to Shopify on which anything can happen to a call, and a clock at which the process can die; both from one seeded source."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tests.journeys.discount_desk import Answer, DiscountDesk, lost_answer, lost_call, refused, throttled


class Died(BaseException):
    """The process is gone; whatever was not committed is lost."""


@dataclass
class MortalClock:
    """Stands still until turned; while `deadly`, asking for the time is where the process may die."""

    now: datetime
    luck: random.Random
    deadly: float = 0.0

    def __call__(self) -> datetime:
        if self.deadly and self.luck.random() < self.deadly:
            raise Died
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class StormyWay(BaseAdapter):
    """Carries calls to the desk. `late` keeps calls whose sender gave up, with the time at which they arrive after all.

    Until `full_until` the shop refuses every discount it is asked for.
    """

    def __init__(self, desk: DiscountDesk, luck: random.Random, clock: MortalClock) -> None:
        super().__init__()
        self._desk, self._luck, self._clock = desk, luck, clock
        self.storm = 0.0
        self.full_until = clock.now
        self.late: list[tuple[datetime, Callable[[], Answer]]] = []
        self.made_at: dict[str, datetime] = {}
        self.seen: Counter[str] = Counter()

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        operation, act = self._desk.read(request)
        fate = self._fate(operation) if self._luck.random() < self.storm else "sound"
        if operation == "create" and self._clock.now < self.full_until:
            fate = "refused"
        self.seen[fate] += 1
        status, headers, body = self._meet(fate, lambda: self._carry_out(act))
        response = requests.Response()
        response.status_code, response.url, response.request = status, str(request.url), request
        response.headers.update(headers)
        response._content = body.encode()
        return response

    def close(self) -> None:
        """Nothing is open."""

    def arrive(self) -> None:
        """Let the late calls whose time has come arrive."""
        due = [one for at, one in self.late if at <= self._clock.now]
        self.late = [(at, one) for at, one in self.late if at > self._clock.now]
        for one in due:
            one()

    def _carry_out(self, act: Callable[[], Answer]) -> Answer:
        answer = act()
        self.made_at.update((gid, self._clock.now) for gid in self._desk.discounts.keys() - self.made_at.keys())
        return answer

    def _fate(self, operation: str) -> str:
        fates = ["lost call", "lost answer", "throttled", "died before", "died after", "broken"]
        more = {"create": ["late", "late", "refused", "refused", "passing fault"], "deactivate": ["late"]}
        return self._luck.choice(fates + more.get(operation, []))

    def _meet(self, fate: str, act: Callable[[], Answer]) -> Answer:
        if fate == "late":
            minutes = self._luck.choice((1, 5, 14, 40))
            self.late.append((self._clock.now + timedelta(minutes=minutes), act))
            if minutes == self._luck.choice((14, 40)):
                self.full_until = self._clock.now + timedelta(minutes=30)
            raise requests.ReadTimeout("timed out")
        if fate.startswith("died"):
            if fate == "died after":
                act()
            raise Died
        ways = {
            "lost call": lost_call,
            "lost answer": lost_answer,
            "throttled": throttled,
            "refused": refused("MAX_APP_DISCOUNTS"),
            "passing fault": refused("INTERNAL_ERROR"),
            "broken": lambda _act: (502, {}, "<html>bad gateway</html>"),
        }
        return ways[fate](act) if fate in ways else act()

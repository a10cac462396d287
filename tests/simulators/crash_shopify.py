"""Shopify on this machine while the product dies and comes back: its Admin API, and a courier that sends until it is answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.journeys.discount_desk import Answer, DiscountDesk
from tests.simulators.crash_points import operation_of

LOST = 0.08
PATIENCE_SECONDS = 4
SENDERS = 3
_EMPTY = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}


@dataclass(frozen=True)
class Request:
    """What goes over the wire, signed at this moment."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Errand:
    """Something that has to be brought until it is answered with one of `answers`; `answer` is what came then."""

    name: str
    write: Callable[[], Request]
    answers: frozenset[int] = frozenset({200})
    then: Callable[[Errand], None] = lambda _: None
    answer: tuple[int, Any] | None = None
    tries: int = 0


class Courier:
    """Brings errands in no particular order, several at a time, each again and again until it is answered."""

    def __init__(self, port: int, dice: random.Random) -> None:
        self._port, self._dice = port, dice
        self._waiting: list[Errand] = []
        self._changed = threading.Condition()
        self._open = 0
        self._stopping = False
        self._taken: list[Errand] = []
        self.done: list[Errand] = []
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(SENDERS)]
        for one in self._threads:
            one.start()

    def take(self, *errands: Errand) -> None:
        """Have these brought."""
        with self._changed:
            self._waiting += errands
            self._taken += errands
            self._open += len(errands)
            self._changed.notify_all()

    def has_gone_on(self, patience_seconds: float) -> bool:
        """Wait until one more was answered, or none is left; False if that takes too long."""
        with self._changed:
            enough = len(self.done) + 1
            return self._changed.wait_for(lambda: len(self.done) >= enough or not self._open, patience_seconds)

    def left(self) -> Counter[str]:
        """Name what was not answered yet."""
        with self._changed:
            return Counter(one.name for one in self._taken if one.answer is None)

    def stop(self) -> None:
        """Bring nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for one in self._threads:
            one.join()

    def _run(self) -> None:
        while (errand := self._next()) is not None:
            errand.tries += 1
            is_done = self._bring(errand)
            if is_done:
                errand.then(errand)
            with self._changed:
                self._open -= is_done
                (self.done if is_done else self._waiting).append(errand)
                self._changed.notify_all()

    def _next(self) -> Errand | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            if self._stopping:
                return None
            return self._waiting.pop(self._dice.randrange(len(self._waiting)))

    def _bring(self, errand: Errand) -> bool:
        """Send once; silence, a reset and any other answer mean: again."""
        request = errand.write()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            response = connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if response.status not in errand.answers:
            return False
        is_json = "json" in (response.getheader("Content-Type") or "")
        errand.answer = (response.status, json.loads(raw) if is_json else None)
        return True


class Shopify:
    """One shop's Admin API: discounts and metafields are kept, orders are not to be found, some answers are lost."""

    def __init__(self, dice: random.Random) -> None:
        self.desk = DiscountDesk()
        self.lost: Counter[str] = Counter()
        self.lost_share = LOST
        self._dice, self._guard = dice, threading.Lock()

    def answer(self, body: dict[str, Any]) -> Answer | None:
        """Carry a call out; None where the answer is lost."""
        query, variables = body["query"], body["variables"]
        if "OrdersUpdated" in query:
            return 200, {}, json.dumps({"data": {"orders": _EMPTY}})
        if "query Orders(" in query:
            return 200, {}, json.dumps({"data": {"nodes": [None for _ in variables["ids"]]}})
        operation, act = self.desk.act(query, variables)
        with self._guard:
            answer = act()
            is_lost = operation in {"create", "deactivate"} and self._dice.random() < self.lost_share
        if is_lost:
            self.lost[operation_of(query)] += 1
            return None
        return answer


@contextmanager
def serving(shopify: Shopify) -> Iterator[int]:
    """Serve it on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.close_connection = True
            raw = self.rfile.read(length := int(self.headers["Content-Length"]))
            answer = shopify.answer(json.loads(raw)) if len(raw) == length else None
            if answer is None:
                return
            status, _, text = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # whoever asked died meanwhile
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

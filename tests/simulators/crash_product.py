"""The product as a process of its own, which others kill: the real app over HTTP, both lanes beside it or elsewhere."""

from __future__ import annotations

import logging
import multiprocessing
import socket
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.process import BaseProcess

import requests
from werkzeug.serving import make_server

from plugin import inbox
from plugin.config import DEVELOPMENT_SECRET, Settings
from plugin.engine import Drainer
from plugin.facts import Delivery
from plugin.journeys.applying import apply_facts
from plugin.journeys.tools import Tools
from plugin.wiring import Service
from plugin.wsgi import create_app
from tests.factories import API_KEY
from tests.simulators.crash_points import Fate, MortalAdapter
from webhooks.topics import parse_delivery

SPEED = 30
"""How much faster the product's time passes: leases and pauses of minutes end within seconds."""
HASTY = "before statement INSERT INTO order_state"
"""Where the control dies: its deliveries are marked as done, and their work is not."""


@dataclass(frozen=True)
class Time:
    """The same time for every process: it was `at` when the machine's clock showed `machine_seconds`."""

    at: datetime
    machine_seconds: float

    def __call__(self) -> datetime:
        """Tell the product's time."""
        return self.at + timedelta(seconds=(time.time() - self.machine_seconds) * SPEED)


@dataclass(frozen=True)
class Life:
    """How one process is to live: what it does, and where it dies if nobody kills it before. `is_hasty` is the control's."""

    url: str
    shopify_port: int
    clock: Time
    listens: bool = True
    works: bool = True
    dies_at: str | None = None
    is_hasty: bool = False


def give_birth(life: Life, door: socket.socket) -> BaseProcess:
    """Start a process; it is forked from one that has everything imported, and no thread and no connection yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.simulators.crash_product"])
    process = context.Process(target=live, args=(life, door), daemon=True)
    process.start()
    return process


def live(life: Life, door: socket.socket) -> None:
    """Be the product until killed."""
    logging.disable(logging.CRITICAL)
    fate = Fate(life.dies_at)
    fate.watch()
    http = requests.Session()
    http.trust_env = False
    http.mount("https://", MortalAdapter(life.shopify_port, fate))
    service = Service(_settings(life), http=http, clock=life.clock)
    if life.is_hasty:
        service.drainer = Drainer(partial(hasty_drain, service.tools))
    if life.works:
        service.start()
    if not life.listens:
        threading.Event().wait()
    app = create_app(service.tools)
    make_server("127.0.0.1", 0, app, threaded=True, fd=door.fileno()).serve_forever()


def hasty_drain(tools: Tools) -> int:
    """The control: mark deliveries as done first and credit them afterwards, as receivers with a queue elsewhere do."""
    now = tools.clock()
    with tools.writing() as session:
        batch: list[Delivery] = inbox.claim(session, tools.sealer, now, 200)
        inbox.finish(session, batch, now)
    with tools.writing() as session:
        apply_facts(tools, session, [fact for one in batch for fact in parse_delivery(one)], now)
    return len(batch)


def _settings(life: Life) -> Settings:
    return Settings(
        env="development",
        database_url=life.url,
        shopify_api_key=API_KEY,
        shopify_api_secrets=(DEVELOPMENT_SECRET,),
        secret_keys=(DEVELOPMENT_SECRET,),
        public_url="https://laurel.example.com",
        runs_worker=life.works,
    )

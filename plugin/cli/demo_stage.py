"""The app and the dev store side by side in one process, on two ports of this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from plugin.config import Settings
from plugin.db import Database
from plugin.devstore.adapter import session_for
from plugin.devstore.app import create_devstore
from plugin.devstore.clock import StoreClock
from plugin.devstore.deployment import deploy
from plugin.devstore.guard import ORIGIN, refuse_leftovers, refuse_real_shops
from plugin.devstore.parts import Parts, make_parts
from plugin.devstore.samples import sample_books
from plugin.devstore.server import LocalServer
from plugin.devstore.store import Store, load_books
from plugin.inbox.tables import delivery
from plugin.journeys.tools import Tools
from plugin.migrations import upgrade
from plugin.wiring import Service
from plugin.wsgi import create_app


@dataclass(frozen=True, slots=True)
class Setting:
    """How to set the stage.

    `port` is the app's, the dev store takes the next one; 0 takes free ones. With `books_file` the sample shop outlives the process.
    A new shop opens `opened_before` ago by the stage's clock.
    """

    settings: Settings
    port: int
    books_file: Path | None = None
    opened_before: timedelta = timedelta(0)

    @property
    def is_new(self) -> bool:
        """Whether there is no sample shop yet."""
        return self.books_file is None or not self.books_file.exists()


@dataclass(frozen=True, slots=True)
class Stage:
    """Both halves, running. `is_new` tells a shop that opened just now from one of an earlier demo, `is_kept` whether it will stay."""

    app_url: str
    store_url: str
    parts: Parts
    tools: Tools
    is_new: bool
    is_kept: bool

    def is_drained(self) -> bool:
        """Whether every webhook that arrived was worked through."""
        waiting = select(delivery.c.id).where(delivery.c.state == "waiting").limit(1)
        with self.tools.reading() as session:
            return session.execute(waiting).first() is None


@contextmanager
def open_stage(setting: Setting) -> Iterator[Stage]:
    """Start app and dev store; stop both at the end.

    Raises:
        Misconfigured: this is a production installation, or its database holds a real shop.
    """
    is_new = setting.is_new
    clock = StoreClock()
    if is_new:
        clock.advance(-setting.opened_before)
    app_server = LocalServer(setting.port)
    store_server = LocalServer(setting.port + 1 if setting.port else 0)
    try:
        ready = _local(setting.settings, app_server.url, store_server.url)
        _prepare(ready, is_new=is_new)
        parts = _open_shop(ready, clock, setting.books_file, is_new=is_new)
        service = Service(ready, http=session_for(store_server.port), clock=clock)
        with _running(service, parts):
            store_server.start(create_devstore(parts))
            app_server.start(create_app(service.tools))
            yield Stage(
                app_server.url, store_server.url, parts, service.tools, is_new, is_kept=setting.books_file is not None
            )
    finally:
        store_server.stop()
        app_server.stop()


def _local(settings: Settings, app_url: str, store_url: str) -> Settings:
    """The configuration of a demo: everything Shopify would serve comes from the dev store."""
    return replace(
        settings,
        public_url=app_url,
        app_bridge_url=f"{store_url}/stub/app-bridge.js",
        frame_origins=(store_url,),
        shop_origin=ORIGIN,
    )


def _prepare(settings: Settings, *, is_new: bool) -> None:
    database = Database(settings.database_url)
    try:
        refuse_real_shops(settings, database)
        upgrade(database)
        if is_new:
            refuse_leftovers(database)
    finally:
        database.dispose()


def _open_shop(settings: Settings, clock: StoreClock, books_file: Path | None, *, is_new: bool) -> Parts:
    books = sample_books(clock()) if is_new or books_file is None else load_books(books_file)
    store = Store(books, clock, books_file)
    return make_parts(
        store, clock, deploy(settings.public_url, settings.shopify_api_key, settings.shopify_api_secrets[0])
    )


@contextmanager
def _running(service: Service, parts: Parts) -> Iterator[None]:
    logging.getLogger("laurel.requests").setLevel(logging.WARNING)
    service.start()
    parts.courier.start()
    try:
        yield
    finally:
        parts.courier.stop()
        parts.store.save()
        service.stop()

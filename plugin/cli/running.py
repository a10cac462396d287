"""Run the product: all in one, or split; and bring the schema up to date."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

import click
from granian import Granian
from granian.constants import Interfaces

from plugin.cli.start import Laurel
from plugin.config import Settings
from plugin.db import Database
from plugin.errors import Misconfigured
from plugin.migrations import is_current, upgrade
from plugin.wiring import Service

_KILL_AFTER_SECONDS = 30


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 256), help="Requests answered at a time."
)
@click.option(
    "--no-worker", is_flag=True, help="Answer requests only; `laurel worker` does the rest elsewhere (Postgres)."
)
@click.pass_obj
def serve(laurel: Laurel, host: str, port: int, threads: int, no_worker: bool) -> None:
    """Serve the web application, with both lanes beside it."""
    _must_be_current(laurel.settings)
    os.environ["LAUREL_WORKER"] = "0" if no_worker else "1"
    server = Granian(
        "plugin.wsgi:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        log_access=False,
        workers_kill_timeout=_KILL_AFTER_SECONDS,
    )
    server.serve()


@click.command()
@click.pass_obj
def worker(laurel: Laurel) -> None:
    """Run both lanes without the web application."""
    _must_be_current(laurel.settings)
    stopping = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    service = Service(laurel.settings)
    service.start()
    click.echo("Working; Ctrl-C ends.", err=True)
    stopping.wait()
    service.stop()


@click.command()
@click.pass_obj
def migrate(laurel: Laurel) -> None:
    """Bring the database's schema up to date."""
    database = Database(laurel.settings.database_url)
    laurel.closing.append(database.dispose)
    upgrade(database)
    click.echo("The schema is up to date.")


def _must_be_current(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        if not is_current(database):
            raise Misconfigured({"DATABASE_URL": "has not the newest schema; run `laurel migrate` first"})
    finally:
        database.dispose()

"""`laurel demo`: the app beside the dev store, with a lively sample shop; `--check` drives the whole main job and exits."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from plugin.cli.demo_check import check
from plugin.cli.demo_stage import Setting, Stage, open_stage
from plugin.cli.start import Laurel
from plugin.config import Settings
from plugin.devstore.seeding import DAYS, DAYS_BEFORE, Season
from plugin.devstore.visitor import Visitor

_FOLDER = Path(".laurel")
_PORT = 8000
_RATE = "10"
_API_KEY = "laurel-demo"


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65534), help="The app's port; the dev store takes the next. 0: free ones."
)
@click.option(
    "--check", "is_check", is_flag=True, help="Drive the whole main job over HTTP, print what happened, exit."
)
@click.option("--fresh", "is_fresh", is_flag=True, help="Forget the sample shop of earlier demos.")
@click.pass_context
def demo(ctx: click.Context, port: int | None, is_check: bool, is_fresh: bool) -> None:
    """Open Laurel with a local stand-in for Shopify; nothing leaves this machine."""
    laurel: Laurel = ctx.obj
    logging.getLogger().setLevel(logging.ERROR)
    if is_check:
        with _for_once(laurel.settings, port or 0) as setting, open_stage(setting) as stage:
            worked = check(stage)
        ctx.exit(0 if worked else 1)
    with open_stage(_kept(laurel.settings, _PORT if port is None else port, is_fresh=is_fresh)) as stage:
        if stage.is_new:
            _open_shop(stage)
        logging.getLogger().setLevel(logging.WARNING)
        _say_where(stage)
        _wait_for_the_end()


@contextmanager
def _for_once(settings: Settings, port: int) -> Iterator[Setting]:
    """A shop for one check: a temporary database, unless DATABASE_URL names an empty one."""
    with tempfile.TemporaryDirectory(prefix="laurel-demo-") as folder:
        url = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/demo.db")
        yield Setting(_disguised(settings, url, secrets.token_hex(32)), port)


def _kept(settings: Settings, port: int, *, is_fresh: bool) -> Setting:
    """A shop that outlives the process, in ./.laurel: the app's database and the dev store's books belong together."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    database, books, secret = _FOLDER / "demo.db", _FOLDER / "demo-store.json", _FOLDER / "demo-secret"
    if is_fresh or not (database.exists() and books.exists() and secret.exists()):
        for file in (*_FOLDER.glob("demo.db*"), books, secret):
            file.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32))
    url = os.environ.get("DATABASE_URL", f"sqlite:///{database}")
    past = timedelta(days=DAYS + DAYS_BEFORE)
    return Setting(_disguised(settings, url, secret.read_text()), port, books_file=books, opened_before=past)


def _disguised(settings: Settings, database_url: str, secret: str) -> Settings:
    """Keys of its own: a demo never signs with those of a real app."""
    return replace(
        settings,
        database_url=database_url,
        shopify_api_key=_API_KEY,
        shopify_api_secrets=(secret,),
        secret_keys=(secret,),
    )


def _open_shop(stage: Stage) -> None:
    """Sell for a while, install the app six weeks ago, and live until today."""
    click.echo(f"Opening a sample shop and living through its first {DAYS_BEFORE + DAYS} days …", err=True)
    clock = stage.parts.clock
    opened_at = clock()
    living = (stage.parts, stage.store_url, stage.app_url, stage.is_drained)
    Season(*living, days=DAYS_BEFORE, has_app=False).live(opened_at)
    clock.put_at(opened_at + timedelta(days=DAYS_BEFORE))
    merchant = Visitor(stage.store_url, stage.app_url)
    merchant.post("/admin/apps/laurel/install").raise_for_status()
    merchant.open_app().raise_for_status()
    merchant.set_rate(_RATE, version=1).raise_for_status()
    merchant.close()
    orders = Season(*living).live(clock())
    click.echo(f"{orders} orders, those of the first {DAYS_BEFORE} days before Laurel came.", err=True)


def _say_where(stage: Stage) -> None:
    click.echo(
        f"""
  The shop          {stage.store_url}/            sign in as a sample customer, buy, redeem
  Laurel's admin    {stage.store_url}/admin/apps/laurel
  The store admin   {stage.store_url}/admin       refunds, webhooks, bad weather, the clock
  What differs      {stage.store_url}/differences from Shopify: this is a stand-in, not Shopify
  The app itself    {stage.app_url}/healthz

Ctrl-C ends it.{" The shop is kept in ./.laurel; --fresh begins anew." if stage.is_kept else ""}"""
    )


def _wait_for_the_end() -> None:
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()

"""The programme document: shown, checked, tried on the past, published."""

from __future__ import annotations

import getpass
import json
from typing import Any, TextIO

import click

from plugin.cli.backtests import backtest
from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.errors import BadInput
from plugin.journeys.documents import publish_document
from plugin.programme.store import current, get_version
from plugin.rules import json_schema, parse_document

_INDENT = 2


@click.group()
def programme() -> None:
    """A programme's document: all that its merchant configured."""


programme.add_command(backtest)


@programme.command()
@SHOP
@click.option("--version", type=click.IntRange(1), help="An older version; by default the newest.")
@click.pass_obj
def show(laurel: Laurel, shop_domain: str, version: int | None) -> None:
    """Print a shop's programme document as JSON."""
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        published = get_version(session, programme_id, version) if version else current(session, programme_id)
    click.echo(
        f"Version {published.version}, published {published.published_at.isoformat()} by {published.actor}", err=True
    )
    click.echo(json.dumps(published.document, indent=_INDENT, ensure_ascii=False))


@programme.command()
@SHOP
@click.argument("file", type=click.File(encoding="utf-8"))
@click.pass_obj
def check(laurel: Laurel, shop_domain: str, file: TextIO) -> None:
    """Tell whether FILE (- reads standard input) may be published; nothing is."""
    parse_document(_read_json(file))
    with laurel.tools.reading() as session:
        newest = current(session, shop_of(session, shop_domain).programme_id).version
    click.echo(f"Fit to publish: it would become version {newest + 1} of {shop_domain}.")


@programme.command()
@SHOP
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--expect", type=click.IntRange(0), help="Refuse if the newest version is another than this.")
@click.pass_obj
def apply(laurel: Laurel, shop_domain: str, file: TextIO, expect: int | None) -> None:
    """Publish FILE (- reads standard input) as the next version; orders already evaluated keep theirs."""
    data = _read_json(file)
    tools = laurel.tools
    with tools.writing() as session:
        version = publish_document(
            session,
            shop_of(session, shop_domain).programme_id,
            data,
            actor=f"command:{getpass.getuser()}",
            now=tools.clock(),
            expected_version=expect,
        )
    click.echo(f"Published version {version} of {shop_domain}.")


@programme.command()
def schema() -> None:
    """Print the document's JSON Schema."""
    click.echo(json.dumps(json_schema(), indent=_INDENT, ensure_ascii=False))


def _read_json(file: TextIO) -> Any:
    try:
        return json.load(file)
    except ValueError as fault:
        raise BadInput(f"{file.name} is not JSON: {fault}") from fault

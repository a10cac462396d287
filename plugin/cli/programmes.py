"""The programme document: shown, checked, tried on the past, published."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, TextIO
from uuid import UUID

import click
from sqlalchemy.orm import Session

from plugin.cli.backtests import backtest
from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.days import day_of
from plugin.errors import BadInput
from plugin.journeys.documents import publish_document
from plugin.journeys.phrasing_programmes import caution_sentence
from plugin.journeys.tier_preview import preview_tiers
from plugin.messages import LANGUAGES, Words
from plugin.orders.typical import spend_per_year
from plugin.programme.store import current, get_programme, get_version
from plugin.rules import ProgrammeDocument, json_schema, parse_document
from plugin.rules.linting import Bounds, lint
from plugin.rules.templates import get_template, template_names

_INDENT = 2
LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), default="en", help="The language of the sentences.")
_SPEND = click.option(
    "--spend",
    type=Decimal,
    help="What a typical member spends in a year, for finding rewards out of reach; by default what the shop's orders tell.",
)


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
@_SPEND
@LANGUAGE
@click.pass_obj
def check(laurel: Laurel, shop_domain: str, file: TextIO, spend: Decimal | None, language: str) -> None:
    """Tell whether FILE (- reads standard input) may be published, and what looks like a mistake in it; nothing is published."""
    document = parse_document(read_json(file))
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        newest = current(session, programme_id).version
        bounds = _bounds(session, programme_id, laurel.clock(), spend)
    _tell_cautions(document, bounds, language)
    click.echo(f"Fit to publish: it would become version {newest + 1} of {shop_domain}.")


@programme.command()
@SHOP
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option("--template", type=click.Choice(template_names()), help="Publish this template instead of a file.")
@click.option("--expect", type=click.IntRange(0), help="Refuse if the newest version is another than this.")
@LANGUAGE
@click.pass_obj
def apply(
    laurel: Laurel, shop_domain: str, file: TextIO | None, template: str | None, expect: int | None, language: str
) -> None:
    """Publish FILE (- reads standard input) as the next version; orders already evaluated keep theirs.

    What looks like a mistake is told, and does not hinder.
    """
    data = _chosen(file, template)
    document = parse_document(data)
    tools = laurel.tools
    with tools.writing() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        bounds = _bounds(session, programme_id, tools.clock())
        actor = f"command:{getpass.getuser()}"
        version = publish_document(session, programme_id, data, actor=actor, now=tools.clock(), expected_version=expect)
    _tell_cautions(document, bounds, language)
    click.echo(f"Published version {version} of {shop_domain}.")
    if template:
        _tell_what_is_left(template, language)


@programme.command()
@click.argument("part", required=False)
def schema(part: str | None) -> None:
    """Print the JSON Schema of the document, or of one PART of it, such as SpendRule."""
    click.echo(json.dumps(json_schema(part), indent=_INDENT, ensure_ascii=False))


@programme.command()
@SHOP
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def tiers(laurel: Laurel, shop_domain: str, file: TextIO, as_json: bool) -> None:
    """Tell which members would change their tier if FILE (- reads standard input) were published; nothing is."""
    data = read_json(file)
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
    preview = preview_tiers(laurel.tools, programme_id, data, laurel.tools.clock())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in preview.moves], indent=_INDENT))
        return
    click.echo(f"{'tier':<20}{'members':>9}{'up':>9}{'stay':>9}{'down':>9}{'after':>9}")
    for one in preview.moves:
        numbers = (one.members, one.up, one.stay, one.down, one.members_after)
        click.echo(f"{one.tier or '-':<20}" + "".join(f"{number:>9}" for number in numbers))
    click.echo(
        f"{preview.up} rise at once, {preview.stay} stay, {preview.down} fall when their period ends unless they do more."
    )


def read_json(file: IO[Any]) -> Any:
    """Read a file a merchant names.

    Raises:
        BadInput: it is not JSON.
    """
    try:
        return json.load(file)
    except ValueError as fault:
        raise BadInput(f"{file.name} is not JSON: {fault}") from fault


def _tell_what_is_left(template: str, language: str) -> None:
    """Say what a template cannot know of a shop, such as the numbers of its collections."""
    words = Words(language)
    if sentences := get_template(template).notes.before_you_publish:
        click.echo(words.say("programme.template.yours_to_set"), err=True)
    for sentence in sentences:
        click.echo(f"- {words.pick(sentence)}", err=True)


def _chosen(file: TextIO | None, template: str | None) -> Any:
    if (file is None) == (template is None):
        raise click.UsageError("Give either FILE or --template.")
    return read_json(file) if file else json.loads(get_template(template or "").text)


def _bounds(session: Session, programme_id: UUID, now: datetime, spend: Decimal | None = None) -> Bounds:
    """What is known here of members and of the day; what somebody says they spend goes before what their orders tell."""
    timezone = get_programme(session, programme_id).timezone
    return Bounds(
        spend_per_year=spend_per_year(session, programme_id, now) if spend is None else spend,
        today=str(day_of(now, timezone)),
    )


def _tell_cautions(document: ProgrammeDocument, bounds: Bounds, language: str) -> None:
    words = Words(language)
    for caution in lint(document, bounds):
        click.echo(f"{caution.path}: {caution_sentence(words, caution)} [{caution.word}]", err=True)

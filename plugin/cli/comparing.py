"""What differs between two programme documents, in words."""

from __future__ import annotations

from uuid import UUID

import click
from sqlalchemy.orm import Session

from plugin.cli.programmes import LANGUAGE, read_json
from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.errors import BadInput
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.phrasing_programmes import change_sentence
from plugin.messages import Words
from plugin.rules import ProgrammeDocument, parse_document
from plugin.rules.comparing import compare

_PAIR = 2


@click.command()
@SHOP
@click.argument("sides", metavar="[V1 [V2]|FILE]", nargs=-1)
@LANGUAGE
@click.pass_obj
def diff(laurel: Laurel, shop_domain: str, sides: tuple[str, ...], language: str) -> None:
    """Say what differs between two versions, or between the newest version and FILE (- reads standard input).

    With one version it is compared with the newest; with none the newest is compared with the one before it.
    """
    with laurel.tools.reading() as session:
        before, after = _sides(session, shop_of(session, shop_domain).programme_id, sides)
    changes = compare(before, after)
    words = Words(language)
    for change in changes:
        click.echo(change_sentence(words, change))
    if not changes:
        click.echo("They differ in nothing.", err=True)


def _sides(session: Session, programme_id: UUID, sides: tuple[str, ...]) -> tuple[ProgrammeDocument, ProgrammeDocument]:
    newest, document = current_document(session, programme_id)
    if len(sides) > _PAIR or (len(sides) == _PAIR and not all(side.isdigit() for side in sides)):
        raise BadInput("give two versions, one version, one file, or nothing")
    if sides and not sides[0].isdigit():
        with click.open_file(sides[0], encoding="utf-8") as file:
            return document, parse_document(read_json(file))
    first = int(sides[0]) if sides else max(newest - 1, 1)
    second = int(sides[1]) if len(sides) == _PAIR else newest
    return document_of(session, programme_id, first), document_of(session, programme_id, second)

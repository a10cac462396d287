"""Segments: groups of members that a programme's document names."""

from __future__ import annotations

import click

from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.journeys.segments import count_segment


@click.group()
def segment() -> None:
    """A group of members that the programme's document names."""


@segment.command()
@SHOP
@click.argument("segment_id", metavar="SEGMENT")
@click.pass_obj
def count(laurel: Laurel, shop_domain: str, segment_id: str) -> None:
    """Count the members in SEGMENT now."""
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        found = count_segment(session, programme_id, segment_id, laurel.tools.clock())
    read = f", read from Shopify {found.read_at:%Y-%m-%d %H:%M} UTC" if found.read_at else ""
    click.echo(f"{found.members} members{read}")

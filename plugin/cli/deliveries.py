"""The inbox: what arrived, what could not be processed, and trying again."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

import click

from plugin import inbox
from plugin.cli.start import SHOP, Laurel, shop_of

_STATES = ("waiting", "done", "dead_letter")
_REPLAY_MAX = 10_000


@click.group()
def deliveries() -> None:
    """Webhooks that arrived."""


@deliveries.command("list")
@SHOP
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_(laurel: Laurel, shop_domain: str, state: str | None, limit: int, as_json: bool) -> None:
    """List a shop's deliveries, newest first."""
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        arrivals = inbox.list_deliveries(session, programme_id, state=state, limit=limit)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in arrivals], indent=2, default=str))
        return
    for one in arrivals:
        click.echo(
            f"{one.delivery_id}  {one.received_at:%Y-%m-%d %H:%M:%S}  {one.state:<11}  {one.topic}  {one.error or ''}".rstrip()
        )
    if not arrivals:
        click.echo("Nothing arrived." if state is None else f"None is in state {state}.", err=True)


@deliveries.command()
@SHOP
@click.argument("delivery_id", type=click.UUID)
@click.option("--body", is_flag=True, help="Print the body too; it may hold personal data.")
@click.pass_obj
def show(laurel: Laurel, shop_domain: str, delivery_id: UUID, body: bool) -> None:
    """Show one delivery as JSON."""
    tools = laurel.tools
    with tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        arrival, raw = inbox.read_delivery(session, tools.sealer, programme_id, delivery_id)
    page = asdict(arrival) | ({"body": raw.decode(errors="replace")} if body else {"body_bytes": len(raw)})
    click.echo(json.dumps(page, indent=2, ensure_ascii=False, default=str))


@deliveries.command()
@SHOP
@click.argument("delivery_ids", metavar="[DELIVERY_ID]...", nargs=-1, type=click.UUID)
@click.option("--dead-letters", is_flag=True, help="All that were set aside.")
@click.pass_obj
def replay(laurel: Laurel, shop_domain: str, delivery_ids: tuple[UUID, ...], dead_letters: bool) -> None:
    """Put deliveries back in line; what was right already will change nothing."""
    if not delivery_ids and not dead_letters:
        raise click.UsageError("name deliveries, or ask for --dead-letters")
    tools = laurel.tools
    with tools.writing() as session:
        programme_id = shop_of(session, shop_domain).programme_id
        chosen = set(delivery_ids)
        if dead_letters:
            dead = inbox.list_deliveries(session, programme_id, state="dead_letter", limit=_REPLAY_MAX)
            chosen |= {one.delivery_id for one in dead}
        count = inbox.replay(session, programme_id, chosen, tools.clock())
    click.echo(f"{count} put back in line; the running service will take them.")
    if count < len(chosen):
        raise click.ClickException(
            f"{len(chosen) - count} could not be replayed: unknown, or their bodies have been erased"
        )

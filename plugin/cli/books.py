"""The ledger's invariants."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from plugin.cli.start import Laurel, shop_of
from plugin.journeys.proving import verify


@click.group()
def ledger() -> None:
    """The points' books."""


@ledger.command("verify")
@click.argument("shop_domain", metavar="[SHOP]", required=False)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def verify_(ctx: click.Context, shop_domain: str | None, as_json: bool) -> None:
    """Check every invariant of the books, of one shop's programme or of all; exit 1 when one is broken."""
    laurel: Laurel = ctx.obj
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id if shop_domain else None
        violations = verify(session, programme_id)
    if as_json:
        click.echo(json.dumps({"violations": [asdict(one) for one in violations]}, indent=2, default=str))
    else:
        for one in violations:
            click.echo(str(one))
        click.echo(f"{len(violations)} violations." if violations else "The books are sound.")
    ctx.exit(1 if violations else 0)

"""Settle what is due, by hand."""

from __future__ import annotations

from datetime import datetime

import click

from plugin.cli.start import Instant, Laurel
from plugin.engine import Engine
from plugin.wiring import build_tools, job_kinds


@click.command("run-due")
@click.option("--at", metavar="INSTANT", type=Instant(), help="Act as at this instant (development only).")
@click.pass_context
def run_due(ctx: click.Context, at: datetime | None) -> None:
    """Settle everything that is due: redemptions, maturities, balances at Shopify, tokens, missed orders."""
    laurel: Laurel = ctx.obj
    if at is not None and laurel.settings.is_production:
        raise click.UsageError("--at works in development only: points would mature or expire too early")
    now = at or laurel.clock()
    tools = build_tools(laurel.settings, clock=lambda: now)
    laurel.closing.append(tools.database.dispose)
    results = Engine(job_kinds(tools), tools.clock).run_due(now)
    for kind, (settled, failed) in results.items():
        click.echo(f"{kind:<12} {settled} settled" + (f", {failed} failed" if failed else ""))
    ctx.exit(1 if any(failed for _, failed in results.values()) else 0)

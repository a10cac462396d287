"""Settle what is due, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from plugin.cli.start import Laurel
from plugin.engine import Engine
from plugin.wiring import build_tools, job_kinds


@click.command("run-due")
@click.option(
    "--at",
    "at_text",
    metavar="INSTANT",
    help="Act as at this instant, as in 2026-12-24T18:00+02:00 (development only).",
)
@click.pass_context
def run_due(ctx: click.Context, at_text: str | None) -> None:
    """Settle everything that is due: redemptions, maturities, balances at Shopify, tokens, missed orders."""
    laurel: Laurel = ctx.obj
    if at_text is not None and laurel.settings.is_production:
        raise click.UsageError("--at works in development only: points would mature or expire too early")
    at = _instant(at_text) if at_text else laurel.clock()
    tools = build_tools(laurel.settings, clock=lambda: at)
    laurel.closing.append(tools.database.dispose)
    results = Engine(job_kinds(tools), tools.clock).run_due(at)
    for kind, (settled, failed) in results.items():
        click.echo(f"{kind:<12} {settled} settled" + (f", {failed} failed" if failed else ""))
    ctx.exit(1 if any(failed for _, failed in results.values()) else 0)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter(f"{text!r} is not an instant", param_hint="--at") from fault
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)

"""The ledger's invariants."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict

import click

from plugin.cli.books_apart import check_all
from plugin.cli.start import Laurel, shop_of
from plugin.journeys.proving import Violation, check_guards, list_newest_seals
from plugin.journeys.proving_days import prove_whole
from plugin.programme.store import list_programmes


@click.group()
def ledger() -> None:
    """The points' books."""


@ledger.command("verify")
@click.argument("shop_domain", metavar="[SHOP]", required=False)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, help="How many processes share the programmes.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def verify_(ctx: click.Context, shop_domain: str | None, jobs: int, as_json: bool) -> None:
    """Check every invariant of the books and every sealed day, of one shop's programme or of all; exit 1 when one is broken."""
    laurel: Laurel = ctx.obj
    with laurel.tools.reading() as session:
        programme_id = shop_of(session, shop_domain).programme_id if shop_domain else None
        programmes = [programme_id] if programme_id else [one.programme_id for one in list_programmes(session)]
        violations = _told("guards", check_guards(session))
        seals = list_newest_seals(session, programme_id)
    violations += _told("books and sealed days", check_all(laurel.settings.database_url, programmes, jobs))
    if as_json:
        shown = {"violations": [asdict(one) for one in violations], "seals": [asdict(one) for one in seals]}
        click.echo(json.dumps(shown, indent=2, default=str))
    else:
        for violation in violations:
            click.echo(str(violation))
        for one in seals:
            click.echo(
                f"{one.programme_id}: sealed before {one.closed_at:%Y-%m-%d} (seal {one.number}, chain {one.chain})"
            )
        click.echo(f"{len(violations)} violations." if violations else "The books are sound.")
    ctx.exit(1 if violations else 0)


@ledger.command("prove")
@click.argument("shop_domain", metavar="[SHOP]", required=False)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def prove_(ctx: click.Context, shop_domain: str | None, as_json: bool) -> None:
    """Make today's proof now, and whole: every invariant, order and account, of one shop's programme or of all; exit 1 on a difference.

    The merchant sees its result in the place of the daily one.
    """
    laurel: Laurel = ctx.obj
    with laurel.tools.reading() as session:
        chosen = [one.programme_id for one in list_programmes(session)]
        if shop_domain:
            chosen = [shop_of(session, shop_domain).programme_id]
    proofs = [prove_whole(laurel.tools, one, laurel.clock()) for one in chosen]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in proofs], indent=2, default=str))
    else:
        for one in proofs:
            looked_at = f"{one.accounts:,} accounts, {one.orders:,} orders, {one.entries:,} entries"
            click.echo(f"{one.programme_id}: {looked_at}, {one.differences:,} differences")
            for difference in one.details:
                click.echo(f"  {json.dumps(difference)}")
    ctx.exit(0 if all(one.is_sound for one in proofs) else 1)


def _told(name: str, found: Iterator[Violation]) -> list[Violation]:
    """Say on standard error what is looked at, and how long it took: on big books that is a while."""
    begun = time.monotonic()
    click.echo(f"{name} …", err=True)
    violations = list(found)
    click.echo(f"{name}: {len(violations)} violations, {time.monotonic() - begun:.1f} s", err=True)
    return violations

"""Past orders from the command line: counted, then let count. What the page in the admin does, without a browser."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import datetime
from typing import Any

import click

from plugin.cli.start import SHOP, Instant, Laurel, shop_of
from plugin.errors import NotFound
from plugin.journeys.backfill_pages import work_page
from plugin.journeys.backfilling import (
    Ask,
    BackfillView,
    backfill_view,
    cancel_backfill,
    count_past,
    newest_backfills,
    start_backfill,
)
from plugin.messages import Words
from plugin.orders.backfills import Backfill, Sum
from plugin.shops.store import Shop


@click.command()
@SHOP
@click.option(
    "--since",
    type=Instant(),
    metavar="INSTANT",
    help="Orders placed from this instant on (UTC, unless it names an offset).",
)
@click.option(
    "--until", type=Instant(), metavar="INSTANT", help="… until just before this one; by default the shop's start line."
)
@click.option(
    "--version", type=click.IntRange(1), help="The document's version they count under; by default the current one."
)
@click.option("--dry-run", is_flag=True, help="Count only: say what it would give, and give nothing.")
@click.option(
    "--resume", is_flag=True, help="Go on with the newest one, where it was stopped or where only its count was made."
)
@click.option("--cancel", is_flag=True, help="End the newest one: what counts by now goes on counting.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def backfill(laurel: Laurel, /, shop_domain: str, *, as_json: bool, **given: Any) -> None:
    """Let orders of SHOP from before its start line count: --since 2026-01-01 --dry-run first."""
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
    one = _chosen(laurel, shop, given)
    if given["cancel"]:
        cancel_backfill(laurel.tools, one.programme_id, one.backfill_id)
        _tell(_view(laurel, one), as_json=as_json)
        return
    view = _work(laurel, one)
    if view.backfill.state == "counted" and not given["dry_run"]:
        if not as_json:
            _tell(view)
        start_backfill(laurel.tools, one.programme_id, one.backfill_id)
        view = _work(laurel, one)
    _tell(view, as_json=as_json)


def _chosen(laurel: Laurel, shop: Shop, given: dict[str, Any]) -> Backfill:
    """Begin a new one, or find the newest."""
    if given["resume"] or given["cancel"]:
        with laurel.tools.reading() as session:
            views = newest_backfills(session, shop)
        if not views:
            raise NotFound("no past orders were counted for this shop")
        return views[0].backfill
    since: datetime | None = given["since"]
    if since is None:
        raise click.UsageError("say --since when, or --resume")
    ask = Ask(since, f"command:{getpass.getuser()}", given["until"], given["version"])
    return count_past(laurel.tools, shop.shop_id, ask)


def _work(laurel: Laurel, one: Backfill) -> BackfillView:
    """Work its present state through, here and now; a worker elsewhere may take part, and nothing is done twice."""
    view = _view(laurel, one)
    label = {"counting": "Counting", "running": "Giving"}.get(view.backfill.state, "")
    days = max((view.backfill.until - view.backfill.since).days, 1)
    with click.progressbar(length=days, label=label, file=sys.stderr) as bar:
        while work_page(laurel.tools, one.programme_id, one.backfill_id, laurel.tools.clock()):
            view = _view(laurel, one)
            reached = view.backfill.reached_at or view.backfill.since
            bar.update(max((reached - view.backfill.since).days - bar.pos, 0))
        bar.update(days - bar.pos)
    return _view(laurel, one)


def _view(laurel: Laurel, one: Backfill) -> BackfillView:
    with laurel.tools.reading() as session:
        return backfill_view(session, one.programme_id, one.backfill_id)


def _tell(view: BackfillView, *, as_json: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(_shown(view), indent=2))
        return
    one, count, words = view.backfill, view.count, Words("en")
    is_given = one.started_at is not None
    click.echo(
        f"{one.state}: orders placed from {one.since:%Y-%m-%d %H:%M} until {one.until:%Y-%m-%d %H:%M} UTC, version {one.document_version}"
    )
    if view.is_clamped:
        click.echo("  Shopify shows only the last 60 days without the scope read_all_orders: the range begins there.")
    click.echo(f"  {'gave' if is_given else 'would give'}: {_line(count.given if is_given else count.expected)}")
    if count.lapsed:
        click.echo(f"  up to {count.lapsed} of these points are past their expiry date")
    click.echo(f"  {_worth(view, words)}")
    for why, number in count.whys.items():
        click.echo(f"  nothing: {number} {words.say(f'admin.past.why.{why}')}")


def _line(one: Sum) -> str:
    return f"{one.points} points by {one.giving} of {one.orders} orders, {one.customers} customers"


def _worth(view: BackfillView, words: Words) -> str:
    if view.rate is None:
        return words.say("admin.past.cost.none")
    points, rate = view.points, view.rate
    worth, amount = (words.money(one, view.currency) for one in (rate.worth(points, view.currency), rate.amount))
    return words.say("admin.past.cost", worth=worth, points=points, amount=amount, price=rate.points)


def _shown(view: BackfillView) -> dict[str, Any]:
    one, count = view.backfill, view.count
    worth = view.rate and view.rate.worth(view.points, view.currency)
    return {
        "id": str(one.backfill_id),
        "state": one.state,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "asked_since": one.asked_since.isoformat(),
        "version": one.document_version,
        "expected": _sum(count.expected),
        "lapsed": count.lapsed,
        "given": _sum(count.given),
        "nothing": dict(count.whys),
        "worth": None if worth is None else f"{worth:f}",
        "currency": view.currency,
        "fault": one.fault,
    }


def _sum(one: Sum) -> dict[str, int]:
    return {"orders": one.orders, "giving": one.giving, "customers": one.customers, "points": one.points}

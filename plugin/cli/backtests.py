"""A draft of the programme tried on the past: `laurel programme backtest`. Nothing is written but what is printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TextIO
from uuid import UUID

import click
from sqlalchemy.orm import Session

from plugin.cli.backtests_apart import replay_all
from plugin.cli.backtests_shown import print_report, report_data
from plugin.cli.start import SHOP, Instant, Laurel, shop_of
from plugin.errors import BadInput
from plugin.facts import OrderSnapshot, RejectedRow
from plugin.journeys.backtest_members import Window
from plugin.journeys.backtest_report import Assumed, report_of
from plugin.journeys.backtest_sums import put_together
from plugin.journeys.backtesting import Backtest, count_orders, parts_of
from plugin.journeys.documents import current_document, document_of
from plugin.orders.scratch import scratch_of
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument, parse_document
from plugin.sheets.order_export import read_order_export
from plugin.shopify.order_exports import is_graphql, read_order_answers
from plugin.shops.store import Shop
from webhooks.exports import read_order_lines

_ORDERS_A_PART = 10_000
_WORTH_A_PROCESS = 20_000
_REJECTS_TOLD = 20


class Rejects:
    """Rows of an export that are no orders: all counted, the first ones kept."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[RejectedRow] = []

    def sift(self, rows: Iterator[OrderSnapshot | RejectedRow]) -> Iterator[OrderSnapshot]:
        """Let the orders through."""
        for row in rows:
            if isinstance(row, OrderSnapshot):
                yield row
                continue
            self.count += 1
            if len(self.first) < _REJECTS_TOLD:
                self.first.append(row)


@click.command()
@SHOP
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option(
    "--against", metavar="current|VERSION|FILE", help="Hold it against another document: who would have more, who less."
)
@click.option(
    "--orders",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay these, not the stored orders: Shopify's order export (.csv), or bodies of webhooks or GraphQL, one a line (.jsonl).",
)
@click.option("--since", type=Instant(), metavar="INSTANT", help="Tell orders placed from this instant on.")
@click.option("--until", type=Instant(), metavar="INSTANT", help="… until just before this one.")
@click.option(
    "--redemption-rate",
    type=click.FloatRange(0, 1),
    default=0.7,
    show_default=True,
    help="Which share of the points you expect to be redeemed.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="How many processes share the work; by default one a core.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def backtest(laurel: Laurel, /, shop_domain: str, file: TextIO | None, *, as_json: bool, **given: Any) -> None:
    """Replay the past of SHOP's programme under FILE (- reads standard input; by default the current document). Nothing is written."""
    rejects = Rejects()
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
        programme = get_programme(session, shop.programme_id)
        draft = _parsed(file) if file else current_document(session, shop.programme_id)[1]
        against = _chosen(session, shop, given["against"]) if given["against"] else None
    window = Window(programme.timezone, given["since"], given["until"], laurel.clock())
    assumed = Assumed(programme.currency, Decimal(str(given["redemption_rate"])))
    with _exported(given["orders"], shop, rejects) as scratch:
        has_no_ids = scratch is not None and given["orders"].suffix.casefold() == ".csv"
        one = Backtest(shop.programme_id, window, draft, against, scratch, has_no_ids)
        sums = put_together(_replay(laurel, one, given["jobs"]))
    report = report_of(sums, assumed, draft, against)
    if as_json:
        click.echo(json.dumps(report_data(report, window, rejects.count, rejects.first), indent=2))
    else:
        print_report(report, rejects.count, rejects.first, is_export=scratch is not None, has_no_ids=has_no_ids)


def _replay(laurel: Laurel, one: Backtest, jobs: int | None) -> Iterator[Any]:
    """Replay all parts, with a bar on standard error where somebody looks at it."""
    with laurel.tools.reading() as session:
        number, parts = count_orders(session, one), parts_of(session, one, _ORDERS_A_PART)
    jobs = jobs or (min(os.cpu_count() or 1, 1 + number // _WORTH_A_PROCESS))
    with click.progressbar(length=number, label="Replaying", file=sys.stderr) as bar:
        yield from replay_all(laurel.tools.database, one, parts, jobs, bar.update)


@contextmanager
def _exported(path: Path | None, shop: Shop, rejects: Rejects) -> Iterator[str | None]:
    """Lay down an export's orders; without one there is nothing to lay down."""
    if path is None:
        yield None
        return
    owner = (shop.programme_id, shop.shop_id)
    with path.open("rb") as raw, path.open(encoding="utf-8-sig", newline="") as text:
        is_csv = path.suffix.casefold() == ".csv"
        rows = read_order_export(text, owner) if is_csv else _bodies(raw, owner)
        with scratch_of(rejects.sift(rows)) as scratch:
            yield scratch


def _bodies(raw: BinaryIO, owner: tuple[UUID, UUID]) -> Iterator[OrderSnapshot | RejectedRow]:
    """Read order bodies in the names that the first of them is written in: those of webhooks, or those of GraphQL."""
    first = next((line for line in raw if line.strip()), b"")
    raw.seek(0)
    return read_order_answers(raw, owner) if is_graphql(first) else read_order_lines(raw, owner)


def _chosen(session: Session, shop: Shop, name: str) -> ProgrammeDocument:
    """Find the document that a draft is held against."""
    if name == "current":
        return current_document(session, shop.programme_id)[1]
    if name.isdigit():
        return document_of(session, shop.programme_id, int(name))
    with click.open_file(name, encoding="utf-8") as file:
        return _parsed(file)


def _parsed(file: Any) -> ProgrammeDocument:
    try:
        return parse_document(json.load(file))
    except ValueError as fault:
        raise BadInput(f"{file.name} is not JSON: {fault}") from fault

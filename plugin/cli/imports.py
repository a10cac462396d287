"""Sheets from the command line: checked, run, reported, undone. What the page in the admin does, without a browser."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.journeys.adjusting import WHYS
from plugin.journeys.importing import (
    KINDS,
    SheetView,
    Upload,
    newest_sheets,
    receive_sheet,
    rejected_file,
    sheet_view,
    start_sheet,
    undo_sheet,
)
from plugin.journeys.working_sheets import work_batch
from plugin.messages import Words
from plugin.sheets.shapes import SHAPES

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
IMPORT = click.argument("import_id", type=click.UUID)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")
REPORT = click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows not taken here, as CSV."
)


@click.group("import")
def imports() -> None:
    """Bulk adjustments and opening balances from CSV files."""


@imports.command()
@SHOP
@FILE
@click.option("--kind", type=click.Choice(KINDS), default="opening", show_default=True)
@click.option(
    "--shape", type=click.Choice(sorted(SHAPES)), help="Which app wrote the file; by default its columns tell."
)
@click.option(
    "--expiry", type=click.Choice(("programme", "never")), default="programme", help="Of points without a date."
)
@click.option("--why", type=click.Choice(WHYS), default="promotion", help="Of adjustments.")
@click.option("--note", help="What the shopper reads beside an adjustment without a note of its own.")
@click.option("--may-owe", is_flag=True, help="What is taken away and not there becomes debt.")
@click.option("--run", "is_run", is_flag=True, help="Go on and change points, if the check finds no row to refuse.")
@REPORT
@AS_JSON
@click.pass_context
def check(ctx: click.Context, /, shop_domain: str, file: Path, **given: Any) -> None:
    """Read FILE and say what it would do; nothing is changed. Exit 1 when rows are refused."""
    laurel: Laurel = ctx.obj
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
    options = {"expiry": given["expiry"]} if given["kind"] == "opening" else _of_adjustments(given)
    upload = Upload(given["kind"], file.name, file.read_bytes(), _actor(), given["shape"], options)
    kept = receive_sheet(laurel.tools, shop, upload)
    view = _work(laurel, kept.programme_id, kept.sheet_id)
    if given["is_run"] and not view.tally.faults:
        start_sheet(laurel.tools, kept.programme_id, kept.sheet_id, _actor())
        view = _work(laurel, kept.programme_id, kept.sheet_id)
    _report(ctx, view, given["rejected"], as_json=given["as_json"])


@imports.command()
@SHOP
@IMPORT
@click.option("--repeat", is_flag=True, help="Even if the very same content ran before.")
@REPORT
@AS_JSON
@click.pass_context
def run(ctx: click.Context, /, shop_domain: str, import_id: UUID, **given: Any) -> None:
    """Let a checked import change points; rows that were refused stay out. Stopped anywhere, run it again."""
    laurel: Laurel = ctx.obj
    programme_id = _programme(laurel, shop_domain)
    start_sheet(laurel.tools, programme_id, import_id, _actor(), may_repeat=given["repeat"])
    _report(ctx, _work(laurel, programme_id, import_id), given["rejected"], as_json=given["as_json"])


@imports.command()
@SHOP
@IMPORT
@AS_JSON
@click.pass_context
def undo(ctx: click.Context, /, shop_domain: str, import_id: UUID, *, as_json: bool) -> None:
    """Take back all that an import changed."""
    laurel: Laurel = ctx.obj
    programme_id = _programme(laurel, shop_domain)
    undo_sheet(laurel.tools, programme_id, import_id)
    view = _work(laurel, programme_id, import_id)
    click.echo(json.dumps(_shown(view), indent=2) if as_json else _line(view))


@imports.command("list")
@SHOP
@AS_JSON
@click.pass_obj
def list_(laurel: Laurel, shop_domain: str, *, as_json: bool) -> None:
    """Name the newest imports, newest first."""
    programme_id = _programme(laurel, shop_domain)
    with laurel.tools.reading() as session:
        views = newest_sheets(session, programme_id, limit=50)
    if as_json:
        click.echo(json.dumps([_shown(one) for one in views], indent=2))
    for one in [] if as_json else views:
        click.echo(_line(one))
    if not views:
        click.echo("Nothing was imported.", err=True)


def _of_adjustments(given: dict[str, Any]) -> dict[str, Any]:
    return {"why": given["why"], "public_note": given["note"], "may_owe": given["may_owe"]}


def _programme(laurel: Laurel, shop_domain: str) -> UUID:
    with laurel.tools.reading() as session:
        return shop_of(session, shop_domain).programme_id


def _work(laurel: Laurel, programme_id: UUID, sheet_id: UUID) -> SheetView:
    """Work the sheet's present state through, here and now; a worker elsewhere may take part, and nothing is done twice."""
    view = _view(laurel, programme_id, sheet_id)
    with click.progressbar(length=view.sheet.lines, label=view.sheet.state.capitalize(), file=sys.stderr) as bar:
        while work_batch(laurel.tools, programme_id, sheet_id, laurel.tools.clock()):
            view = _view(laurel, programme_id, sheet_id)
            bar.update(view.rows_done - bar.pos)
        bar.update(view.sheet.lines - bar.pos)
    return _view(laurel, programme_id, sheet_id)


def _view(laurel: Laurel, programme_id: UUID, sheet_id: UUID) -> SheetView:
    with laurel.tools.reading() as session:
        return sheet_view(session, programme_id, sheet_id)


def _report(ctx: click.Context, view: SheetView, file: Path | None, *, as_json: bool) -> None:
    laurel: Laurel = ctx.obj
    if file is not None:
        with laurel.tools.reading() as session:
            text = rejected_file(session, laurel.tools.sealer, view.sheet, Words("en"))
        file.write_text(text, encoding="utf-8", newline="")
    click.echo(json.dumps(_shown(view), indent=2) if as_json else _line(view))
    for code, count in () if as_json else view.tally.faults.items():
        click.echo(f"  refused: {count} {Words('en').say(f'admin.fault.{code}')}")
    ctx.exit(1 if view.tally.faults else 0)


def _line(view: SheetView) -> str:
    sheet, counted = view.sheet, view.tally
    rows = ", ".join(f"{count} {state}" for state, count in sorted(counted.rows.items()))
    return (
        f"{sheet.sheet_id}  {sheet.created_at:%Y-%m-%d %H:%M}  {sheet.kind} ({sheet.shape}) {sheet.state:<8}  {sheet.name}: "
        f"{rows}; +{counted.given} -{counted.taken} points, {counted.customers} customers"
    )


def _shown(view: SheetView) -> dict[str, Any]:
    sheet, counted = view.sheet, view.tally
    return {
        "id": str(sheet.sheet_id),
        "name": sheet.name,
        "kind": sheet.kind,
        "shape": sheet.shape,
        "state": sheet.state,
        "created_at": sheet.created_at.isoformat(),
        "lines": sheet.lines,
        "rows": dict(counted.rows),
        "points_given": counted.given,
        "points_taken": counted.taken,
        "customers": counted.customers,
        "faults": dict(counted.faults),
    }


def _actor() -> str:
    return f"command:{getpass.getuser()}"

"""What caps and budgets have left."""

from __future__ import annotations

import json
from decimal import Decimal

import click

from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.journeys.viewing_limits import BENCHMARK, LimitsView, LimitView, programme_limits, shown


@click.group()
def budget() -> None:
    """Caps and budgets of a programme."""


@budget.command("show")
@SHOP
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show_(laurel: Laurel, shop_domain: str, as_json: bool) -> None:
    """Show what the programme's caps and budgets have used and left in the periods that run now, and what that is worth."""
    with laurel.tools.reading() as session:
        view = programme_limits(session, shop_of(session, shop_domain).programme_id, laurel.tools.clock())
    click.echo(json.dumps(shown(view), indent=2, ensure_ascii=False) if as_json else "\n".join(_page(view)))


def _page(view: LimitsView) -> list[str]:
    if not view.limits and not view.per_member:
        return [f"Version {view.version} sets no caps and no budgets."]
    lines = [_line(view, one) for one in view.limits]
    lines += [f"{one.limit_id}: {one.points:,} points per member and {one.period}" for one in view.per_member]
    trade = (
        f"{BENCHMARK.redeemed_average} % redeemed on average, {BENCHMARK.redeemed_best_quarter} % in the best quarter"
    )
    return [*lines, f"Of points given the trade sees {trade} ({BENCHMARK.source})."]


def _line(view: LimitsView, one: LimitView) -> str:
    name = f"{one.limit.limit_id} ({one.limit.purpose or one.limit.kind}, {one.period})"
    used = f"{one.used:,}{_worth(view.worth(one.used), view.currency)}"
    left = f"{one.left:,}{_worth(view.worth(one.left), view.currency)}"
    return f"{name}: {used} of {one.limit.points:,} points used, {left} left"


def _worth(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else f" = {amount:,f} {currency}"

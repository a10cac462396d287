"""A back-test's report for people, as a table, and for machines, as data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import click

from plugin.facts import RejectedRow
from plugin.journeys.backtest_members import Window
from plugin.journeys.backtest_report import DocumentTold, Report, Told
from plugin.journeys.backtest_sums import MemberSums, Mover
from plugin.messages import Words
from plugin.money import to_major

_HEAD = ("month", "orders", "earning", "points", "spend", "cost", "of spend", "expired", "outstanding", "liability")


def print_report(
    report: Report, rejected: int, rejects: Sequence[RejectedRow], *, is_export: bool, has_no_ids: bool
) -> None:
    """Print tables, reasons and who fares how."""
    words = Words("en")
    click.echo(f"{report.orders:,} orders of {report.members:,} members replayed. Nothing was written.")
    _print_document("The draft", report.draft, report, words)
    if report.against is not None and report.fare is not None:
        _print_document("Held against", report.against, report, words)
        _print_fare(report.fare, has_no_ids=has_no_ids)
    _print_assumed(report, words, is_export=is_export)
    for one in rejects:
        click.echo(f"Row {one.row} was left out: {one.fault}")
    if rejected > len(rejects):
        click.echo(f"{rejected:,} orders of the file were left out in all.")


def report_data(report: Report, window: Window, rejected: int, rejects: Sequence[RejectedRow]) -> dict[str, Any]:
    """Turn the report into JSON-ready data; money as text in major units."""
    fare = report.fare
    return {
        "orders": report.orders,
        "members": report.members,
        "since": window.since and window.since.isoformat(),
        "until": window.until and window.until.isoformat(),
        "timezone": window.timezone,
        "assumed": {
            "currency": report.assumed.currency,
            "redemption_rate": f"{report.assumed.redemption_rate:f}",
        },
        "draft": _document_data(report.draft, report.assumed.currency),
        "against": report.against and _document_data(report.against, report.assumed.currency),
        "fare": fare
        and {
            "more": fare.more,
            "less": fare.less,
            "same": fare.same,
            "distribution": [_size_data(size, count) for size, count in sorted(fare.by_size.items())],
            "winners": [_mover_data(one) for one in fare.winners],
            "losers": [_mover_data(one) for one in fare.losers],
        },
        "rejected": rejected,
        "rejects": [{"row": one.row, "fault": one.fault} for one in rejects],
    }


def _document_data(told: DocumentTold, currency: str) -> dict[str, Any]:
    return {
        "months": [_told_data(one, currency) for one in told.months],
        "total": _told_data(told.total, currency),
        "reward": told.rate and {"points": told.rate.points, "amount": f"{told.rate.amount:f}"},
        "expected_cost": _text(told.expected_cost),
        "nothing": dict(told.nothing),
        "orders_with_unknown_products": told.unknown,
        "tier_moves": [
            {"month": month, "from": before, "to": after, "members": members}
            for month, before, after, members in told.moves
        ],
        "limits_exceeded": [
            {"id": name, "period": period, "asked": asked, "allowed": allowed}
            for name, period, asked, allowed in told.exceeded
        ],
    }


def _told_data(one: Told, currency: str) -> dict[str, Any]:
    return {
        "month": one.name,
        "orders": one.orders,
        "earning": one.earning,
        "points": one.points,
        "spend": f"{_money(one.spend, currency):f}",
        "cost": _text(one.cost),
        "cost_percent": _text(one.cost_percent),
        "expired": one.expired,
        "outstanding": one.outstanding,
        "liability": _text(one.liability),
    }


def _size_data(size: int, count: int) -> dict[str, int]:
    """A difference of two digits is one of 10 to 99 points."""
    low, high = 10 ** (abs(size) - 1), 10 ** abs(size) - 1
    return {"from": low if size > 0 else -high, "to": high if size > 0 else -low, "members": count}


def _mover_data(one: Mover) -> dict[str, Any]:
    difference, who, against, draft = one
    return {"who": who, "against": against, "draft": draft, "difference": difference}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _money(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(to_major(1, currency), ROUND_HALF_EVEN)


def _print_document(title: str, told: DocumentTold, report: Report, words: Words) -> None:
    currency = report.assumed.currency
    click.echo(f"\n{title}")
    _print_table([_HEAD, *(_cells(one, currency, words) for one in (*told.months, told.total))])
    if told.rate is None:
        click.echo("  It offers no reward, so its points have no price.")
    elif told.expected_cost is not None:
        amount, cost = words.money(told.rate.amount, currency), words.money(told.expected_cost, currency)
        click.echo(f"  {told.rate.points:,} points buy {amount}; expected to be redeemed: {cost}.")
    for why, number in told.nothing.items():
        click.echo(f"  nothing: {number:,} {words.say(f'admin.past.why.{why}')}")
    for month, before, after, members in told.moves:
        click.echo(f"  {month}: {members:,} members from {before or 'no tier'} to {after or 'no tier'}")
    for name, period, asked, allowed in told.exceeded:
        click.echo(f"  {name} would not have sufficed in {period}: {asked:,} of {allowed:,} points asked")
    if told.unknown:
        click.echo(
            f"  {told.unknown:,} orders hold products of which nothing is known; rules for products pass them by."
        )


def _cells(one: Told, currency: str, words: Words) -> tuple[str, ...]:
    money = ["" if amount is None else words.money(amount, currency) for amount in (one.cost, one.liability)]
    percent = "" if one.cost_percent is None else f"{one.cost_percent:f} %"
    counted = (one.name, f"{one.orders:,}", f"{one.earning:,}", f"{one.points:,}")
    spend = words.money(_money(one.spend, currency), currency)
    return (*counted, spend, money[0], percent, f"{one.expired:,}", f"{one.outstanding:,}", money[1])


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(["  " + first.strip().ljust(widths[0]), *others]).rstrip())


def _print_fare(fare: MemberSums, *, has_no_ids: bool) -> None:
    click.echo(f"\nUnder the draft {fare.more:,} members have more, {fare.less:,} less, {fare.same:,} the same.")
    for one in (_size_data(size, count) for size, count in sorted(fare.by_size.items())):
        click.echo(f"  {one['from']:+,} to {one['to']:+,} points: {one['members']:,} members")
    for title, movers in (("Most more", fare.winners), ("Most less", fare.losers)):
        for difference, who, against, draft in movers:
            name = f"the customer of {who}" if has_no_ids else f"customer {who}"
            click.echo(f"  {title}: {name}, {against:,} → {draft:,} ({difference:+,})")


def _print_assumed(report: Report, words: Words, *, is_export: bool) -> None:
    """Say what no past order tells."""
    share = words.percent(report.assumed.redemption_rate)
    click.echo(
        f"\nAssumed: {share} of the points are redeemed as soon as they mature; the others lie until they expire."
    )
    click.echo("Tiers and caps see what orders gave; budgets, and caps over all members, are told but not applied.")
    click.echo(
        "Months are those in which orders were placed; points are counted as the orders stand now, refunds taken off."
    )
    if is_export:
        click.echo("Everyone in the file is taken to have joined; their own past begins with it.")

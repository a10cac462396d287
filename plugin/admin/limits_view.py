"""Budgets and caps of the whole programme, ready to be drawn: what was given of each, what is left, and how the trade does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plugin.journeys.viewing_limits import BENCHMARK, LimitsView, LimitView
from plugin.messages import Words
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_caps import Budget, Cap


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit in the period that runs. `tone` warns where nothing is left."""

    limit_id: str
    title: str
    what: str
    used: str
    left: str
    used_points: int
    points: int
    tone: str


@dataclass(frozen=True, slots=True)
class LimitsCard:
    """The card; `benchmark` tells what the trade redeems, and what that would cost here."""

    rows: tuple[LimitRow, ...]
    benchmark: str


def limits_card(view: LimitsView | None, document: ProgrammeDocument, words: Words) -> LimitsCard | None:
    """Prepare the card; None where nothing limits the whole programme."""
    if view is None or not view.limits:
        return None
    limits: list[Cap | Budget] = [*document.caps, *document.budgets]
    titles = {one.id: one.title for one in limits if one.title}
    return LimitsCard(tuple(_row(view, one, titles, words) for one in view.limits), _benchmark(view, words))


def _row(view: LimitsView, one: LimitView, titles: Mapping[str, Mapping[str, str]], words: Words) -> LimitRow:
    limit = one.limit
    what = words.say(f"admin.limits.{limit.purpose or 'cap'}")
    return LimitRow(
        limit_id=limit.limit_id,
        title=words.pick(titles[limit.limit_id]) if limit.limit_id in titles else limit.limit_id,
        what=words.say(f"admin.limits.{limit.period}", what=what),
        used=_points(view, one.used, words),
        left=_points(view, one.left, words),
        used_points=min(one.used, limit.points),
        points=limit.points,
        tone="" if one.left else "loss",
    )


def _points(view: LimitsView, points: int, words: Words) -> str:
    """Say a number of points, and what they take off orders where there is a reward."""
    said, worth = words.say("points.amount", points), view.worth(points)
    return said if worth is None else words.say("admin.limits.worth", points=said, amount=_money(view, worth, words))


def _benchmark(view: LimitsView, words: Words) -> str:
    used = sum(one.used for one in view.limits if one.limit.kind == "budget")
    expected = view.expected(used)
    average, best = words.number(BENCHMARK.redeemed_average), words.number(BENCHMARK.redeemed_best_quarter)
    if not used or expected is None:
        return words.say("admin.limits.benchmark", average=average, best=best)
    amount = _money(view, expected, words)
    return words.say("admin.limits.benchmark.cost", amount=amount, average=average, best=best)


def _money(view: LimitsView, amount: Decimal, words: Words) -> str:
    return words.money(amount, view.currency)

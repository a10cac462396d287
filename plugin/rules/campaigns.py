"""Campaigns as arithmetic: what rules gave and which campaigns run in; what the order gives with them out. Pure.

Of the campaigns that stack as "best" one acts on an order: that of the highest priority, among these the one with which the order
gives most, among these the first of the document. Factors of those that stack as "add" add up, those of "multiply" and the best one
multiply each other and that sum, line by line. Points on top come last, and nothing multiplies them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Self

import msgspec

from plugin.facts import Award, Context, OrderSnapshot
from plugin.rules.conditions import Conditions
from plugin.rules.exact import ONE, ZERO, Exact, exact_text
from plugin.rules.giving import Given, changed, exact_points, times, weights_of
from plugin.rules.order_facts import NO_LINES, LineFacts, OrderFacts
from plugin.rules.running import Window
from plugin.rules.schema_campaigns import Campaign
from plugin.rules.selection import Selection

UTC_NAME = "UTC"


@dataclass(frozen=True, eq=False)
class RunningCampaign:
    """A campaign about orders, compiled. `factor` is 1 where it adds points, `points` is 0 where it multiplies.

    Each is equal to itself alone, so that several can be looked up as fast as one.
    """

    rule_id: str
    window: Window
    conditions: Conditions | None
    selection: Selection | None
    stacking: str
    priority: int
    factor: Fraction
    points: int
    per: str
    is_multiplied: bool = False

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Compile a campaign that multiplies or adds."""
        effect = campaign.effect
        return cls(
            campaign.id,
            Window.of(campaign),
            Conditions.of(campaign.when),
            Selection.of(campaign.match) if campaign.match else None,
            campaign.stacking,
            campaign.priority,
            Fraction(effect.factor) if effect.kind == "multiply" else ONE,
            effect.points if effect.kind == "add" else 0,
            effect.per if effect.kind == "add" else "",
        )

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of the points on top is: by its units, or none where they are for the order."""
        return line.units if self.per == "unit" and self.covers(line) else 0

    def covers(self, line: LineFacts) -> bool:
        """Whether the line is one of the campaign's."""
        return self.selection is None or self.selection.covers(line.line, line.product)

    def unmet(self, order: OrderSnapshot, spend: Fraction, context: Context) -> str | None:
        """Say in a machine word why it does not act on an order; None if it does."""
        if not self.window.holds(order.placed_at, context.timezone or UTC_NAME):
            return "time"
        return self.conditions.unmet(order, spend, context) if self.conditions else None

    @cached_property
    def shown(self) -> dict[str, Any]:
        """What an award tells of it."""
        return {"id": self.rule_id, "factor": exact_text(self.factor), "stacking": self.stacking}


def act(given: Sequence[Given], lines: OrderFacts, running: Sequence[RunningCampaign]) -> list[Given]:
    """Let campaigns that run act on what rules gave for an order; `lines` are those no rule excluded."""
    if not running:
        return list(given)
    others = [one for one in running if one.stacking != "best"]
    rivals = [one for one in running if one.stacking == "best"]
    top = max((one.priority for one in rivals), default=0)
    choices = [[*others, one] for one in rivals if one.priority == top] or [others]
    outcomes = [_outcome(given, lines, sorted(choice, key=lambda one: -one.priority)) for choice in choices]
    return outcomes[0] if len(outcomes) == 1 else max(outcomes, key=exact_points)


def _outcome(given: Sequence[Given], lines: OrderFacts, acting: Sequence[RunningCampaign]) -> list[Given]:
    factors = _Factors.of([one for one in acting if one.factor != 1], lines)
    after = [_multiplied(one, factors) if factors.all and one.rule.is_multiplied else one for one in given]
    return [*after, *_on_top(lines, acting)]


class _Factors(msgspec.Struct, frozen=True):
    """Campaigns that multiply something of an order; `by_line` says which ones act on a line, where some are not about all lines."""

    all: list[RunningCampaign]
    whole: tuple[RunningCampaign, ...]
    by_line: dict[int, tuple[RunningCampaign, ...]] | None

    @classmethod
    def of(cls, factors: Sequence[RunningCampaign], lines: OrderFacts) -> Self:
        """Ask each campaign for its lines, once for all awards; those that find none are left out."""
        whole = tuple([one for one in factors if one.selection is None])
        covered = {
            one: [line for line in lines.lines if one.covers(line)] for one in factors if one.selection is not None
        }
        if not any(covered.values()):
            return cls(list(whole), whole, None)
        found = [one for one in factors if one.selection is None or covered[one]]
        by_line = {id(line): tuple([one for one in found if one.covers(line)]) for line in lines.lines}
        return cls(found, whole, by_line)


def _multiplied(given: Given, factors: _Factors) -> Given:
    """Multiply an award, line by line where a campaign is about some products alone."""
    weights = () if factors.by_line is None else weights_of(given)
    if factors.by_line is None or not any(weights):
        whole = factors.whole
        return times(given, _factor(whole), campaigns=[one.shown for one in whole]) if whole else given
    acting = [factors.by_line[id(line)] for line in given.lines.lines]
    if not any(acting):
        return given
    of_line = [_factor(mine) for mine in acting]
    scale = math.lcm(*[factor.denominator for factor in of_line])  # whole weights are as exact, and faster
    after = tuple(
        [
            weight * factor.numerator * (scale // factor.denominator)
            for weight, factor in zip(weights, of_line, strict=True)
        ]
    )
    points = given.award.points * Fraction(sum(after), sum(weights) * scale)
    told = [one.shown for one in factors.all if any(one in mine for mine in acting)]
    return changed(given, points, after, campaigns=told)


@lru_cache(maxsize=1024)
def _factor(acting: tuple[RunningCampaign, ...]) -> Fraction:
    """What campaigns that act on a line together make of its points; the same few do for days."""
    product, added = ONE, ONE
    for one in acting:
        if one.stacking == "add":
            added += one.factor - 1
        else:
            product *= one.factor
    return product * max(added, ZERO)


def _on_top(lines: OrderFacts, acting: Sequence[RunningCampaign]) -> Iterator[Given]:
    for one in acting:
        taken = lines.those(one.covers) if one.points else NO_LINES
        if not taken.lines:
            continue
        units = Fraction(taken.units) if one.per == "unit" else ONE
        detail: dict[str, Any] = {"kind": "campaign", "per": one.per, "points_each": str(one.points)}
        detail["campaigns"] = [{"id": one.rule_id}]
        if one.per == "unit":
            detail["lines"] = taken.line_ids
        yield Given(one, taken, Award(one.rule_id, units * one.points, units, detail))

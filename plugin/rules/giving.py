"""What rules gave, with the lines they gave it for: so that products, campaigns and rounding can act on parts of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Protocol

import msgspec

from plugin.facts import Award
from plugin.rules.exact import ROUND, ZERO, Exact, Rounding, exact_text, total
from plugin.rules.order_facts import LineFacts, OrderFacts


class Rule(Protocol):
    """What all calculators have in common."""

    @property
    def rule_id(self) -> str:
        """What the document calls it."""

    @property
    def is_multiplied(self) -> bool:
        """Whether tiers, memberships and campaigns act on what it gives."""

    def weight(self, line: LineFacts) -> Exact:
        """How large a line's share of its award is, beside others'; 0 for all where the order as a whole is awarded."""


class Given(msgspec.Struct, frozen=True):
    """An award, the rule it is from, the lines it is for. `weights` are the lines' own where something acted on them singly."""

    rule: Rule
    lines: OrderFacts
    award: Award
    weights: tuple[Exact, ...] | None = None


def weights_of(given: Given) -> tuple[Exact, ...]:
    """Say how large the lines' shares of an award are beside each other; 0 for all where it is for the order as a whole."""
    if given.weights is not None:
        return given.weights
    return tuple([given.rule.weight(line) for line in given.lines.lines])


def changed(given: Given, points: Fraction, weights: tuple[Exact, ...] | None, **told: Any) -> Given:
    """Give other points for the same, and tell what they were before and what changed them."""
    award = given.award
    detail = {"before": exact_text(award.points), **award.detail, **told}
    return Given(given.rule, given.lines, Award(award.rule_id, points, award.basis, detail), weights)


def times(given: Given, factor: Fraction, **told: Any) -> Given:
    """Multiply an award as a whole."""
    return changed(given, given.award.points * factor, given.weights, **told)


def exact_points(given: Sequence[Given]) -> Fraction:
    """Add up awards, exactly."""
    return total([one.award.points for one in given])


def rounded_by_line(given: Sequence[Given], rounding: Rounding) -> int:
    """Make whole points of what each line gives, and of what is for the order as a whole."""
    by_line: dict[int | None, Fraction] = {}
    for one in given:
        for line_id, points in _by_line(one):
            by_line[line_id] = by_line.get(line_id, ZERO) + points
    return sum(ROUND[rounding](points) for points in by_line.values())


def _by_line(given: Given) -> Iterator[tuple[int | None, Fraction]]:
    """Part an award among its lines; None stands for the order as a whole."""
    weights = weights_of(given)
    if not (whole := sum(weights)):
        yield None, given.award.points
        return
    each = given.award.points / whole
    for line, weight in zip(given.lines.lines, weights, strict=True):
        yield line.line.line_id, each * weight

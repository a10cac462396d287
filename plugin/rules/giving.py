"""What rules gave, with the lines they gave it for: so that products, campaigns and rounding can act on parts of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from plugin.facts import Award
from plugin.rules.exact import ROUND, ZERO, Exact, Rounding, exact_text
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


class Given(NamedTuple):
    """An award, the rule it is from, the lines it is for. `shares` are the lines' own parts where something acted on them singly."""

    rule: Rule
    lines: OrderFacts
    award: Award
    shares: tuple[Fraction, ...] | None = None


def shares_of(given: Given) -> tuple[Fraction, ...]:
    """Part an award among its lines; empty where it is for the order as a whole."""
    if given.shares is not None:
        return given.shares
    weights = [given.rule.weight(line) for line in given.lines.lines]
    total = sum(weights)
    if not total:
        return ()
    each = given.award.points / total
    return tuple(each * weight for weight in weights)


def changed(given: Given, points: Fraction, shares: tuple[Fraction, ...] | None, **told: Any) -> Given:
    """Give other points for the same, and tell what they were before and what changed them."""
    award = given.award
    detail = {"before": exact_text(award.points), **award.detail, **told}
    return Given(given.rule, given.lines, Award(award.rule_id, points, award.basis, detail), shares)


def times(given: Given, factor: Fraction, **told: Any) -> Given:
    """Multiply an award as a whole."""
    shares = None if given.shares is None else tuple(share * factor for share in given.shares)
    return changed(given, given.award.points * factor, shares, **told)


def rounded(given: Sequence[Given], rounding: Rounding, *, is_per_line: bool) -> int:
    """Make whole points of all awards of an order: of their sum, or of what each line gives."""
    if not is_per_line:
        return ROUND[rounding](sum((one.award.points for one in given), ZERO))
    by_line: dict[int | None, Fraction] = {}
    for one in given:
        if shares := shares_of(one):
            for line, share in zip(one.lines.lines, shares, strict=True):
                by_line[line.line.line_id] = by_line.get(line.line.line_id, ZERO) + share
        else:
            by_line[None] = by_line.get(None, ZERO) + one.award.points
    return sum(ROUND[rounding](points) for points in by_line.values())

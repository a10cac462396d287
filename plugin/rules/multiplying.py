"""Factors of who buys: what a tier and paid memberships make of the points that rules gave, before campaigns and the one rounding.

They multiply each other, whatever their sequence, and act on every award of the order alike, but for bonuses that say they are not
multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from plugin.facts import Context
from plugin.rules.exact import ONE, exact_text
from plugin.rules.giving import Given, times
from plugin.rules.schema import ProgrammeDocument


@dataclass(frozen=True, slots=True)
class Multiplier:
    """One factor, and the part of the document that it comes from."""

    kind: Literal["tier", "membership"]
    part_id: str
    factor: Fraction

    @property
    def shown(self) -> dict[str, Any]:
        """What an explanation tells of it."""
        return {"kind": self.kind, "id": self.part_id, "factor": exact_text(self.factor)}


def multipliers_of(document: ProgrammeDocument, context: Context) -> tuple[Multiplier, ...]:
    """List the factors other than one that the frozen context brings: the tier's, then those of memberships that ran."""
    if context.tier is None and not context.memberships:
        return ()
    tiers = document.tiers.levels if document.tiers else ()
    found = [_multiplier("tier", one.id, one.multiplier) for one in tiers if one.id == context.tier]
    ran = (one for one in document.memberships if one.id in context.memberships)
    found += [_multiplier("membership", one.id, one.multiplier) for one in ran if one.multiplier is not None]
    return tuple(one for one in found if one.factor != 1)


def multiplied(given: Sequence[Given], multipliers: Sequence[Multiplier]) -> list[Given]:
    """Let every factor act on every award; an award of which nothing is left is none. Each tells what it was before."""
    if not multipliers:
        return list(given)
    factor = ONE
    for one in multipliers:
        factor *= one.factor
    shown = [one.shown for one in multipliers]
    after = (times(one, factor, multipliers=shown) if one.rule.is_multiplied else one for one in given)
    return [one for one in after if one.award.points]


def _multiplier(kind: Literal["tier", "membership"], part_id: str, factor: Decimal) -> Multiplier:
    return Multiplier(kind, part_id, Fraction(factor))

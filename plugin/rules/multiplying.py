"""Factors of who buys: what a tier and paid memberships make of the points that rules gave, before campaigns and the one rounding.

They multiply each other, whatever their sequence, and act on every award of the order alike, but for bonuses that say they are not
multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, Self

from plugin.facts import Context
from plugin.rules.exact import ONE, exact_text
from plugin.rules.giving import Given, times
from plugin.rules.schema import ProgrammeDocument


@dataclass(frozen=True)
class Multiplier:
    """One factor, and the part of the document that it comes from."""

    kind: Literal["tier", "membership"]
    part_id: str
    factor: Fraction

    @cached_property
    def shown(self) -> dict[str, Any]:
        """What an explanation tells of it."""
        return {"kind": self.kind, "id": self.part_id, "factor": exact_text(self.factor)}


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The factors other than one that a document knows, by tier, and of paid memberships in the document's sequence."""

    tiers: Mapping[str, Multiplier]
    memberships: tuple[Multiplier, ...]

    @classmethod
    def of(cls, document: ProgrammeDocument) -> Self:
        """Read them off a document."""
        tiers = (
            _multiplier("tier", one.id, one.multiplier) for one in (document.tiers.levels if document.tiers else ())
        )
        memberships = (_multiplier("membership", one.id, one.multiplier) for one in document.memberships)
        return cls({one.part_id: one for one in tiers if one}, tuple(one for one in memberships if one))

    def acting(self, context: Context) -> tuple[Multiplier, ...]:
        """List those that the frozen context brings: the tier's, then those of memberships that ran."""
        ran = tuple(one for one in self.memberships if one.part_id in context.memberships)
        mine = self.tiers.get(context.tier) if context.tier is not None else None
        return (mine, *ran) if mine else ran


def multiplied(given: Sequence[Given], multipliers: Sequence[Multiplier]) -> list[Given]:
    """Let every factor act on every award; an award of which nothing is left is none. Each tells what it was before."""
    if not multipliers:
        return list(given)
    factor = math.prod((one.factor for one in multipliers), start=ONE)
    shown = [one.shown for one in multipliers]
    after = (times(one, factor, multipliers=shown) if one.rule.is_multiplied else one for one in given)
    return [one for one in after if one.award.points]


def _multiplier(kind: Literal["tier", "membership"], part_id: str, factor: Decimal | None) -> Multiplier | None:
    return None if factor is None or factor == 1 else Multiplier(kind, part_id, Fraction(factor))

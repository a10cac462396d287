"""Likely mistakes in what multiplies points: each factor by itself, and all that may act on one order together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import prod

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.linting_campaigns import may_meet
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import ProductTypeRule

Factor = tuple[str, str, Decimal]


def multiplier_cautions(document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """Look at each factor, then, where each is small enough, at the most that they make together."""
    factors = [one for group in _groups(document) for one in group]
    high = [one for one in factors if one[2] > bounds.multiplier]
    for path, name, factor in high:
        yield Caution(path, "multiplier_high", {"rule": name, "multiplier": factor})
    together = highest_multiplier(document)
    if not high and together > bounds.multiplier:
        places = ", ".join(path for path, _, _ in _strongest(document))
        yield Caution("earning", "multipliers_stack", {"multiplier": together, "places": places})


def highest_multiplier(document: ProgrammeDocument) -> Decimal:
    """The most by which the plain points of one order may be multiplied."""
    return prod((factor for _, _, factor in _strongest(document)), start=Decimal(1))


def _strongest(document: ProgrammeDocument) -> list[Factor]:
    """The strongest factor of each group: one product rule takes a line, one tier is held, but memberships multiply each other."""
    return [max(group, key=lambda one: one[2]) for group in _groups(document) if group]


def _groups(document: ProgrammeDocument) -> list[list[Factor]]:
    """Factors above one, in groups of which one at most acts on an order."""
    rules = [
        (f"earning.rules[{index}].multiplier", rule.id, rule.multiplier)
        for index, rule in enumerate(document.earning.rules)
        if isinstance(rule, ProductTypeRule) and rule.is_active and rule.multiplier is not None
    ]
    tiers = [
        (f"tiers.levels[{index}].multiplier", level.id, level.multiplier)
        for index, level in enumerate(document.tiers.levels if document.tiers else ())
    ]
    memberships = [
        [(f"memberships[{index}].multiplier", one.id, one.multiplier)]
        for index, one in enumerate(document.memberships)
        if one.is_active and one.multiplier is not None
    ]
    return [[one for one in group if one[2] > 1] for group in (rules, tiers, *memberships, *_campaigns(document))]


def _campaigns(document: ProgrammeDocument) -> list[list[Factor]]:
    """Of campaigns that stack as `best` one acts; the others each act together with those whose time or audience they share."""
    acting = [
        (index, one, one.effect.factor)
        for index, one in enumerate(document.campaigns)
        if one.is_active and one.effect.kind == "multiply"
    ]
    best = [
        (f"campaigns[{index}].effect.factor", one.id, factor) for index, one, factor in acting if one.stacking == "best"
    ]
    stacked = [(index, one, factor) for index, one, factor in acting if one.stacking != "best"]
    together = [[other for other in stacked if may_meet(one, other[1])] for _, one, _ in stacked]
    most = max(together, key=lambda group: prod(factor for _, _, factor in group), default=[])
    return [best, *([(f"campaigns[{index}].effect.factor", one.id, factor)] for index, one, factor in most)]

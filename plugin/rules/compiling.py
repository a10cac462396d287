"""Make calculators of a document's earning rules, once per document: orders come by the thousand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from plugin.rules.calculators import ProductTypeRewardCalculator, SpendRewardCalculator
from plugin.rules.exact import ONE, ZERO
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import ProductTypeRule
from plugin.rules.selection import Selection


@dataclass(frozen=True, slots=True)
class Calculators:
    """The active rules in the sequence in which they are asked: product rules that exclude, other product rules, spend rules."""

    products: tuple[ProductTypeRewardCalculator, ...]
    spend: tuple[SpendRewardCalculator, ...]


@lru_cache(maxsize=256)
def calculators_of(document: ProgrammeDocument) -> Calculators:
    """Return the calculators of the document's active rules."""
    active = [rule for rule in document.earning.rules if rule.is_active]
    points_per_unit = Fraction(document.earning.points_per_unit)
    products = [_product_type(rule, points_per_unit) for rule in active if rule.kind == "product_type"]
    return Calculators(
        tuple(sorted(products, key=lambda calculator: not calculator.excludes)),
        tuple(
            SpendRewardCalculator(rule.id, Fraction(rule.points_per_unit)) for rule in active if rule.kind == "spend"
        ),
    )


def _product_type(rule: ProductTypeRule, points_per_unit: Fraction) -> ProductTypeRewardCalculator:
    return ProductTypeRewardCalculator(
        rule_id=rule.id,
        selection=Selection.of(rule.match),
        points_per_unit=points_per_unit,
        multiplier=_exact(rule.multiplier, ONE),
        points_per_item=_exact(rule.points_per_item, ZERO),
        excludes=rule.exclude,
    )


def _exact(number: Decimal | None, otherwise: Fraction) -> Fraction:
    return otherwise if number is None else Fraction(number)

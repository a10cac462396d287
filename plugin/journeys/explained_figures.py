"""The figures of an explanation as people read them, and what multiplied an award."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from plugin.messages import Words

_CENTS = Decimal("0.01")
_UNMULTIPLIED = 1
_KILOGRAM = 1000


def factors(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List what multiplied an award: tiers and memberships, then campaigns."""
    yield from rule.get("multipliers") or ()
    for one in rule.get("campaigns") or ():
        if Fraction(one.get("factor", _UNMULTIPLIED)) != _UNMULTIPLIED:
            yield {"kind": "campaign", **one}


def weight(grams: str, words: Words) -> str:
    """Say a weight in the unit that suits it."""
    exact = rounded(grams)
    return words.weight(exact / 1000, "kg") if exact >= _KILOGRAM else words.weight(exact, "g")


def number(exact: str, words: Words) -> str:
    """Write an exact number with two decimals at most."""
    return words.number(rounded(exact))


def rounded(exact: str) -> Decimal:
    """Two decimals at most: what people read."""
    share = Fraction(exact)
    near = (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENTS, ROUND_HALF_UP)
    return near.quantize(Decimal(1)) if near == near.to_integral_value() else near

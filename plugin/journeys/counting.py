"""What an order counts for beside its points: the eligible spend that tiers, segments and challenges add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from plugin.facts import Evaluation

_MICROS = 10**6


def counted_micros(evaluation: Evaluation) -> int | None:
    """Return the eligible spend of an order, less refunds, in millionths of a major unit; None where the order does not count."""
    base = evaluation.explanation.get("base")
    if base is None:
        return None
    eligible: str = base["eligible"]
    micros = int(Fraction(eligible) * _MICROS) if "/" in eligible else int(Decimal(eligible) * _MICROS)
    return micros or None

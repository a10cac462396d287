"""Exact arithmetic: nothing is rounded before the order's one rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Literal

Rounding = Literal["floor", "half_up", "ceil"]

Exact = int | Fraction

EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""Multiplies and adds amounts regardless of the thread's own precision, and raises rather than round."""

ZERO = Fraction(0)
ONE = Fraction(1)
MICROS = 10**6
"""Millionths of a major unit: no currency has more decimals, and amounts are read with six at most."""
_MICROS = Decimal(MICROS)


def _floor(exact: Fraction) -> int:
    numerator, denominator = exact.as_integer_ratio()
    return numerator // denominator


def _half_up(exact: Fraction) -> int:
    numerator, denominator = exact.as_integer_ratio()
    return (2 * numerator + denominator) // (2 * denominator)


def _ceil(exact: Fraction) -> int:
    numerator, denominator = exact.as_integer_ratio()
    return -(-numerator // denominator)


ROUND: Mapping[Rounding, Callable[[Fraction], int]] = {"floor": _floor, "half_up": _half_up, "ceil": _ceil}
"""The ways to make whole points of exact ones; halves go up."""


def micros(amount: Decimal) -> Exact:
    """Turn major units into millionths, whole unless the amount has more decimals than six."""
    scaled = amount * _MICROS
    whole = int(scaled)
    return whole if whole == scaled else Fraction(scaled)


def in_micros(amount: Fraction) -> Exact:
    """Turn exact major units into millionths, whole where they are."""
    numerator, denominator = amount.as_integer_ratio()
    whole, rest = divmod(numerator * MICROS, denominator)
    return whole if not rest else amount * MICROS


def total(numbers: Sequence[Fraction]) -> Fraction:
    """Add up fractions, reducing once at the end: `sum` reduces at each step, which is what takes its time."""
    if len(numbers) == 1:
        return numbers[0]
    numerator, denominator = 0, 1
    for number in numbers:
        more, parts = number.as_integer_ratio()
        if parts == denominator:
            numerator += more
        else:
            numerator, denominator = numerator * parts + more * denominator, denominator * parts
    return Fraction(numerator, denominator)


def exact_text(number: Exact) -> str:
    """Write a number without loss: "25", "25.5", and "1/3" where six decimals do not say it. `Fraction(text)` reads it back."""
    numerator, denominator = number.as_integer_ratio()
    if denominator == 1:
        return str(numerator)
    if MICROS % denominator:
        return f"{numerator}/{denominator}"
    whole, rest = divmod(abs(numerator) * (MICROS // denominator), MICROS)
    return f"{'-' if numerator < 0 else ''}{whole}.{rest:06d}".rstrip("0")

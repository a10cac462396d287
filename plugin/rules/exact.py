"""Exact arithmetic: nothing is rounded before the order's one rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Literal

Rounding = Literal["floor", "half_up", "ceil"]

MONEY = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""Multiplies and adds amounts without the thread's own precision; raises rather than round."""

ZERO = Fraction(0)
ONE = Fraction(1)
NOTHING = Decimal(0)


def _floor(exact: Fraction) -> int:
    return exact.numerator // exact.denominator


def _half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _ceil(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


ROUND: Mapping[Rounding, Callable[[Fraction], int]] = {"floor": _floor, "half_up": _half_up, "ceil": _ceil}
"""The ways to make whole points of exact ones; halves go up."""


def exact_text(number: Fraction) -> str:
    """Write a number without loss: "25", "25.5", and "1/3" where no decimal says it. `Fraction(text)` reads it back."""
    numerator, denominator = number.numerator, number.denominator
    if denominator == 1:
        return str(numerator)
    decimals = _decimals(denominator)
    if decimals is None:
        return f"{numerator}/{denominator}"
    return f"{Decimal(numerator * 10**decimals // denominator).scaleb(-decimals, MONEY):f}"


def _decimals(denominator: int) -> int | None:
    """How many decimals write 1/denominator; None where it has no end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None

"""A likely mistake in a sound document, and the bounds past which something counts as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Caution:
    """One likely mistake. `path` names the place as the merchant wrote it, `word` the mistake; `detail` fills its sentence.

    In `detail`, a whole number is a count, a `Decimal` a number or a share, and text is an id or a path.
    """

    path: str
    word: str
    detail: Mapping[str, int | Decimal | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Past these a merchant is asked to look twice.

    `spend_per_year` is what a typical member spends, and `today` the day ("2026-11-27") by the programme's clock, where known.
    """

    give_back: Decimal = Decimal("0.20")
    multiplier: Decimal = Decimal(10)
    days_to_spend: int = 30
    days_of_a_code: int = 7
    spend_per_year: Decimal | None = None
    today: str | None = None

"""How a programme document gives points for spend. These rules see the lines that no product rule took, and add up."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_values import Name, Number, Part, PositiveNumber, Switch, Words
from plugin.rules.schema_when import When


class SpendRule(Part):
    """Points for each unit of currency spent, on every line that no product rule took."""

    kind: Literal["spend"]
    id: Name
    title: Words | None = None
    points_per_unit: PositiveNumber
    """Points for 1 unit of the shop's currency (1 euro, 1 yen); "0.1" is one point per 10."""
    when: When | None = None
    is_active: Switch = True


class SpendAmountRule(Part):
    """Points for each `amount` spent: 1 point per 3, exactly, or for each full 5 alone."""

    kind: Literal["spend_amount"]
    id: Name
    title: Words | None = None
    points: PositiveNumber
    amount: PositiveNumber
    full_amounts: Switch = False
    """Only whole amounts count: of 14, at 1 point per full 5, the 4 give nothing. Counted over the lines together."""
    when: When | None = None
    is_active: Switch = True


class Band(Part):
    """From this much on, these points in all."""

    spend_from: Number
    points: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


class SpendBandsRule(Part):
    """Points by how much is spent: those of the highest band that is reached."""

    kind: Literal["spend_bands"]
    id: Name
    title: Words | None = None
    bands: Annotated[tuple[Band, ...], Field(min_length=1, max_length=50)]
    """From the lowest to the highest; each gives at least as much as the one below."""
    when: When | None = None
    is_active: Switch = True

    @model_validator(mode="after")
    def _rises(self) -> Self:
        check_bands(self.bands)
        return self


def check_bands(bands: tuple[Band, ...]) -> None:
    """Refuse bands that do not rise.

    Raises:
        PydanticCustomError: one begins no higher than the one before it, or gives less.
    """
    for lower, higher in pairwise(bands):
        if higher.spend_from <= lower.spend_from or higher.points < lower.points:
            raise PydanticCustomError("falling_bands", "each band must begin above the one before it and give no less")

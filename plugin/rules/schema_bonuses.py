"""How a programme document gives points for something else than spend: orders, units, weight, milestones.

These rules see every line that no product rule excludes, also those that other rules give points for, and come on top.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_match import Match
from plugin.rules.schema_spending import Band, check_bands
from plugin.rules.schema_values import Name, Part, Points, PositiveNumber, Switch, Words
from plugin.rules.schema_when import When

Period = Literal["month", "quarter", "year", "life"]
"""By the calendar of the programme's timezone; life is all orders of the member."""
WeightUnit = Literal["g", "kg", "oz", "lb"]

_Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class _Bonus(Part):
    """What all bonus rules share."""

    id: Name
    title: Words | None = None
    when: When | None = None
    is_multiplied: Switch = True
    """Whether tiers, memberships and campaigns multiply these points."""
    is_active: Switch = True


class OrderRule(_Bonus):
    """Points for an order, whatever it comes to; `when.minimum_spend` asks for something."""

    kind: Literal["order"]
    points: Points


class UnitRule(_Bonus):
    """Points for each unit."""

    kind: Literal["unit"]
    points: PositiveNumber
    match: Match | None = None
    """Of these products; of all where not given."""


class WeightRule(_Bonus):
    """Points by weight, as the order itself tells it; what has no weight gives nothing."""

    kind: Literal["weight"]
    points: PositiveNumber
    weight: PositiveNumber = Decimal(1)
    unit: WeightUnit
    full_weights: Switch = False
    """Only whole weights count, over the lines together."""
    match: Match | None = None


class NthOrderRule(_Bonus):
    """Points for the member's n-th order that counts, or for every n-th."""

    kind: Literal["nth_order"]
    points: Points
    number: _Count | None = None
    """1 is the first order."""
    every: _Count | None = None
    """5 is every fifth: the fifth, the tenth and so on."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.number is None) == (self.every is None):
            raise PydanticCustomError("nth_order", "give either `number` or `every`")
        return self


class SpendGoalRule(_Bonus):
    """Points when the member's spend in a period reaches a goal, to the order with which it does."""

    kind: Literal["spend_goal"]
    goal: PositiveNumber
    period: Period
    points: Points
    repeats: Switch = False
    """Again each time the spend of the period reaches another whole goal."""


class GiftCardRule(_Bonus):
    """Points for buying or reloading gift cards, by what they are worth together: those of the highest band that is reached."""

    kind: Literal["gift_card"]
    bands: Annotated[tuple[Band, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        check_bands(self.bands)
        return self

"""How a programme document says what members may set out to do: challenges, milestones, streaks, badges, and goals for all together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_segments import Day
from plugin.rules.schema_values import Name, Part, Points, PositiveNumber, Switch, Words

Deed = Literal["spend", "points", "orders", "referrals", "products", "actions"]


class Target(Part):
    """So much of what counts. Orders count net of refunds.

    `points` are those that orders gave, `products` are different ones, `actions` are those that were rewarded.
    """

    kind: Deed
    at_least: PositiveNumber
    """Money in the shop's currency for spend; whole for everything else."""
    action: Name | None = None
    """Which action counts; not given: any."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind != "spend" and self.at_least != self.at_least.to_integral_value():
            raise PydanticCustomError("whole_target", "everything but money is counted in whole numbers")
        if self.action is not None and self.kind != "actions":
            raise PydanticCustomError("action_target", "`action` belongs to a target of kind actions")
        return self


class Challenge(Part):
    """Something to be reached: once in each period, by each member for themselves, or by all together.

    A milestone is one with the period `ever`; a streak asks for several periods in a row; a badge is one that gives no points.
    """

    id: Name
    title: Words
    target: Target
    period: Literal["ever", "year", "month", "week"] = "ever"
    """Where counting begins anew, by the programme's clock; weeks begin on Monday."""
    streak: Annotated[int, Field(strict=True, ge=2, le=120)] | None = None
    """How many periods in a row must reach the target; the next streak begins after the last period of this one."""
    points: Points | None = None
    """Given once for each time; not given: a badge."""
    together: Switch = False
    """What all members do is added up, everybody sees how far it is, and whoever took part gets the points."""
    take_back: Switch = True
    """Whether points and badge go again when what completed it is refunded."""
    starts_on: Day | None = None
    """The first day that counts; not given: for `ever` all that ever was, else from the publication on."""
    ends_on: Day | None = None
    """The last day that counts."""
    is_active: Switch = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.streak and (self.period == "ever" or self.together):
            raise PydanticCustomError("streak", "a streak is of a member, and of years, months or weeks")
        if self.together and self.target.kind not in {"spend", "orders"}:
            raise PydanticCustomError("together", "a goal for all together counts spend or orders")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise PydanticCustomError("no_days", "ends_on must not be before starts_on")
        return self


def challenge_faults(challenges: Iterable[Challenge], action_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Faults between challenges and the rest of the document: (path, what is wrong)."""
    known = set(action_ids)
    for index, one in enumerate(challenges):
        if one.target.action is not None and one.target.action not in known:
            yield f"challenges[{index}].target.action", f"there is no action {one.target.action!r}"

"""How a programme document says that for a time things are different: more points, points on top, cheaper rewards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_match import Match
from plugin.rules.schema_values import Name, Part, Points, PositiveNumber, Switch, Words
from plugin.rules.schema_when import When

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as fault:
        raise PydanticCustomError("moment", 'write the day, or the day and the time, as "2026-11-27T18:00"') from fault
    return text


def _time_of_day(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError as fault:
        raise PydanticCustomError("time_of_day", 'write the time as "18:00"') from fault
    return text


Moment = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$"),
    AfterValidator(_moment),
]
"""A day, "2026-11-27", or a minute of it, "2026-11-27T18:00", by the programme's clock."""
TimeOfDay = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{2}:[0-9]{2}$"), AfterValidator(_time_of_day)]


class Hours(Part):
    """From one time of the day until just before another. What begins later than it ends runs past midnight, as part of the day before."""

    begins: TimeOfDay
    ends: TimeOfDay

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begins == self.ends:
            raise PydanticCustomError("no_hours", "must not end when it begins; leave `hours` out for the whole day")
        return self


class Multiply(Part):
    """Points that rules give are multiplied: those for the lines of the campaign's products, or all."""

    kind: Literal["multiply"]
    factor: Annotated[PositiveNumber, Field(le=1000)]


class AddPoints(Part):
    """Points on top, which nothing multiplies: for the order, or for each unit; of the campaign's products, or of all."""

    kind: Literal["add"]
    per: Literal["order", "unit"]
    points: Points


class RewardPrice(Part):
    """Rewards cost fewer points: what is left of the price is rounded up."""

    kind: Literal["reward_price"]
    percent_off: Annotated[int, Field(strict=True, ge=1, le=99)]
    rewards: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    """Ids of rewards; all where none is given."""


class RewardValue(Part):
    """Rewards are worth more for the same points: what comes on top is rounded down to what the currency can pay."""

    kind: Literal["reward_value"]
    percent_more: Annotated[int, Field(strict=True, ge=1, le=1000)]
    rewards: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    """Ids of rewards; all where none is given."""


Effect = Annotated[Multiply | AddPoints | RewardPrice | RewardValue, Field(discriminator="kind")]


class Campaign(Part):
    """Something for a time. What is decided by time is decided by when the order was placed, or the reward wished for."""

    id: Name
    title: Words | None = None
    effect: Effect
    starts: Moment | None = None
    """The first minute; of a day, its first one. Not given: it has always run."""
    ends: Moment | None = None
    """The first minute after it; of a day, the end of that day. Not given: it never ends."""
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    hours: Annotated[tuple[Hours, ...], Field(max_length=24)] = ()
    when: When | None = None
    match: Match | None = None
    """The products it is about; all where not given."""
    stacking: Literal["best", "multiply", "add"] = "best"
    """What happens where several campaigns run at once.

    Of all that say `best` one acts on an order: that of the highest priority, and among these the one with which the order gives most.
    Factors of those that say `add` add up: 2 and 3 times are 4 times, once and then 1 and 2 more. Those that say `multiply` multiply
    each other and the rest: 2 and 3 times are 6 times. For prices of rewards it is the same with percents."""
    priority: Annotated[int, Field(strict=True, ge=-1000, le=1000)] = 0
    """Decides among campaigns that say `best`; the others are told in this sequence, which changes nothing they give."""
    is_active: Switch = True

    @property
    def is_for_rewards(self) -> bool:
        """Whether it changes what rewards cost or are worth, and nothing about orders."""
        return self.effect.kind in {"reward_price", "reward_value"}

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts[: len(self.ends)]:
            raise PydanticCustomError("campaign_ends", "`ends` must not be before `starts`")
        asks_order = self.when is not None and bool(
            self.when.channels
            or self.when.currencies
            or self.when.customer_tags
            or self.when.without_customer_tags
            or self.when.subscription is not None
            or self.when.order_tags
            or self.when.memberships
            or self.when.shipping_methods
            or self.when.minimum_spend
        )
        if self.is_for_rewards and (self.match or asks_order):
            raise PydanticCustomError(
                "reward_campaign", "a campaign for rewards may ask for tiers and segments, not for what an order is"
            )
        return self


def campaign_faults(campaigns: Sequence[Campaign], rewards: set[str]) -> Iterator[tuple[str, str]]:
    """Faults between campaigns and the rest of the document: (path, what is wrong)."""
    for place, one in enumerate(campaigns):
        effect = one.effect
        if effect.kind in {"reward_price", "reward_value"}:
            for number, name in enumerate(effect.rewards):
                if name not in rewards:
                    yield f"campaigns[{place}].effect.rewards[{number}]", f"there is no reward {name!r}"

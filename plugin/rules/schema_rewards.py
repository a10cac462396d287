"""How a programme document says what points buy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from plugin.rules.schema_actions import KNOWN_DAYS, Limit, limit_faults
from plugin.rules.schema_campaigns import Hours, Moment, Weekday
from plugin.rules.schema_earning import DayOfYear
from plugin.rules.schema_values import Days, Name, Number, Part, PositiveNumber, ShopifyId, Switch, Words

Discounts = Literal["order", "product", "shipping"]
"""What a discount takes something off: the order as a whole, some of its products, or its delivery."""


class RewardItems(Part):
    """What a code takes something off: only these, of one kind. Shopify knows them by their ids."""

    products: Annotated[tuple[ShopifyId, ...], Field(max_length=100)] = ()
    variants: Annotated[tuple[ShopifyId, ...], Field(max_length=100)] = ()
    collections: Annotated[tuple[ShopifyId, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if bool(self.collections) == bool(self.products or self.variants):
            raise PydanticCustomError("reward_items", "name products or variants, or else collections")
        return self


class RewardWhen(Part):
    """Who may have a reward; of what is given, all must be true. Within a list any one will do."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    tiers: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Ids of tiers; the one held at the moment."""
    segments: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    memberships: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Ids of memberships; one whose perks last at the moment."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.tiers or self.segments or self.memberships):
            raise PydanticCustomError("empty_when", "name at least one condition")
        return self


class SpanOfYear(Part):
    """Days of every year, the first and the last among them; one that begins later than it ends goes past the new year."""

    first: DayOfYear
    last: DayOfYear


class AroundBirthday(Part):
    """The days around the member's birthday, by the clock of where they are."""

    days_before: Annotated[int, Field(strict=True, ge=0, le=60)] = 0
    days_after: Annotated[int, Field(strict=True, ge=0, le=60)] = 0
    known_days: Annotated[int, Field(strict=True, ge=0, le=365)] = KNOWN_DAYS
    """How many days before it the birthday must have been entered, and not changed since."""


class Available(Part):
    """When a reward can be had, by the programme's clock; of what is given, all must be so."""

    starts: Moment | None = None
    """The first minute; of a day, its first one."""
    ends: Moment | None = None
    """The first minute after it; of a day, the end of that day."""
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    hours: Annotated[tuple[Hours, ...], Field(max_length=24)] = ()
    each_year: Annotated[tuple[SpanOfYear, ...], Field(max_length=12)] = ()
    """In any of these spans."""
    birthday: AroundBirthday | None = None
    by_itself: Switch = False
    """Whoever has the points when a span of the year begins, or comes by them in it, is given the reward; of several the dearest."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.by_itself and not self.each_year:
            raise PydanticCustomError("by_itself", "`by_itself` needs `each_year`")
        if self.starts and self.ends and self.ends < self.starts[: len(self.ends)]:
            raise PydanticCustomError("available_ends", "`ends` must not be before `starts`")
        return self


_GIFTS: JsonDict = {
    "if": {"properties": {"points": {"const": 0}}, "required": ["points"]},
    "then": {"properties": {"limits": {"minItems": 1}}, "required": ["limits"]},
}
"""A gift is given within limits, in the words of JSON Schema."""


class _Priced(Part):
    """What it is and what it costs."""

    model_config = ConfigDict(json_schema_extra=_GIFTS)

    kind: str
    id: Name
    title: Words | None = None
    """What it is called; without a title it is named by what it gives, in the reader's language and the shop's currency."""
    points: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
    """What it costs; 0 is a gift, which must have `limits`."""


class _FixedAmount(_Priced):
    """What is taken off."""

    kind: Literal["fixed_amount"]
    amount: PositiveNumber
    """What it takes off an order, in the shop's currency; never more than what it is taken off costs."""
    items: RewardItems | None = None
    """What it is taken off: a free sample, a meal; not given: the whole order."""

    @property
    def worth(self) -> Decimal | None:
        """The most it saves, in the shop's currency."""
        return self.amount


class _FreeShipping(_Priced):
    """Which delivery costs nothing."""

    kind: Literal["free_shipping"]
    maximum_price: PositiveNumber | None = None
    """Dearer ways of delivery are not made free; not given: all are."""

    @property
    def worth(self) -> Decimal | None:
        """The most it saves, in the shop's currency; None where nothing bounds it."""
        return self.maximum_price


class _Terms(Part):
    """On what terms: who gets it, when and how often, and what its code is good for."""

    minimum_subtotal: Number | None = None
    """The order must be worth at least this much, in the shop's currency."""
    when: RewardWhen | None = None
    available: Available | None = None
    """Not given: always."""
    limits: Annotated[tuple[Limit, ...], Field(max_length=10)] = ()
    """How often one member may have it, or for how many points; what came back does not count."""
    stock: Limit | None = None
    """How often all members together may have it."""
    combines_with: Annotated[tuple[Discounts, ...], Field(max_length=3)] = ()
    """Which other discounts an order may have beside its code; none given: one code per order."""
    code_prefix: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z0-9-]{0,16}$")] = ""
    code_valid_days: Days | None = None
    """Days until an unused code lapses; without it a code lapses never."""
    is_active: Switch = True


class FixedAmountReward(_Terms, _FixedAmount):
    """A discount code worth a fixed amount, for one use by one customer."""


class FreeShippingReward(_Terms, _FreeShipping):
    """A discount code with which delivery costs nothing, for one use by one customer."""


Reward = FixedAmountReward | FreeShippingReward
AnyReward = Annotated[Reward, Field(discriminator="kind")]


class RewardGroup(Part):
    """Limits that several rewards share, such as "together for 500 points a month"."""

    id: Name
    rewards: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    """Which rewards; none named is all of them."""
    limits: Annotated[tuple[Limit, ...], Field(min_length=1, max_length=10)]


def reward_faults(
    rewards: Sequence[Reward], groups: Sequence[RewardGroup], known: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    """Faults of rewards that each part alone does not show; `known` are the document's ids by the field that names them."""
    for place, one in enumerate(rewards):
        yield from _faults_of(f"rewards[{place}]", one, known)
    ids = {one.id for one in rewards}
    for place, group in enumerate(groups):
        yield from limit_faults(f"reward_groups[{place}]", group.limits)
        for number, name in enumerate(group.rewards):
            if name not in ids:
                yield f"reward_groups[{place}].rewards[{number}]", f"there is no reward {name!r}"


def _faults_of(path: str, one: Reward, known: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    if not one.points and not one.limits:
        yield f"{path}.limits", "must not be empty: what costs nothing would be taken without end"
    if not one.points and any(limit.points is not None for limit in one.limits):
        yield f"{path}.limits", "count how many times, since it costs no points"
    yield from limit_faults(path, one.limits)
    if one.stock is not None and (one.stock.times is None or one.stock.points is not None):
        yield f"{path}.stock.times", "say how many there are"
    if one.stock is not None and (one.stock.per == "days") != (one.stock.days is not None):
        yield f"{path}.stock.days", "belongs to a stock per 'days', and to no other"
    if one.kind == "free_shipping" and "shipping" in one.combines_with:
        yield (
            f"{path}.combines_with[{one.combines_with.index('shipping')}]",
            "Shopify lets an order have one free delivery",
        )
    for name, ids in known.items():
        for number, asked in enumerate(getattr(one.when, name) if one.when else ()):
            if asked not in ids:
                yield f"{path}.when.{name}[{number}]", f"there is no {name[:-1]} {asked!r}"

"""How a programme document names groups of members: a segment made at Shopify, or facts a member must fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_tiers import Tiers, Window
from plugin.rules.schema_values import Name, Number, Part, ShopifyId, Words

_Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as fault:
        raise PydanticCustomError("day", 'write the day as "2026-12-31"') from fault
    return text


Day = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
"""A day of the calendar, "2026-12-31"."""


class ShopifySegment(Part):
    """The customers of a segment made in Shopify's admin. Laurel reads who they are, again and again, and knows as much as it read last."""

    kind: Literal["shopify"]
    id: Name
    title: Words | None = None
    segment_id: ShopifyId
    """The number at the end of the segment's address in the admin."""


class Facts(Part):
    """What must be true of a member; of what is given, all of it. Amounts and numbers of orders are counted over `window`.

    Laurel does not keep customers' tags: for those, make a segment at Shopify and name it here.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    window: Window | None = None
    """Not given: since the member's first order."""
    spend_min: Number | None = None
    spend_max: Number | None = None
    orders_min: _Count | None = None
    orders_max: _Count | None = None
    points_min: _Count | None = None
    """Points that can be spent now."""
    points_max: _Count | None = None
    tiers: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Ids of tiers, one of which the member must hold."""
    joined_from: Day | None = None
    """The first day, by the programme's clock, on which the member may have joined."""
    joined_until: Day | None = None
    """The last such day."""
    days_since_order_min: _Count | None = None
    """At least so many days since the latest order; who never ordered fits no such fact."""
    days_since_order_max: _Count | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = {name for name in type(self).model_fields if getattr(self, name) not in (None, ())}
        if not said - {"window"}:
            raise PydanticCustomError("empty_facts", "name at least one fact")
        return self


class MemberSegment(Part):
    """The members whom facts fit, looked up anew whenever somebody asks."""

    kind: Literal["members"]
    id: Name
    title: Words | None = None
    facts: Facts


Segment = Annotated[ShopifySegment | MemberSegment, Field(discriminator="kind")]


def segments_faults(segments: Sequence[Segment], tiers: Tiers | None) -> Iterator[tuple[str, str]]:
    """Faults of segments that their own shape does not show: (path, what is wrong)."""
    ids = [one.id for one in segments]
    for index, segment in enumerate(segments):
        path = f"segments[{index}]"
        if segment.id in ids[:index]:
            yield f"{path}.id", f"{segment.id!r} is the id of segments[{ids.index(segment.id)}] already"
        if segment.kind != "members":
            continue
        known = {one.id for one in tiers.levels} if tiers else set()
        for place, tier in enumerate(segment.facts.tiers):
            if tier not in known:
                yield f"{path}.facts.tiers[{place}]", f"there is no tier {tier!r}"
        for name in ("spend", "orders", "points", "days_since_order"):
            least, most = getattr(segment.facts, f"{name}_min"), getattr(segment.facts, f"{name}_max")
            if least is not None and most is not None and most < least:
                yield f"{path}.facts.{name}_max", f"must not be below {name}_min"

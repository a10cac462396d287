"""How a programme document bounds what it gives: caps against abuse, budgets for what keeping and winning customers may cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_values import Name, Part, Points, Switch, Words

Period = Literal["day", "week", "month", "year", "life"]
"""By the calendar of the programme's timezone: weeks begin on Monday, years on January 1st. Which one an order is in, its own date says."""
Purpose = Literal["keeping", "winning"]


class Cap(Part):
    """The most points that these awards give to one member, or to all, in a period. What would be more is cut to what is left."""

    id: Name
    title: Words | None = None
    per: Literal["member", "programme"]
    """Whose awards are added up: those of one member (all who share an account are one), or of everybody."""
    period: Period
    points: Points
    over: Literal["everything", "orders", "named"] = "everything"
    named: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    """For `over: "named"`: ids of earning rules, campaigns, actions, challenges or memberships."""
    is_active: Switch = True

    @model_validator(mode="after")
    def _names_what_it_caps(self) -> Self:
        if (self.over == "named") != bool(self.named):
            raise PydanticCustomError("cap_over", 'give `named` with `over: "named"`, and only then')
        return self


class Budget(Part):
    """The most points that the programme gives in a period for one purpose: to keep customers, or to win new ones."""

    id: Name
    title: Words | None = None
    purpose: Purpose
    period: Period
    points: Points
    is_active: Switch = True


class Purposes(Part):
    """Which awards win a customer; each other one keeps one. Every award is charged to the budgets of its one purpose."""

    first_order: Switch = True
    """A member's first order wins them."""
    winning: Annotated[tuple[Name, ...], Field(max_length=200)] = ("sign_up", "referral_friend")
    """Ids or kinds of awards that are not for an order, and win a customer."""


def caps_faults(caps: Sequence[Cap], budgets: Sequence[Budget], giving: Collection[str]) -> Iterator[tuple[str, str]]:
    """Faults between limits and the rest of a document, of which `giving` are the ids that give points: (path, what is wrong)."""
    first: dict[str, str] = {}
    limits: list[Cap | Budget] = [*caps, *budgets]
    paths = [f"caps[{index}]" for index in range(len(caps))] + [f"budgets[{index}]" for index in range(len(budgets))]
    for path, limit in zip(paths, limits, strict=True):
        if limit.id in first:  # an explanation calls caps and budgets alike by their ids
            yield f"{path}.id", f"{limit.id!r} is the id of {first[limit.id]} already"
        first.setdefault(limit.id, path)
    for index, cap in enumerate(caps):
        for place, name in enumerate(cap.named):
            if name not in giving:
                yield f"caps[{index}].named[{place}]", f"nothing that gives points has the id {name!r}"

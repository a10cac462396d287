"""How a programme document says which levels members rise to, how long they stay there, and what a level gives."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from plugin.rules.schema_perks import Perk
from plugin.rules.schema_values import Days, Factor, Name, Part, Points, PositiveNumber, Switch, Text, Words

Measure = Literal["spend", "points", "orders", "referrals"]
Fault = tuple[str, str]

_Months = Annotated[int, Field(strict=True, ge=1, le=120)]
_Years = Annotated[int, Field(strict=True, ge=0, le=9)]


class Lifetime(Part):
    """Everything since the member's first order counts."""

    kind: Literal["lifetime"]


class CalendarYear(Part):
    """What happened in the year of the calendar counts, by the programme's clock."""

    kind: Literal["calendar_year"]


class RollingDays(Part):
    """Today and the days before it count, `days` in all."""

    kind: Literal["rolling_days"]
    days: Days


class RollingMonths(Part):
    """What happened after the same day `months` ago counts; where that month is shorter, after its last day."""

    kind: Literal["rolling_months"]
    months: _Months


class AnniversaryYear(Part):
    """What happened since the latest anniversary of the day the member joined counts; of 29 February it is the month's last day."""

    kind: Literal["anniversary_year"]


Window = Annotated[Lifetime | CalendarYear | RollingDays | RollingMonths | AnniversaryYear, Field(discriminator="kind")]


class Goal(Part):
    """So much within a window. Only orders that count do so, less what was refunded of them.

    `points` are points that were earned by orders, actions, friends, challenges and memberships, not those given by hand or by tiers.
    """

    kind: Measure
    at_least: PositiveNumber
    """Money in the shop's currency for spend; whole for everything else."""
    window: Window | None = None
    """Not given: the tiers' own."""


class AllOf(Part):
    """Every part must be met."""

    kind: Literal["all"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=10)]


class AnyOf(Part):
    """One part must be met."""

    kind: Literal["any"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=10)]


Condition = Annotated[Goal | AllOf | AnyOf, Field(discriminator="kind")]


class ForEver(Part):
    """A tier once reached is kept."""

    kind: Literal["for_ever"]


class ToYearEnd(Part):
    """A tier is held through the last day of a year of the calendar: the year in which it was reached, or some years on."""

    kind: Literal["year_end"]
    years_later: _Years = 1
    """0 is the end of the same year, 1 of the next."""


class ForMonths(Part):
    """A tier is held through the same day n months later, or the month's last day where it is shorter."""

    kind: Literal["months"]
    months: _Months


class ForDays(Part):
    """A tier is held through the n-th day after the one it was reached on; with 1 it is looked at every day."""

    kind: Literal["days"]
    days: Days


class ToAnniversary(Part):
    """A tier is held until an anniversary of the day the member joined: the next one, or some years on."""

    kind: Literal["anniversary"]
    years_later: _Years = 0


Validity = Annotated[ForEver | ToYearEnd | ForMonths | ForDays | ToAnniversary, Field(discriminator="kind")]


class EntryReward(Part):
    """Points for reaching a level: once per member, tier and period."""

    points: Points
    again_when_kept: Switch = False
    """Whether a member who keeps the tier for another period gets them again."""


class Tier(Part):
    """A level a member is in for a period. Without `entry` everybody is in it: only the lowest can be so."""

    id: Name
    title: Words
    entry: Condition | None = None
    keep: Condition | None = None
    """What it takes to stay when the period ends, looked at over the period's own window; not given: the same as to enter."""
    multiplier: Factor = Decimal(1)
    """How many times the points of orders placed while the tier was held."""
    entry_reward: EntryReward | None = None
    perks: Annotated[tuple[Perk, ...], Field(max_length=50)] = ()
    imported_as: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    """What other loyalty apps called it, for opening tiers that come by a file."""


class Tiers(Part):
    """The levels, lowest first, and the rules by which members rise at once, stay for a period, and fall at its end."""

    levels: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)]
    window: Window = CalendarYear(kind="calendar_year")
    validity: Validity = ToYearEnd(kind="year_end")
    grace_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    """How long after its end a tier is still held, and may still be kept by what happens meanwhile."""
    downgrade: Literal["one_step", "to_earned", "never"] = "one_step"
    """Where a member goes who does not keep the tier: the level below, what was earned in the period, or nowhere."""

    @property
    def everybodys(self) -> str | None:
        """The level that everybody is in, if there is one."""
        return self.levels[0].id if self.levels[0].entry is None else None

    def level(self, tier: str | None) -> Tier | None:
        """Return the level with this id, if there is one."""
        return next((one for one in self.levels if one.id == tier), None)

    def rank(self, tier: str | None) -> int:
        """Say how high a tier is: 0 is the lowest level, -1 is none of these."""
        return next((rank for rank, one in enumerate(self.levels) if one.id == tier), -1)


def goals_of(condition: Condition | None) -> tuple[Goal, ...]:
    """List the goals a condition is made of."""
    if condition is None:
        return ()
    return (
        (condition,) if isinstance(condition, Goal) else tuple(one for part in condition.of for one in goals_of(part))
    )


def tiers_faults(tiers: Tiers | None) -> Iterator[Fault]:
    """Faults between the levels: (path, what is wrong)."""
    if tiers is None:
        return
    yield from _twice("tiers.levels", [one.id for one in tiers.levels])
    for index, tier in enumerate(tiers.levels):
        path = f"tiers.levels[{index}]"
        if index and tier.entry is None:
            yield f"{path}.entry", "say what it takes to enter; only the lowest level may be everybody's"
        if tier.entry is None and tier.keep is not None:
            yield f"{path}.keep", "nobody can lose a level that is everybody's"
        yield from _twice(f"{path}.perks", [one.id for one in tier.perks])
        for name, condition in (("entry", tier.entry), ("keep", tier.keep)):
            yield from _parts(f"{path}.{name}", condition)
    yield from _not_rising(tiers)


def _parts(path: str, condition: Condition | None) -> Iterator[Fault]:
    if isinstance(condition, Goal):
        if condition.kind != "spend" and condition.at_least != condition.at_least.to_integral_value():
            yield f"{path}.at_least", f"{condition.kind} are counted in whole numbers"
    elif condition is not None:
        for index, part in enumerate(condition.of):
            yield from _parts(f"{path}.of[{index}]", part)


def _not_rising(tiers: Tiers) -> Iterator[Fault]:
    """Two levels entered by one and the same measure must rise, and what is held for ever is not kept by anything."""
    for index, tier in enumerate(tiers.levels):
        if tier.keep is not None and tiers.validity.kind == "for_ever":
            yield f"tiers.levels[{index}].keep", "a tier that is held for ever needs nothing to be kept"
        entry = tier.entry
        before = tiers.levels[index - 1].entry if index else None
        if not isinstance(entry, Goal) or not isinstance(before, Goal) or entry.kind != before.kind:
            continue
        same = (entry.window or tiers.window) == (before.window or tiers.window)
        if same and entry.at_least <= before.at_least:
            yield f"tiers.levels[{index}].entry.at_least", f"must be above tiers.levels[{index - 1}]'s"


def _twice(path: str, ids: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield f"{path}[{index}].id", f"{name!r} is the id of {path}[{ids.index(name)}] already"

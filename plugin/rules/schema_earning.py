"""How a programme document says what earns points."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.exact import Rounding
from plugin.rules.schema_bonuses import GiftCardRule, NthOrderRule, OrderRule, SpendGoalRule, UnitRule, WeightRule
from plugin.rules.schema_match import Match
from plugin.rules.schema_spending import SpendAmountRule, SpendBandsRule, SpendRule
from plugin.rules.schema_values import Days, Factor, Name, Number, Part, Switch, Words
from plugin.rules.schema_when import When

__all__ = ["Base", "Earning", "ExpiresOnDates", "Expiry", "Match", "ProductTypeRule", "Rule", "SpendRule"]


class ProductTypeRule(Part):
    """Other points for some products.

    A line is taken by one product rule at most: by any rule that excludes it, else by the first rule of the document that matches.
    A line that is taken earns `multiplier` times what the spend rules give, and `points_per_item` for each unit.
    """

    kind: Literal["product_type"]
    id: Name
    title: Words | None = None
    match: Match
    exclude: Switch = False
    """These lines earn nothing, whatever other rules say."""
    multiplier: Factor | None = None
    """How many times the points of the spend rules; 1 where not given, 0 for none."""
    points_per_item: Number | None = None
    """Points for each unit, besides those for spend."""
    when: When | None = None
    is_active: Switch = True

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        gives = self.multiplier is not None or self.points_per_item is not None
        if gives == self.exclude:
            raise PydanticCustomError(
                "rule_effect", "give either `exclude`, or `multiplier` or `points_per_item` or both"
            )
        return self


Rule = Annotated[
    SpendRule
    | SpendAmountRule
    | SpendBandsRule
    | ProductTypeRule
    | OrderRule
    | UnitRule
    | WeightRule
    | NthOrderRule
    | GiftCardRule
    | SpendGoalRule,
    Field(discriminator="kind"),
]


class Base(Part):
    """What counts as spend. A line is worth price times quantity, less its discounts, less what was refunded."""

    taxes: Switch = False
    """Whether tax earns points: included tax is taken off unless this is on; tax on top of the price is added if this is on."""
    gift_cards: Switch = False
    """Whether buying a gift card earns points."""
    tips: Switch = False
    """Whether a tip earns points."""
    shipping: Switch = False
    """Whether what shipping cost earns points, less its discounts and refunds; it is no product, no item and weighs nothing."""
    paid_with_gift_cards: Switch = True
    """Whether what was paid with gift cards earns points; if not, every line bears its share of it."""
    paid_with_store_credit: Switch = True
    """Whether what was paid with store credit earns points; if not, every line bears its share of it."""


class NeverExpires(Part):
    """Points stay until they are spent."""

    kind: Literal["never"]


class ExpiresAfterDays(Part):
    """Points are good through the whole of the n-th day after the order's, in the programme's timezone."""

    kind: Literal["after_days"]
    days: Days


class ExpiresAfterMonths(Part):
    """Points are good through the same day n months later, or the month's last day where it is shorter."""

    kind: Literal["after_months"]
    months: Annotated[int, Field(strict=True, ge=1, le=120)]
    to_month_end: Switch = False
    """Points are good through the last day of that month, whichever day they were earned on."""
    renewed_by_activity: Switch = False
    """Any order or redemption renews the member's points as if they were given on its day. For `to_month_end` alone."""

    @model_validator(mode="after")
    def _renews_by_month(self) -> Self:
        if self.renewed_by_activity and not self.to_month_end:
            raise PydanticCustomError("renewed_by_month", "`renewed_by_activity` needs `to_month_end`")
        return self


class ExpiresWithoutActivity(Part):
    """Points are good through the whole of the n-th day after the member's latest order or redemption, whichever it was for."""

    kind: Literal["rolling"]
    days: Days


_LEAP_YEAR = 2024


def _day_of_year(text: str) -> str:
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError as fault:
        raise PydanticCustomError("day_of_year", 'write the day as month and day, such as "12-31"') from fault
    return text


DayOfYear = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{2}-[0-9]{2}$"), AfterValidator(_day_of_year)]
"""A day of every year, "12-31"; "02-29" is the last day of February in a year without one."""


class ExpiresOnDates(Part):
    """Points are good through the whole of a day of the calendar, such as 31 December: the next one, or one some years on."""

    kind: Literal["on_dates"]
    dates: Annotated[tuple[DayOfYear, ...], Field(min_length=1, max_length=12)]
    least_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    """Points are good for at least so many days: what is earned too close to a date stays until the next one."""
    years_later: Annotated[int, Field(strict=True, ge=0, le=9)] = 0
    """How many years more: 1 lets the points of a year lapse at the end of the year after."""


Expiry = Annotated[
    NeverExpires | ExpiresAfterDays | ExpiresAfterMonths | ExpiresWithoutActivity | ExpiresOnDates,
    Field(discriminator="kind"),
]


class TierExpiry(Part):
    """Another life of points for who holds a tier.

    With `never` no points of theirs lapse while the tier is held; when it ends, all are as good as if they were given on its last day.
    With any other, what an order gives while the tier is held lives so long.
    """

    tier: Name
    expiry: Expiry


class ExpiryWarnings(Part):
    """How members are told that points will expire."""

    days: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=90)], ...], Field(max_length=6)] = (30, 7, 1)
    """How many days before; each is told once."""
    must_be_delivered: Switch | None = None
    """Whether points wait until a warning of their end was delivered or seen; not given: from when messages are set up."""

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.must_be_delivered and not self.days:
            raise PydanticCustomError("no_warnings", "give `days`, or points could never expire")
        return self


class Earning(Part):
    """What earns points, what counts, how it is rounded, and the terms of the points given."""

    rules: Annotated[tuple[Rule, ...], Field(max_length=200)]
    base: Base = Base()
    rounding: Rounding = "floor"
    """The order's one rounding, after all rules, multipliers and campaigns."""
    rounding_per: Literal["order", "line"] = "order"
    """What is rounded: the order's sum once, or what each line gives; then what is given for the order as a whole is rounded once too."""
    maturity_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    """Days until points can be spent, counted from the order's own time."""
    expiry: Expiry = NeverExpires(kind="never")
    expiry_by_tier: Annotated[tuple[TierExpiry, ...], Field(max_length=20)] = ()
    """Tiers in which points live longer; in all others `expiry` holds."""
    expiry_grace_days: Annotated[int, Field(strict=True, ge=1, le=3650)] | None = None
    """When expiry is switched on: how long points given before, as lasting for ever, stay from then on; not given: for ever."""
    expiry_warnings: ExpiryWarnings = ExpiryWarnings()
    claw_back: Literal["debt", "write_off"] = "debt"
    """Points to take back that are spent already: owed, and filled by the next ones earned, or written off by the shop."""

    @property
    def has_rolling(self) -> bool:
        """Whether activity keeps any points alive."""
        every = (self.expiry, *(one.expiry for one in self.expiry_by_tier))
        return any(one.kind == "rolling" or (one.kind == "after_months" and one.renewed_by_activity) for one in every)

    @property
    def points_per_unit(self) -> Decimal:
        """What all active spend rules that ask nothing of the order give together for one unit of currency."""
        plain = (rule for rule in self.rules if rule.kind == "spend" and rule.is_active and rule.when is None)
        return sum((rule.points_per_unit for rule in plain), Decimal(0))


def expiry_faults(earning: Earning, tiers: Collection[str]) -> Iterator[tuple[str, str]]:
    """Faults between the life of points and the rest of the document: (path, what is wrong)."""
    yield from _too_short("earning.expiry", earning.expiry, earning.maturity_days)
    seen: set[str] = set()
    for place, one in enumerate(earning.expiry_by_tier):
        path = f"earning.expiry_by_tier[{place}]"
        if one.tier not in tiers:
            yield f"{path}.tier", f"there is no tier {one.tier!r}"
        if one.tier in seen:
            yield f"{path}.tier", f"the life of points in {one.tier!r} is said already"
        seen.add(one.tier)
        yield from _too_short(f"{path}.expiry", one.expiry, earning.maturity_days)


def _too_short(path: str, expiry: Expiry, maturity_days: int) -> Iterator[tuple[str, str]]:
    fault = "points must not expire before they mature; see earning.maturity_days"
    if expiry.kind in {"after_days", "rolling"} and expiry.days < maturity_days:
        yield f"{path}.days", fault
    if expiry.kind == "after_months" and expiry.months * 28 < maturity_days:
        yield f"{path}.months", fault
    if expiry.kind == "on_dates" and expiry.least_days < maturity_days:
        yield f"{path}.least_days", fault

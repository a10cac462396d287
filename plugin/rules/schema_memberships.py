"""How a programme document says what a membership is: bought in the shop, for a term, with perks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_perks import Perk
from plugin.rules.schema_values import Factor, Name, Part, Points, ShopifyId, Switch, Text, Words


class Goods(Part):
    """What is bought: any of these. Orders name them themselves, so nothing has to be fetched."""

    products: Annotated[tuple[ShopifyId, ...], Field(max_length=100)] = ()
    variants: Annotated[tuple[ShopifyId, ...], Field(max_length=100)] = ()
    skus: Annotated[tuple[Text, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.products or self.variants or self.skus):
            raise PydanticCustomError("empty_goods", "name at least one product, variant or SKU")
        return self


class Length(Part):
    """How long a term is, by the calendar of the programme's timezone."""

    unit: Literal["days", "months", "years"]
    count: Annotated[int, Field(strict=True, ge=1, le=3650)]


class Offer(Part):
    """One way to buy the membership: by the month, by the year, on trial. The orders of a subscription buy it again by themselves."""

    id: Name
    goods: Goods
    length: Length


class Membership(Part):
    """A membership that is paid for (or tried) by buying it; each unit is one term.

    A purchase before the end, or at most `grace_days` after it, renews from that end; a later one starts anew.
    """

    id: Name
    title: Words
    offers: Annotated[tuple[Offer, ...], Field(min_length=1, max_length=20)]
    grace_days: Annotated[int, Field(strict=True, ge=0, le=90)] = 0
    """How long perks last beyond the end, for those who renew a little late."""
    multiplier: Factor | None = None
    """How many times the points an order earns while the membership runs; not given: once."""
    points_at_start: Points | None = None
    points_at_renewal: Points | None = None
    points_monthly: Points | None = None
    """Given at the start of each month of the term, counted from the term's own first day."""
    perks: Annotated[tuple[Perk, ...], Field(max_length=50)] = ()
    is_shared: Switch = False
    """Whether everybody who shares the holder's account has it too: the household."""
    is_active: Switch = True


def membership_faults(memberships: Iterable[Membership]) -> Iterator[tuple[str, str]]:
    """Faults between parts that are sound by themselves: one thing that buys two terms at once."""
    bought: dict[tuple[str, object], str] = {}
    for place, one in enumerate(memberships):
        for number, offer in enumerate(one.offers):
            path = f"memberships[{place}].offers[{number}].goods"
            for kind in ("products", "variants", "skus"):
                for item in getattr(offer.goods, kind):
                    key = (kind, item.casefold() if isinstance(item, str) else item)
                    if key in bought:
                        yield f"{path}.{kind}", f"{item!r} buys {bought[key]} already"
                    bought.setdefault(key, path)

"""Conditions that rules and campaigns put on an order as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_values import Name, Part, PositiveNumber, Switch, Text

Channel = Literal["online_store", "pos", "draft", "other"]
"""Where an order came from: the online store, a till, a draft order made by staff, or anything else that sells (apps, marketplaces)."""
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]


class When(Part):
    """What must be true of an order; of what is given, all of it. Within a list any one will do."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    channels: Annotated[tuple[Channel, ...], Field(max_length=4)] = ()
    currencies: Annotated[tuple[Currency, ...], Field(max_length=50)] = ()
    """The currency the buyer paid in, which is that of their market. Amounts and rates are in the shop's currency all the same."""
    customer_tags: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    """The customer's tags at Shopify when the order was first looked at; letter case does not count."""
    without_customer_tags: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    """A customer with one of these is left out."""
    tiers: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Ids of tiers; the one held when the order was placed."""
    segments: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    """Ids of segments; those the member was in when the order was first looked at."""
    memberships: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Ids of memberships; those that ran when the order was placed."""
    subscription: Switch | None = None
    """Only orders with something bought on a subscription, or only those without; a subscription's later orders are such, too."""
    order_tags: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    """The order's own tags at Shopify, which a till, staff or an automation sets; letter case does not count."""
    shipping_methods: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    """Names of ways of delivery as the buyer reads them; letter case does not count."""
    minimum_spend: PositiveNumber | None = None
    """What counts as spend must come to at least this much, less refunds."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) in (None, ()) for name in type(self).model_fields):
            raise PydanticCustomError("empty_when", "name at least one condition")
        return self


def when_faults(
    asked: Iterable[tuple[str, When | None]], known: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str]]:
    """Faults of conditions that name what the document does not have; `known` are its ids by the field that names them."""
    for path, when in asked:
        if when is None:
            continue
        for name, ids in known.items():
            for place, one in enumerate(getattr(when, name)):
                if one not in ids:
                    yield f"{path}.when.{name}[{place}]", f"there is no {name[:-1]} {one!r}"

"""How a programme document names products."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from plugin.rules.schema_values import Part, ShopifyId, Text


class Match(Part):
    """Which lines a product rule takes. Within a list any one fits; of the lists given all must fit. Letter case does not count."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    product_types: Annotated[tuple[Text, ...], Field(max_length=250)] = ()
    vendors: Annotated[tuple[Text, ...], Field(max_length=250)] = ()
    tags: Annotated[tuple[Text, ...], Field(max_length=250)] = ()
    collections: Annotated[tuple[ShopifyId, ...], Field(max_length=250)] = ()
    """Shopify's numeric collection ids."""
    products: Annotated[tuple[ShopifyId, ...], Field(max_length=1000)] = ()
    """Shopify's numeric product ids."""
    skus: Annotated[tuple[Text, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise PydanticCustomError(
                "empty_match", "name at least one product type, vendor, tag, collection, product or SKU"
            )
        return self

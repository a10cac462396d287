"""Which lines a product rule takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from plugin.facts import OrderLine, ProductFacts
from plugin.rules.schema_match import Match


@dataclass(frozen=True, slots=True)
class Selection:
    """Some products. Within a set any one fits; of the sets that are not empty all must fit. Letter case does not count."""

    product_types: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    collections: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    skus: frozenset[str] = frozenset()

    @classmethod
    def of(cls, match: Match) -> Self:
        """Read a rule's `match`."""
        return cls(
            _folded(match.product_types),
            _folded(match.vendors),
            _folded(match.tags),
            frozenset(match.collections),
            frozenset(match.products),
            _folded(match.skus),
        )

    def covers(self, line: OrderLine, product: ProductFacts | None) -> bool:
        """Whether the line is one of these; what is asked of a product nobody knows does not fit."""
        if (self.products or self.vendors or self.skus) and not self._fits_line(line):
            return False
        return self._fits_product(line, product)

    @property
    def asks_any_product(self) -> bool:
        """Whether only its product could tell of any line if it is one of these, whatever the order says of it."""
        asks = self.product_types or self.tags or self.collections
        return bool(asks) and not (self.products or self.vendors or self.skus)

    def asks_product(self, line: OrderLine) -> bool:
        """Whether only the line's product could tell if the line is one of these."""
        asks = self.product_types or self.tags or self.collections or (self.vendors and not line.vendor)
        return bool(asks) and self._fits_line(line)

    def _fits_line(self, line: OrderLine) -> bool:
        """What the order itself tells; a blank vendor is left to the product."""
        if self.products and line.product_id not in self.products:
            return False
        if self.vendors and line.vendor and fold(line.vendor) not in self.vendors:
            return False
        return not self.skus or fold(line.sku) in self.skus

    def _fits_product(self, line: OrderLine, product: ProductFacts | None) -> bool:
        if product is None:
            return not (self.product_types or self.tags or self.collections or (self.vendors and not line.vendor))
        if self.product_types and fold(product.product_type) not in self.product_types:
            return False
        if self.vendors and not line.vendor and fold(product.vendor) not in self.vendors:
            return False
        if self.collections and self.collections.isdisjoint(product.collections):
            return False
        return not self.tags or not self.tags.isdisjoint(map(fold, product.tags))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Write a text as it is compared: letter case and space around it do not count. The same few come line after line."""
    return text.strip().casefold()


def _folded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, texts))

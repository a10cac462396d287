"""Which product rule takes a line, looked up by what the line is: with many rules, asking each of them is what takes the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from plugin.rules.calculators import ProductTypeRewardCalculator
from plugin.rules.order_facts import LineFacts, OrderFacts
from plugin.rules.selection import fold

Places = Mapping[int | str | None, tuple[int, ...]]
_SETS = ("products", "skus", "product_types", "collections", "tags", "vendors")


@dataclass(frozen=True, slots=True)
class Takers:
    """Product rules in the sequence in which they are asked, each found by one of the sets it selects by."""

    rules: tuple[ProductTypeRewardCalculator, ...]
    by: Mapping[str, Places]
    always: tuple[int, ...]

    @classmethod
    def of(cls, rules: Sequence[ProductTypeRewardCalculator]) -> Self:
        """File every rule under the first set that it has; one that has none may take anything."""
        by: dict[str, dict[int | str | None, tuple[int, ...]]] = {}
        always: list[int] = []
        for place, rule in enumerate(rules):
            name = next((one for one in _SETS if getattr(rule.selection, one)), None)
            if name is None:
                always.append(place)
                continue
            filed = by.setdefault(name, {})
            for value in getattr(rule.selection, name):
                filed[value] = (*filed.get(value, ()), place)
        return cls(tuple(rules), by, tuple(always))

    def part(self, order: OrderFacts) -> tuple[list[tuple[ProductTypeRewardCalculator, OrderFacts]], OrderFacts]:
        """Part an order among the rules: (each rule that takes lines, with them, in sequence; the lines that none takes)."""
        taken: dict[int, list[LineFacts]] = {}
        rest: list[LineFacts] = []
        for line in order.lines:
            place = self._taker(line)
            (rest if place is None else taken.setdefault(place, [])).append(line)
        if not taken:
            return [], order
        return [(self.rules[place], OrderFacts.of(taken[place])) for place in sorted(taken)], OrderFacts.of(rest)

    def _taker(self, line: LineFacts) -> int | None:
        """The first rule that covers the line."""
        found = sorted({*self.always, *(place for places in self._filed(line) for place in places)})
        return next((place for place in found if self.rules[place].covers(line)), None)

    def _filed(self, line: LineFacts) -> Iterator[tuple[int, ...]]:
        """What is filed under anything that the line or its product is."""
        for name, filed in self.by.items():
            for value in _values(name, line):
                if value in filed:
                    yield filed[value]


def _values(name: str, line: LineFacts) -> Sequence[int | str | None]:
    """What a line has to offer to a set; a blank vendor is the product's."""
    product = line.product
    if name == "products":
        return (line.line.product_id,)
    if name == "skus":
        return (fold(line.line.sku),)
    if name == "vendors":
        return (fold(line.line.vendor or (product.vendor if product else "")),)
    if product is None:
        return ()
    if name == "product_types":
        return (fold(product.product_type),)
    return product.collections if name == "collections" else [fold(tag) for tag in product.tags]

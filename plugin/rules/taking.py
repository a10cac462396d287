"""Which product rule takes a line, looked up by what the line is: with many rules, asking each of them is what takes the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from plugin.facts import ProductFacts
from plugin.rules.calculators import ProductTypeRewardCalculator
from plugin.rules.order_facts import LineFacts, OrderFacts
from plugin.rules.selection import fold

Value = int | str | None
Filed = Mapping[Value, tuple[int, ...]]
Values = Callable[[LineFacts], Iterable[Value]]
Bought = tuple[int | None, str, str, ProductFacts | None]
"""All that decides who takes a line: its product's id, its SKU and vendor, and what is known of the product."""
_KNOWN_MAX, _UNKNOWN = 16_384, -1


@dataclass(frozen=True, slots=True)
class Takers:
    """Product rules in the sequence in which they are asked, each filed by its place under the values of one set it selects by."""

    rules: tuple[ProductTypeRewardCalculator, ...]
    files: tuple[tuple[Values, Filed], ...]
    always: tuple[int, ...]
    known: dict[Bought, int | None] = field(default_factory=dict, repr=False, compare=False)
    """Who takes what was bought before, for the same things are bought again; not more than `_KNOWN_MAX`."""

    @classmethod
    def of(cls, rules: Sequence[ProductTypeRewardCalculator]) -> Self:
        """File every rule under the first set that it has; one that has none may take anything."""
        files: dict[str, dict[Value, tuple[int, ...]]] = {}
        always: list[int] = []
        for place, rule in enumerate(rules):
            name = next((one for one in _VALUES if getattr(rule.selection, one)), None)
            if name is None:
                always.append(place)
                continue
            filed = files.setdefault(name, {})
            for value in getattr(rule.selection, name):
                filed[value] = (*filed.get(value, ()), place)
        return cls(tuple(rules), tuple((_VALUES[name], filed) for name, filed in files.items()), tuple(always))

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
        """The first rule that covers the line, known already or found now."""
        bought = (line.line.product_id, line.line.sku, line.line.vendor, line.product)
        place = self.known.get(bought, _UNKNOWN)
        if place == _UNKNOWN:
            if len(self.known) >= _KNOWN_MAX:
                self.known.clear()
            place = self.known[bought] = self._found(line)
        return place

    def _found(self, line: LineFacts) -> int | None:
        """The first rule that covers the line: of those filed under anything that the line or its product is."""
        found = list(self.always)
        for values, filed in self.files:
            for value in values(line):
                if value in filed:
                    found += filed[value]
        for place in sorted(found):
            if self.rules[place].covers(line):
                return place
        return None


def _types(line: LineFacts) -> tuple[str, ...]:
    return (fold(line.product.product_type),) if line.product else ()


def _tags(line: LineFacts) -> Iterable[str]:
    return map(fold, line.product.tags) if line.product else ()


def _vendors(line: LineFacts) -> tuple[str, ...]:
    """A blank vendor is the product's."""
    return (fold(line.line.vendor or (line.product.vendor if line.product else "")),)


_VALUES: Mapping[str, Values] = {
    "products": lambda line: (line.line.product_id,),
    "skus": lambda line: (fold(line.line.sku),),
    "product_types": _types,
    "collections": lambda line: line.product.collections if line.product else (),
    "tags": _tags,
    "vendors": _vendors,
}
"""What a line has to offer to each set, in the sequence in which rules are filed."""

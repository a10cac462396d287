"""Baskets written in one line, evaluated by a template, and a note of which benefits the tests have shown to be enforced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from plugin.facts import Context, OrderLine, OrderSnapshot, ProductFacts
from plugin.rules import evaluate
from plugin.rules.templates import get_template
from tests.rules.making import line, order

Test = TypeVar("Test", bound=Callable[..., None])
Item = tuple[OrderLine, ProductFacts]

SHOWN: set[tuple[str, str]] = set()


def shows(template: str, *benefits: str) -> Callable[[Test], Test]:
    """Note that a test shows these benefits of a template."""

    def _note(test: Test) -> Test:
        SHOWN.update((template, benefit) for benefit in benefits)
        return test

    return _note


def goods(price: str, *tags: str, kind: str = "", less: str = "0", sku: str = "", **more: Any) -> Item:
    """A line of ordinary goods, less its discount, of a product with these tags and of this type."""
    return line(1, price, discount=less, sku=sku, **more), ProductFacts(301, product_type=kind, tags=tags)


def gift_card(price: str) -> Item:
    """A gift card."""
    return line(1, price, is_gift_card=True), ProductFacts(301)


def tip(amount: str) -> Item:
    """A tip."""
    return line(1, amount, is_tip=True), ProductFacts(301)


def basket(*items: Item, **changes: Any) -> tuple[OrderSnapshot, tuple[ProductFacts, ...]]:
    """An order of these items, each a product of its own."""
    lines = [_numbered(one, number) for number, (one, _) in enumerate(items, start=1)]
    known = [_of_product(facts, number) for number, (_, facts) in enumerate(items, start=1)]
    return order(*lines, **changes), tuple(known)


def points(template: str, *items: Item, context: dict[str, Any] | None = None, **changes: Any) -> int:
    """What the template gives for a basket; `context` is what else is known, such as the tier."""
    made, known = basket(*items, **changes)
    return evaluate(made, get_template(template).document, Context(1, known, **(context or {}))).points


def paid(*items: Item) -> Decimal:
    """What the goods cost after discounts."""
    return sum((one.price * one.quantity - one.discount for one, _ in items), Decimal(0))


def _numbered(one: OrderLine, number: int) -> OrderLine:
    return replace(one, line_id=number, product_id=300 + number)


def _of_product(facts: ProductFacts, number: int) -> ProductFacts:
    return replace(facts, product_id=300 + number)

"""Baskets written in one line, evaluated by a template, and a note of which benefits the tests have shown to be enforced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from plugin.facts import Context, OrderLine, OrderSnapshot, ProductFacts
from plugin.rules import evaluate
from plugin.rules.actions import Given, decide
from plugin.rules.exact import MICROS
from plugin.rules.measuring import Fact, Past
from plugin.rules.offering import Birthday, Taker, locked
from plugin.rules.templates import get_template
from plugin.rules.tiers import Start, told_holdings
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


def done(template: str, *acts: tuple[str, str]) -> list[int]:
    """What a member is given for acts done one after the other: (action, day), each within all limits."""
    document = get_template(template).document
    actions = {one.id: one for one in document.actions}
    given: list[Given] = []
    for name, day in acts:
        at = datetime.fromisoformat(f"{day}T10:00+00:00")
        given.append(Given(name, decide(document, actions[name], at, given, "UTC").points, at))
    return [one.points for one in given]


def refused(template: str, reward: str, at: str, **known: Any) -> str | None:
    """Say in a machine word why a member cannot have a reward at an instant, by the clocks of UTC; None if they can."""
    document = get_template(template).document
    found = next(one for one in document.rewards if one.id == reward)
    shut = locked(document, found, Taker(datetime.fromisoformat(at), "UTC", **known))
    return shut.why if shut else None


def had(reward: str, points: int, *days: str) -> list[Given]:
    """Rewards a member had on these days."""
    return [Given(reward, points, datetime.fromisoformat(f"{day}T10:00+00:00")) for day in days]


def born(month: int, day: int) -> Birthday:
    """A birthday that was known for long."""
    return Birthday(month, day, datetime(2020, 1, 1, tzinfo=UTC), "UTC")


def tiers_held(template: str, *facts: tuple[str, str, int], until: str) -> list[tuple[str | None, str, str]]:
    """The tiers of a member who joined with the year 2026, after facts (day, measure, how much): (tier, since, until)."""
    tiers = get_template(template).document.tiers
    assert tiers is not None
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    told = [
        Fact(
            datetime.fromisoformat(f"{day}T10:00+00:00"),
            **{_AS_FACT[measure]: much * (MICROS if measure == "spend" else 1)},
        )
        for day, measure, much in facts
    ]
    past = Past.of(told, joined, "UTC")
    held = told_holdings(tiers, past, Start(joined), datetime.fromisoformat(f"{until}T10:00+00:00"))
    return [(one.tier, str(one.since.date()), str(one.until.date()) if one.until else "") for one in held]


_AS_FACT = {"spend": "spend_micros", "points": "points"}

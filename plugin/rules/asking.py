"""What a document asks about an order that the order's own snapshot does not tell: looked up, and frozen with it, only where asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from plugin.facts import Context, OrderSnapshot
from plugin.rules.capping import asks_order_number
from plugin.rules.evaluate import PAID
from plugin.rules.order_facts import read_order
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_bonuses import Period
from plugin.rules.schema_when import When


@dataclass(frozen=True, slots=True)
class Asks:
    """`goals` are the spend goals' rule ids with their periods; `clock` is whether the programme's timezone decides."""

    order_number: bool
    goals: tuple[tuple[str, Period], ...]
    customer_tags: bool
    subscription: bool
    payments: bool
    clock: bool
    shipping: bool = False

    @property
    def history(self) -> bool:
        """Whether the member's other orders decide."""
        return self.order_number or bool(self.goals)

    def missing(self, order: OrderSnapshot, context: Context) -> bool:
        """Whether an order that counts waits for what only a fetch tells."""
        lacks = (
            (self.customer_tags and context.customer_tags is None)
            or (self.subscription and context.is_subscription is None)
            or (self.payments and context.paid_otherwise is None)
            or (self.shipping and order.shipping is None)
        )
        return lacks and order.customer is not None and counts(order)


@lru_cache(maxsize=256)
def asks_of(document: ProgrammeDocument) -> Asks:
    """Read off a document what it asks."""
    rules = [rule for rule in document.earning.rules if rule.is_active]
    whens = list(_whens(document))
    goals = tuple((rule.id, rule.period) for rule in rules if rule.kind == "spend_goal")
    base = document.earning.base
    return Asks(
        order_number=asks_order_number(document) or any(rule.kind == "nth_order" for rule in rules),
        goals=goals,
        customer_tags=any(when.customer_tags or when.without_customer_tags for when in whens),
        subscription=any(when.subscription is not None for when in whens),
        payments=not (base.paid_with_gift_cards and base.paid_with_store_credit),
        shipping=base.shipping,
        clock=any(one.is_active and not one.is_for_rewards for one in document.campaigns),
    )


def counts(order: OrderSnapshot) -> bool:
    """Whether an order as a whole may earn, as it stands."""
    return order.financial_status in PAID and order.cancelled_at is None and not order.is_test


def eligible_spend(order: OrderSnapshot, document: ProgrammeDocument, context: Context) -> Fraction:
    """What counts as spend in an order."""
    return read_order(order, document.earning.base, context.products, context.paid_otherwise).facts.eligible_spend


def period_of(day: date, period: Period) -> tuple[int, ...]:
    """Name the period a day is in: days of one period have one name."""
    if period == "life":
        return ()
    if period == "year":
        return (day.year,)
    return (day.year, day.month if period == "month" else (day.month - 1) // 3)


def _whens(document: ProgrammeDocument) -> Iterator[When]:
    yield from (rule.when for rule in document.earning.rules if rule.is_active and rule.when)
    yield from (one.when for one in document.campaigns if one.is_active and one.when)

"""Conditions on an order as a whole, compiled once per document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from plugin.facts import Context, OrderSnapshot
from plugin.rules.schema_when import Channel, When

_CHANNELS: dict[str, Channel] = {"web": "online_store", "pos": "pos", "shopify_draft_order": "draft"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must be true of an order; an empty set asks nothing."""

    channels: frozenset[str]
    currencies: frozenset[str]
    customer_tags: frozenset[str]
    without_customer_tags: frozenset[str]
    tiers: frozenset[str]
    segments: frozenset[str]
    subscription: bool | None
    minimum_spend: Fraction | None
    order_tags: frozenset[str] = frozenset()
    shipping_methods: frozenset[str] = frozenset()
    memberships: frozenset[str] = frozenset()

    @classmethod
    def of(cls, when: When | None) -> Self | None:
        """Read a part's `when`."""
        if when is None:
            return None
        return cls(
            frozenset(when.channels),
            frozenset(when.currencies),
            _folded(when.customer_tags),
            _folded(when.without_customer_tags),
            frozenset(when.tiers),
            frozenset(when.segments),
            when.subscription,
            None if when.minimum_spend is None else Fraction(when.minimum_spend),
            _folded(when.order_tags),
            _folded(when.shipping_methods),
            frozenset(when.memberships),
        )

    @property
    def ask_tags(self) -> bool:
        """Whether the customer's tags decide."""
        return bool(self.customer_tags or self.without_customer_tags)

    def unmet(self, order: OrderSnapshot, spend: Fraction, context: Context) -> str | None:
        """Name the first condition that does not hold, in a machine word; None if all do. What nobody told does not hold."""
        if self.channels and channel_of(order.source) not in self.channels:
            return "channels"
        if self.currencies and (order.buyer_currency or order.currency) not in self.currencies:
            return "currencies"
        if self.subscription is not None and context.is_subscription is not self.subscription:
            return "subscription"
        if self.minimum_spend is not None and spend < self.minimum_spend:
            return "minimum_spend"
        by_order = self._unmet_by_marks(order) if self.order_tags or self.shipping_methods else None
        return by_order or self.unmet_by_member(context) or (self._unmet_by_tags(context) if self.ask_tags else None)

    def unmet_by_member(self, context: Context) -> str | None:
        """Name what the member is not, as far as tiers, segments and memberships tell."""
        if self.tiers and context.tier not in self.tiers:
            return "tiers"
        if self.segments and self.segments.isdisjoint(context.segments):
            return "segments"
        if self.memberships and self.memberships.isdisjoint(context.memberships):
            return "memberships"
        return None

    def _unmet_by_marks(self, order: OrderSnapshot) -> str | None:
        if self.order_tags and self.order_tags.isdisjoint(_folded(order.tags)):
            return "order_tags"
        if self.shipping_methods and self.shipping_methods.isdisjoint(_folded(order.shipping_methods)):
            return "shipping_methods"
        return None

    def _unmet_by_tags(self, context: Context) -> str | None:
        if context.customer_tags is None:
            return "customer_tags"
        tags = _folded(context.customer_tags)
        if self.customer_tags and self.customer_tags.isdisjoint(tags):
            return "customer_tags"
        return None if self.without_customer_tags.isdisjoint(tags) else "without_customer_tags"


def channel_of(source: str) -> Channel:
    """Name the channel of an order by Shopify's name for its source."""
    return _CHANNELS.get(source, "other")


def _folded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().casefold() for text in texts)

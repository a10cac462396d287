"""One full state of an order, as Shopify gave it: all that crediting may know. No names, no addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

CustomerStanding = Literal["present", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """The customer an order names. `has_account` is None where Shopify did not say."""

    customer_id: int
    has_account: bool | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One ordered line: quantities as ordered, amounts in major units of the shop's currency.

    `discount` is the sum of the line's discount allocations, `tax` of its tax lines, both over the whole quantity.
    """

    line_id: int
    quantity: int
    price: Decimal
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    product_id: int | None = None
    variant_id: int | None = None
    sku: str = ""
    vendor: str = ""
    grams: int = 0
    is_gift_card: bool = False
    is_tip: bool = False


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """Part of a line taken back: how many, and what they were worth after discounts."""

    line_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. `discrepancy` is money given back beyond its lines, in major units of the shop's currency, tax and all.

    It is the net of the refund's discrepancies, since Shopify books pairs that cancel each other, within a refund and across refunds:
    below zero it is money kept (a fee, or what is paid out by a later refund). Lines with money kept came back all the same. A refund
    none of whose payments succeeded yet, and whose lines such a net cancels, is not in the snapshot: nothing was given back, and the
    order changes again when it is. `shipping` is what it gave back of the shipping, which like a line's subtotal holds its tax where
    prices include it; `shipping_tax` is that tax.
    """

    refund_id: int
    created_at: datetime
    lines: tuple[RefundedLine, ...] = ()
    discrepancy: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Shipping:
    """What an order's shipping cost in all, before refunds, in major units of the shop's currency."""

    price: Decimal
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What Shopify tells of an order only when asked, never in a webhook's body.

    `is_subscription`: something in it was bought on a subscription. What was paid with gift cards and store credit, and the total, are
    in major units of the shop's currency, before refunds.
    """

    customer_tags: tuple[str, ...] = ()
    is_subscription: bool = False
    gift_cards: Decimal = Decimal(0)
    store_credit: Decimal = Decimal(0)
    total: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """One self-contained state of an order; `updated_at` is Shopify's word for how new it is.

    `customer_standing` tells a guest ("none") from a body that withheld the customer ("unknown").
    `is_complete` is False where the body lacked facts that only a fetch can bring. `buyer_currency` is what the buyer paid in, empty
    where it was not told; amounts are in `currency` all the same. `fetched` is None in what a webhook brought. `tags` are the order's
    own, which staff, a till or an automation may set and take away; `shipping_methods` are the ways of delivery as the buyer read them.
    `shipping` is None where nobody told of it.
    """

    programme_id: UUID
    shop_id: UUID
    order_id: int
    updated_at: datetime
    placed_at: datetime
    currency: str
    financial_status: str
    name: str = ""
    customer: CustomerRef | None = None
    customer_standing: CustomerStanding = "none"
    cancelled_at: datetime | None = None
    is_test: bool = False
    taxes_included: bool = False
    source: str = ""
    lines: tuple[OrderLine, ...] = ()
    refunds: tuple[Refund, ...] = ()
    discount_codes: tuple[str, ...] = ()
    is_complete: bool = True
    buyer_currency: str = ""
    fetched: Fetched | None = None
    tags: tuple[str, ...] = ()
    shipping_methods: tuple[str, ...] = ()
    shipping: Shipping | None = None


def is_renewal_source(source: str) -> bool:
    """Whether Shopify's name for an order's source says that a running subscription placed it."""
    return source.startswith("subscription_contract")

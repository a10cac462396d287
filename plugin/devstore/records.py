"""What the stand-in remembers: products, customers, orders, discounts, tokens. Amounts are major units of the shop's currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShopCard:
    """The shop itself. `tax_rate` is a fraction, 0.20 for 20 %."""

    shop_id: int
    domain: str
    name: str
    email: str
    currency: str
    timezone: str
    taxes_included: bool
    tax_rate: Decimal
    shipping_price: Decimal
    free_shipping_from: Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One product with one variant; `art` names its drawing."""

    product_id: int
    variant_id: int
    handle: str
    title: str
    product_type: str
    vendor: str
    tags: tuple[str, ...]
    price: Decimal
    grams: int
    sku: str
    art: str
    blurb: str
    is_gift_card: bool = False
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person said of hearing from the shop by `email` or `sms`: Shopify's word, and when they said it."""

    state: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """A sample person. Without an account nobody signs in; orders may still name them."""

    customer_id: int
    first_name: str
    last_name: str
    email: str
    has_account: bool
    created_at: datetime
    updated_at: datetime
    consents: dict[str, Consent] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart or an order: `discount` and `tax` are over the whole quantity."""

    line_id: int
    product_id: int
    variant_id: int
    title: str
    vendor: str
    sku: str
    grams: int
    is_gift_card: bool
    quantity: int
    price: Decimal
    discount: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """Price times quantity."""
        return self.price * self.quantity

    @property
    def net(self) -> Decimal:
        """What is paid for the line after discounts."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """Part of a line taken back."""

    refund_line_id: int
    line_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund: lines, or an amount beyond lines (`discrepancy` ≥ 0), or both; `total` is the money sent back."""

    refund_id: int
    created_at: datetime
    lines: tuple[RefundedLine, ...]
    discrepancy: Decimal
    shipping: Decimal
    total: Decimal


@dataclass(slots=True)
class Order:
    """One order, paid when it was placed. Changes only by refund and cancel."""

    order_id: int
    number: int
    token: str
    customer_id: int | None
    placed_at: datetime
    updated_at: datetime
    lines: tuple[Line, ...]
    shipping: Decimal
    shipping_tax: Decimal
    tax: Decimal
    total: Decimal
    discount_code: str | None = None
    discount_amount: Decimal = ZERO
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call the order."""
        return f"#{self.number}"

    @property
    def subtotal(self) -> Decimal:
        """Lines after discounts, before shipping."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def refunded(self) -> Decimal:
        """Money sent back so far."""
        return sum((refund.total for refund in self.refunds), ZERO)

    @property
    def financial_status(self) -> str:
        """Shopify's word, in the webhook's lower case."""
        if not self.refunds:
            return "paid"
        return "refunded" if self.refunded >= self.total else "partially_refunded"

    def kept_quantity(self, line: Line) -> int:
        """How many of a line were not taken back."""
        back = sum(part.quantity for refund in self.refunds for part in refund.lines if part.line_id == line.line_id)
        return line.quantity - back


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a discount at check-out."""

    order_id: int
    customer_id: int | None


@dataclass(slots=True)
class Discount:
    """A code discount. `customer_ids` None means everybody; either `amount` or `percentage` (0 to 1) is set, or delivery is free.

    `variant_ids` are what it takes something off, None the whole order; ways of delivery above `maximum_shipping` are not made free.
    """

    discount_id: int
    title: str
    code: str
    created_at: datetime
    updated_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    customer_ids: tuple[int, ...] | None
    amount: Decimal | None
    percentage: Decimal | None
    minimum_subtotal: Decimal | None
    usage_limit: int | None
    once_per_customer: bool
    combines_with: dict[str, bool] = field(default_factory=dict)
    variant_ids: frozenset[int] | None = None
    is_free_shipping: bool = False
    maximum_shipping: Decimal | None = None
    uses: list[Use] = field(default_factory=list)

    def covers(self, line: Line) -> bool:
        """Whether it may touch a line: never a gift card."""
        return not line.is_gift_card and (self.variant_ids is None or line.variant_id in self.variant_ids)

    def status(self, now: datetime) -> str:
        """Shopify's word: ACTIVE, SCHEDULED or EXPIRED. Deactivating sets the end to now."""
        if self.ends_at is not None and self.ends_at <= now:
            return "EXPIRED"
        return "SCHEDULED" if self.starts_at > now else "ACTIVE"


@dataclass(frozen=True, slots=True)
class Metafield:
    """One value an app keeps on something of the shop's."""

    metafield_id: int
    owner_gid: str
    namespace: str
    key: str
    kind: str
    value: str
    updated_at: datetime


@dataclass(slots=True)
class TokenPair:
    """An expiring offline token with its refresh token. `is_used`: the access token was presented at least once."""

    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    access_expires_at: datetime
    refresh_expires_at: datetime
    replaces: str | None = None
    is_used: bool = False


@dataclass(slots=True)
class Installation:
    """The app in this shop: what was granted, and the tokens that still work."""

    installation_id: int
    scopes: tuple[str, ...]
    installed_at: datetime
    pairs: list[TokenPair] = field(default_factory=list)


@dataclass(slots=True)
class Faults:
    """Bad weather on demand: how many of the next answers go wrong, and how.

    `is_holding` keeps webhooks back, `is_withholding` keeps customers from the Admin API's answers as long as it is set.
    """

    throttled_next: int = 0
    lost_next: int = 0
    failing_next: int = 0
    duplicated_next: int = 0
    is_holding: bool = False
    is_withholding: bool = False

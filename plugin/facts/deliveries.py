"""One arrival of a webhook, and the facts a topic file reads out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from plugin.facts.orders import OrderSnapshot


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified arrival for a shop we know. Unique by (shop, topic, event id, body hash, triggered at); surplus copies cost nothing."""

    delivery_id: UUID
    programme_id: UUID
    shop_id: UUID
    topic: str
    event_id: str
    webhook_id: str
    triggered_at: datetime
    received_at: datetime
    body: bytes
    body_hash: str


@dataclass(frozen=True, slots=True)
class OrderTouched:
    """An order changed in a way its body does not tell whole (refund, edit); its newest state has to be fetched."""

    programme_id: UUID
    shop_id: UUID
    order_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class OrderContact:
    """What an order says of how to reach its customer; compared as keyed hashes, never stored. Empty where Shopify withheld it."""

    programme_id: UUID
    shop_id: UUID
    customer_id: int
    emails: tuple[str, ...] = ()
    addresses: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerSeen:
    """A customer exists; `has_account` is None where Shopify did not say, `is_new` where they came into being just now."""

    programme_id: UUID
    shop_id: UUID
    customer_id: int
    occurred_at: datetime
    has_account: bool | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """Whether a customer wants to hear from the shop by e-mail or SMS, in Shopify's word, as of `occurred_at`.

    `is_change` is false where a body only repeats how things stand and does not say since when.
    """

    programme_id: UUID
    shop_id: UUID
    customer_id: int
    channel: Literal["email", "sms"]
    state: str
    occurred_at: datetime
    is_change: bool = True


@dataclass(frozen=True, slots=True)
class CustomersMerged:
    """Shopify merged two customers; `deleted_id` is an alias of `kept_id` from now on."""

    programme_id: UUID
    shop_id: UUID
    kept_id: int
    deleted_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ShopUninstalled:
    """The shop removed the app at `occurred_at`; older than the present install means it is a late copy."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ShopChanged:
    """The shop's currency, timezone or display name, as of `occurred_at`."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime
    name: str
    currency: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ScopesChanged:
    """The scopes the shop grants us now."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A customer asks, through the shop, what we store about them (compliance topic)."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime
    request_id: int
    customer_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CustomerRedaction:
    """A customer is to be forgotten (compliance topic)."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime
    customer_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShopRedaction:
    """A shop that left is to be forgotten, if it is still gone (compliance topic)."""

    programme_id: UUID
    shop_id: UUID
    occurred_at: datetime


Fact = (
    OrderSnapshot
    | OrderTouched
    | OrderContact
    | CustomerSeen
    | ConsentChanged
    | CustomersMerged
    | ShopUninstalled
    | ShopChanged
    | ScopesChanged
    | DataRequest
    | CustomerRedaction
    | ShopRedaction
)

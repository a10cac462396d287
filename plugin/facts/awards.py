"""What the rules know besides the order, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a product was when the order was first evaluated; orders themselves carry none of it."""

    product_id: int
    product_type: str = ""
    vendor: str = ""
    tags: tuple[str, ...] = ()
    collections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CapLeft:
    """How much a cap or budget had left when an order first asked for points."""

    limit_id: str
    left: int


@dataclass(frozen=True, slots=True)
class PaidOtherwise:
    """What an order was paid with that is no new money, and what it came to in all, in major units of the shop's currency."""

    gift_cards: Decimal = Decimal(0)
    store_credit: Decimal = Decimal(0)
    total: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SpendBefore:
    """What the member had spent in the period of a goal's rule before this order."""

    rule_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Context:
    """What an award depends on beyond its order, frozen at the order's first evaluation.

    `document_version` names the programme document, `products` is sorted by id. `memberships` are the ids of paid ones that ran when
    the order was placed. `caps_left` is empty until the order first asks for points; a limit it does not name holds nothing back.
    `order_number` is 1 for the member's first order that counts; it and `spend_before` are frozen when the order
    first counts. `timezone` is the programme's. None, like an empty `spend_before`, is what the document did not ask, or nobody told.
    """

    document_version: int
    products: tuple[ProductFacts, ...] = ()
    tier: str | None = None
    memberships: tuple[str, ...] = ()
    order_number: int | None = None
    caps_left: tuple[CapLeft, ...] = ()
    segments: tuple[str, ...] = ()
    spend_before: tuple[SpendBefore, ...] = ()
    customer_tags: tuple[str, ...] | None = None
    is_subscription: bool | None = None
    paid_otherwise: PaidOtherwise | None = None
    timezone: str | None = None


class Award(msgspec.Struct, frozen=True):
    """What one rule gave: exact points before the order's one rounding, and the basis it counted (money or units).

    A struct, since it is made for each rule of each order, and a frozen dataclass takes ten times as long to make.
    """

    rule_id: str
    points: Fraction
    basis: Fraction
    detail: dict[str, Any] = {}


class Evaluation(msgspec.Struct, frozen=True):
    """What an order should have given in all: whole points, and why.

    `why_nothing` is the machine word for an order that gave nothing (guest, unpaid, …), else None. `explanation` is JSON-ready data
    from which sentences are made: rule ids, basis, multipliers, caps, rounding, product ids, numbers; no names. `charges` says how many
    points count towards which cap or budget.
    """

    points: int
    awards: tuple[Award, ...]
    explanation: dict[str, Any]
    why_nothing: str | None = None
    charges: tuple[tuple[str, int], ...] = ()

"""Short ways to write orders and documents in tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from plugin.facts import (
    Context,
    CustomerRef,
    Evaluation,
    OrderLine,
    OrderSnapshot,
    ProductFacts,
    Refund,
    RefundedLine,
)
from plugin.rules import ProgrammeDocument, default_document, dump_document, evaluate, parse_document

PLACED = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PROGRAMME, SHOP = UUID(int=1), UUID(int=2)


def line(line_id: int = 1, price: str = "10.00", quantity: int = 1, **more: Any) -> OrderLine:
    """An ordered line of product 300 + its id."""
    amounts = {name: Decimal(more.pop(name)) for name in ("discount", "tax") if name in more}
    made = OrderLine(
        line_id=line_id,
        quantity=quantity,
        price=Decimal(price),
        product_id=300 + line_id,
        sku=f"SKU-{line_id}",
        **amounts,
    )
    return replace(made, **more)


def order(*lines: OrderLine, **changes: Any) -> OrderSnapshot:
    """A paid order of these lines."""
    made = OrderSnapshot(
        programme_id=PROGRAMME,
        shop_id=SHOP,
        order_id=5001,
        updated_at=PLACED,
        placed_at=PLACED,
        currency="EUR",
        financial_status="paid",
        customer=CustomerRef(7001),
        customer_standing="present",
        lines=lines,
    )
    return replace(made, **changes)


def refund(*parts: tuple[int, int, str] | tuple[int, int, str, str], discrepancy: str = "0") -> Refund:
    """A refund of parts (line id, quantity, subtotal[, tax]) and of money that belongs to no line."""
    lines = tuple(
        RefundedLine(part[0], part[1], Decimal(part[2]), Decimal(part[3]) if len(part) == 4 else Decimal(0))
        for part in parts
    )
    return Refund(9001, PLACED, lines, Decimal(discrepancy))


def product(line_id: int, **facts: Any) -> ProductFacts:
    """The product of the line with this id."""
    return ProductFacts(product_id=300 + line_id, **facts)


def spend(points_per_unit: str = "1", rule_id: str = "spend", **more: Any) -> dict[str, Any]:
    """A spend rule as data."""
    return {"kind": "spend", "id": rule_id, "points_per_unit": points_per_unit, **more}


def products(rule_id: str, match: dict[str, Any], **effect: Any) -> dict[str, Any]:
    """A product rule as data."""
    return {"kind": "product_type", "id": rule_id, "match": match, **effect}


def document(*rules: dict[str, Any], **earning: Any) -> ProgrammeDocument:
    """The default programme with these earning rules."""
    data = dump_document(default_document())
    data["earning"] |= {"rules": list(rules) or [spend()], **earning}
    return parse_document(data)


def evaluated(
    made: OrderSnapshot, by: ProgrammeDocument | None = None, known: tuple[ProductFacts, ...] = (), **more: Any
) -> Evaluation:
    """Evaluate by version 1 of a document; by one point per unit unless another is given."""
    return evaluate(made, by or document(), Context(1, known), **more)


def points(made: OrderSnapshot, by: ProgrammeDocument | None = None, known: tuple[ProductFacts, ...] = ()) -> int:
    """The points alone."""
    return evaluated(made, by, known).points


def told_exactly(evaluation: Evaluation) -> Fraction:
    """The sum of the points that the explanation's rules tell."""
    return sum((Fraction(rule["points"]) for rule in evaluation.explanation["rules"]), Fraction(0))


MEMBERSHIP: dict[str, Any] = {
    "id": "club",
    "title": {"en": "Club"},
    "grace_days": 7,
    "multiplier": "2",
    "points_at_start": 100,
    "points_at_renewal": 50,
    "points_monthly": 10,
    "offers": [
        {"id": "month", "goods": {"variants": [901]}, "length": {"unit": "months", "count": 1}},
        {"id": "year", "goods": {"products": [801]}, "length": {"unit": "years", "count": 1}},
        {"id": "trial", "goods": {"skus": ["CLUB-TRIAL"]}, "length": {"unit": "days", "count": 30}},
    ],
    "perks": [
        {
            "id": "shipping",
            "kind": "free_shipping",
            "title": {"en": "Free shipping"},
            "enforced_by": "automatic_discount",
        }
    ],
}
"""A club with three ways in, and points at its start, at renewals and each month."""


def campaign(campaign_id: str = "sale", effect: dict[str, Any] | str = "2", **more: Any) -> dict[str, Any]:
    """A campaign as data; an effect that is a text is a factor."""
    made = {"kind": "multiply", "factor": effect} if isinstance(effect, str) else effect
    return {"id": campaign_id, "effect": made, **more}


def with_campaigns(
    *campaigns: dict[str, Any], rules: tuple[dict[str, Any], ...] = (), **parts: Any
) -> ProgrammeDocument:
    """The default programme with these campaigns, and one point per unit unless other rules are given."""
    data = dump_document(document(*rules))
    return parse_document(data | {"campaigns": list(campaigns), **parts})

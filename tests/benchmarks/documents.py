"""The two programmes that benchmarks evaluate: the one a new shop starts with, and one that uses all there is."""

from __future__ import annotations

from typing import Any

from plugin.rules import ProgrammeDocument, default_document, dump_document, parse_document

CATEGORIES = (
    "SOFT DRINKS", "BEEF", "CHEESE", "FRZN MEAT/MEAT DINNERS", "BAG SNACKS", "COLD CEREAL", "SOUP", "YOGURT", "CANDY - CHECKLANE",
    "LUNCHMEAT", "BAKED BREAD/BUNS/ROLLS", "FLUID MILK PRODUCTS", "VEGETABLES - SHELF STABLE", "FROZEN PIZZA", "ICE CREAM/MILK/SHERBTS",
    "EGGS", "FRUIT - SHELF STABLE", "CRACKERS/MISC BKD FD",
)  # fmt: skip


def plain() -> ProgrammeDocument:
    """The default programme."""
    return default_document()


def rich() -> ProgrammeDocument:
    """Twenty product rules by type, tag, vendor and SKU, two rules for spend, expiry."""
    made = dump_document(default_document())
    rules: list[dict[str, Any]] = [
        {"kind": "product_type", "id": "tobacco", "match": {"tags": ["TOBACCO"]}, "exclude": True},
        {"kind": "product_type", "id": "maker", "match": {"vendors": ["Maker 69"]}, "multiplier": "1.5"},
        *(
            {"kind": "product_type", "id": f"category_{n}", "match": {"product_types": [name]}, **_effect(n)}
            for n, name in enumerate(CATEGORIES)
        ),
        {"kind": "spend", "id": "base", "points_per_unit": "1"},
        {"kind": "spend", "id": "extra", "points_per_unit": "0.25"},
    ]
    made["earning"] |= {"rules": rules, "maturity_days": 14, "expiry": {"kind": "after_months", "months": 12}}
    return parse_document(made)


def _effect(n: int) -> dict[str, str]:
    return {"multiplier": f"{2 + n % 3}"} if n % 2 else {"points_per_item": "5"}

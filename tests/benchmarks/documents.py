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
    """Twenty product rules by type, tag and vendor, two rules for spend, three tiers, caps, three campaigns, expiry."""
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
    made |= {"tiers": _TIERS, "caps": _CAPS, "campaigns": _CAMPAIGNS}
    return parse_document(made)


_TIERS = {
    "levels": [
        {"id": "member", "title": {"en": "Member"}},
        {
            "id": "silver",
            "title": {"en": "Silver"},
            "multiplier": "1.25",
            "entry": {"kind": "spend", "at_least": "500"},
        },
        {"id": "gold", "title": {"en": "Gold"}, "multiplier": "1.5", "entry": {"kind": "spend", "at_least": "2000"}},
    ],
    "window": {"kind": "calendar_year"},
    "validity": {"kind": "year_end", "years_later": 1},
}
_CAPS = [
    {"id": "daily", "per": "member", "period": "day", "points": 500},
    {"id": "monthly", "per": "member", "period": "month", "points": 4_000, "over": "orders"},
]
_CAMPAIGNS = [
    {"id": "weekend", "effect": {"kind": "multiply", "factor": "2"}, "weekdays": ["saturday", "sunday"]},
    {
        "id": "dairy",
        "effect": {"kind": "multiply", "factor": "1.5"},
        "match": {"product_types": ["CHEESE", "FLUID MILK PRODUCTS", "YOGURT"]},
        "stacking": "multiply",
    },
    {
        "id": "evening",
        "effect": {"kind": "add", "points": 10, "per": "order"},
        "hours": [{"begins": "19:00", "ends": "22:00"}],
        "when": {"minimum_spend": "30"},
        "stacking": "add",
    },
]


def _effect(n: int) -> dict[str, str]:
    return {"multiplier": f"{2 + n % 3}"} if n % 2 else {"points_per_item": "5"}

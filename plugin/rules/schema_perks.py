"""Perks: what membership or a tier gives besides points. Each names who sees to it, so that nobody is promised what nobody does."""

from __future__ import annotations

from typing import Literal

from plugin.rules.schema_values import Name, Part, Words

Enforcer = Literal["automatic_discount", "product_lock", "staff"]
"""A discount of Shopify's that applies by itself, products that the theme shows to these members only, or people in the shop."""


class Perk(Part):
    """One benefit, in words. Laurel shows it; `enforced_by` says who makes it true."""

    id: Name
    kind: Literal[
        "free_shipping", "member_prices", "early_access", "exclusive_products", "gift", "support", "event", "other"
    ]
    title: Words
    enforced_by: Enforcer

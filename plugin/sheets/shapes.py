"""The shapes of files we know: our own two, and what other loyalty apps export.

A shape names, for each of our fields, the columns that may hold it. Apps let merchants rename columns and change them from year to
year, so several names stand for one field; a column that no shape names is not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.errors import BadInput

_TIER = ("tier", "tier_name", "loyalty_tier", "vip_tier", "vip_tier_name", "loyalty_tier_name", "current_tier")
_BIRTHDAY = ("birthday", "date_of_birth", "birth_date", "birthdate", "dob")
_EMAIL = ("email", "email_address", "customer_email")
_CUSTOMER = ("customer_id", "shopify_customer_id", "shopify_id", "platform_customer_id")


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of file: which columns hold which field, and which of them tell that it is this kind."""

    name: str
    kind: str
    columns: Mapping[str, tuple[str, ...]]
    told_by: tuple[str, ...]
    is_one_row_per_customer: bool = True


ADJUSTMENTS = Shape(
    name="adjustments",
    kind="adjustment",
    columns={
        "customer_id": _CUSTOMER,
        "email": _EMAIL,
        "points": ("points", "points_change", "change"),
        "public_note": ("note", "public_note"),
        "internal_note": ("internal_note", "reason"),
    },
    told_by=(),
    is_one_row_per_customer=False,
)
BALANCES = Shape(
    name="laurel",
    kind="opening",
    columns={
        "customer_id": _CUSTOMER,
        "email": _EMAIL,
        "points": ("points", "balance"),
        "earned_at": ("earned_on", "earned_at"),
        "expires_at": ("expires_on", "expires_at"),
        "joined_at": ("joined_on", "joined_at"),
        "tier": _TIER,
        "tier_since": ("tier_since",),
        "tier_until": ("tier_until",),
        "referral_code": ("referral_code",),
        "birthday": _BIRTHDAY,
        "birthday_used": ("birthday_used", "birthday_used_on"),
    },
    told_by=("earned_on", "expires_on", "joined_on", "tier_since", "tier_until", "birthday_used"),
    is_one_row_per_customer=False,
)
SMILE = Shape(
    name="smile",
    kind="opening",
    columns={
        "customer_id": _CUSTOMER,
        "email": _EMAIL,
        "points": ("points_balance", "points"),
        "earned_at": ("points_last_earned_at", "last_earned_at"),
        "expires_at": ("points_expire_at", "points_expiry_date", "points_expiration_date", "points_expires_at"),
        "joined_at": ("joined_at", "member_since", "program_joined_at"),
        "standing": ("state", "program_state", "membership_status", "member_status"),
        "tier": _TIER,
        "tier_since": ("vip_tier_since", "vip_tier_achieved_at", "vip_tier_entered_at"),
        "tier_until": ("vip_tier_expires_at", "vip_tier_expiry_date"),
        "referral_code": ("referral_code", "referral_url", "referral_link"),
        "birthday": _BIRTHDAY,
        "birthday_used": ("birthday_rewarded_at", "last_birthday_reward_at", "birthday_reward_year"),
    },
    told_by=("points_balance", "vip_tier_expires_at", "vip_tier", "referral_url", "program_state"),
)
LOYALTYLION = Shape(
    name="loyaltylion",
    kind="opening",
    columns={
        "customer_id": ("merchant_id", *_CUSTOMER),
        "email": _EMAIL,
        "points": ("points_approved", "approved_points", "current_points"),
        "pending": ("points_pending", "pending_points"),
        "earned_at": ("points_last_earned_at", "last_earned_at"),
        "expires_at": ("points_expire_at", "points_expiration_date", "next_points_expiration_at", "points_expires_at"),
        "joined_at": ("enrolled_at", "joined_at"),
        "is_enrolled": ("enrolled", "is_enrolled"),
        "is_blocked": ("blocked", "is_blocked"),
        "tier": _TIER,
        "tier_since": ("tier_started_at", "loyalty_tier_started_at", "tier_since"),
        "tier_until": ("tier_expires_at", "loyalty_tier_expires_at", "tier_eligibility_ends_at"),
        "referral_code": ("referral_id", "referral_code", "referral_url"),
        "birthday": _BIRTHDAY,
        "birthday_used": ("birthday_points_awarded_at", "last_birthday_points_at", "birthday_used"),
    },
    told_by=("points_approved", "approved_points", "points_pending", "merchant_id"),
)
SHAPES: Mapping[str, Shape] = {one.name: one for one in (ADJUSTMENTS, BALANCES, SMILE, LOYALTYLION)}
_OPENING = (BALANCES, SMILE, LOYALTYLION)


def shape_of(kind: str, columns: Sequence[str], name: str | None = None) -> Shape:
    """Tell which shape a file has, or take the one that was named, and see that it can be read.

    Raises:
        BadInput: it names no customer or no points; `path` is the field without a column.
    """
    if name is not None and (name not in SHAPES or SHAPES[name].kind != kind):
        raise BadInput(f"no such shape: {name}", path="shape", code="unknown_shape")
    found = SHAPES[name] if name else ADJUSTMENTS if kind == "adjustment" else _told(columns)
    placed = places(found, columns)
    if "points" not in placed:
        raise BadInput("no column holds points", path="points", code="column_missing")
    if not {"customer_id", "email"} & placed.keys():
        raise BadInput("no column names the customer", path="customer_id", code="column_missing")
    return found


def places(shape: Shape, columns: Sequence[str]) -> dict[str, int]:
    """Say in which column each field stands; the first name that fits wins."""
    return {
        field: columns.index(name)
        for field, names in shape.columns.items()
        if (name := next((one for one in names if one in columns), None))
    }


def _told(columns: Sequence[str]) -> Shape:
    """Most of its own columns tell an app; a file with none of anybody's is ours."""
    return max(_OPENING, key=lambda shape: sum(name in columns for name in shape.told_by))

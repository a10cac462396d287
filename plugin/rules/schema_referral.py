"""How a programme document says what a member gets for bringing a friend, and what the friend gets for coming."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from plugin.rules.schema_values import Days, Number, Part, Points, PositiveNumber, Switch, Words

Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Window = Annotated[int, Strict(), Field(ge=0, le=365)]
Strictness = Literal["ignore", "review", "block"]

REFERRAL_IDS = ("referral", "referral_friend")
"""What caps and purposes call the points of a member who brings a friend, and those of the friend."""
_WHOLE = Decimal(100)


class FriendOffer(Part):
    """The discount code that a friend gets: an amount or a percentage off one order."""

    kind: Literal["amount", "percent"]
    value: PositiveNumber
    """What it takes off: in the shop's currency, or in percent."""
    minimum_subtotal: Number | None = None
    """The order must be worth at least this much before the discount, in the shop's currency."""
    title: Words | None = None
    """What it is called; without a title it is named by what it takes off."""
    code_prefix: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z0-9-]{0,16}$")] = ""
    valid_days: Days = 30
    """Days until an unused code lapses."""


class ReferralLimits(Part):
    """How many friends one member is rewarded for; what is over a limit gives the friend the discount and the member nothing."""

    per_day: Count | None = None
    per_month: Count | None = None
    per_life: Count | None = None


class ReferralReview(Part):
    """What makes somebody look before a member is rewarded."""

    same_address: Strictness = "review"
    """The friend's order goes to an address that orders of the member went to."""
    shared_address: Strictness = "review"
    """Two friends of one member order to the same address."""
    claims_per_hour: Count = 10
    """More claims than this with one link within an hour are looked at."""
    claims_per_day: Count = 30
    """More claims than this with one link within a day are looked at."""
    always: Switch = False
    """Every referral is looked at."""


class Referral(Part):
    """Bringing a friend: both are rewarded once the friend's order can no longer be returned."""

    is_active: Switch = True
    referrer_points: Points
    """What the member gets for a friend."""
    friend: FriendOffer
    friend_points: Points | None = None
    """What the friend gets besides the discount, if they are a member then."""
    minimum_order: Number | None = None
    """The friend's order must be worth at least this much after discounts and refunds, in the shop's currency."""
    maturity_days: Window = 14
    """Days after the friend's order until the points can be spent: the return window."""
    must_be_first_order: Switch = True
    """The friend must not have ordered before."""
    limits: ReferralLimits = ReferralLimits()
    review: ReferralReview = ReferralReview()


def referral_faults(referral: Referral | None) -> Iterator[tuple[str, str]]:
    """Say what contradicts itself: (path, what is wrong)."""
    if referral is None:
        return
    if referral.friend.kind == "percent" and referral.friend.value > _WHOLE:
        yield "referral.friend.value", "a percentage is at most 100"
    limits, review = referral.limits, referral.review
    ladder = [("per_day", limits.per_day), ("per_month", limits.per_month), ("per_life", limits.per_life)]
    given = [(name, limit) for name, limit in ladder if limit is not None]
    for (shorter, less), (longer, more) in pairwise(given):
        if more < less:
            yield f"referral.limits.{longer}", f"must not be below referral.limits.{shorter}"
    if review.claims_per_day < review.claims_per_hour:
        yield "referral.review.claims_per_day", "must not be below referral.review.claims_per_hour"

"""Whether a referral is rewarded, looked at, or refused: arithmetic over facts, so that it can be read, and shown to the merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from plugin.facts import OrderSnapshot
from plugin.rules.evaluate import PAID
from plugin.rules.order_facts import read_order
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_referral import Referral, Strictness

Result = Literal["ok", "review", "blocked"]
Decision = Literal["approve", "block"]
ReferralState = Literal["claimed", "ordered", "waiting", "review", "rewarded", "taken_back", "blocked", "lapsed"]
OrderStanding = Literal["counts", "unpaid", "test", "cancelled", "refunded", "too_small"]

_RANK: dict[Result, int] = {"ok": 0, "review": 1, "blocked": 2}
_STRICT: dict[Strictness, Result] = {"ignore": "ok", "review": "review", "block": "blocked"}


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """What is known of a member, a friend and the friend's order. None is "could not be checked": Shopify withheld it.

    `claims_last_hour` and `claims_last_day` are those made with the member's links before this one; `rewarded_…` are the other
    referrals of the member that count, by the day and month of their orders. `earlier_orders` are the friend's.
    """

    is_same_person: bool = False
    is_same_email: bool | None = None
    is_same_address: bool | None = None
    is_shared_address: bool | None = None
    has_referrer_joined: bool = True
    earlier_orders: int = 0
    claims_last_hour: int = 0
    claims_last_day: int = 0
    rewarded_that_day: int = 0
    rewarded_that_month: int = 0
    rewarded_ever: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done, why, and what could not be checked; machine words, from which sentences are made."""

    result: Result
    reasons: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def check_referral(referral: Referral, facts: ReferralFacts) -> Verdict:
    """Weigh the facts; the strictest finding decides, and every finding of that weight is named."""
    findings = [*_identity(referral, facts), *_pace(referral, facts), *_over_limits(referral, facts)]
    weights: list[Result] = [weight for weight, _ in findings]
    result: Result = max(weights, key=_RANK.__getitem__, default="ok")
    reasons = tuple(word for weight, word in findings if weight == result != "ok")
    return Verdict(result, reasons, _unchecked(facts))


def order_standing(order: OrderSnapshot, document: ProgrammeDocument, referral: Referral) -> OrderStanding:
    """Say whether a friend's order earns its referral as it stands now, or why not."""
    if order.is_test:
        return "test"
    if order.cancelled_at is not None:
        return "cancelled"
    if order.financial_status not in PAID:
        return "unpaid" if order.financial_status in {"pending", "authorized", "partially_paid"} else "cancelled"
    reading = read_order(order, document.earning.base, ())
    worth, least = reading.facts.eligible_spend, Fraction(referral.minimum_order or 0)
    if worth > 0 and worth >= least:
        return "counts"
    return "refunded" if reading.refunded and worth + reading.refunded >= least else "too_small"


def referral_state(
    standing: OrderStanding | None, verdict: Verdict | None, decision: Decision | None, *, is_over: bool
) -> ReferralState:
    """Say where a referral is: a pure function of its order's newest state, the verdict and what a person decided.

    `is_over` says that the return window is over; without an order, that the code has run out.
    """
    if standing is None:
        return "lapsed" if is_over else "claimed"
    if standing != "counts" or verdict is None:
        by_standing: dict[OrderStanding, ReferralState] = {"unpaid": "ordered", "test": "lapsed", "too_small": "lapsed"}
        return by_standing.get(standing, "taken_back")
    if decision == "block" or (verdict.result == "blocked" and decision is None):
        return "blocked"
    if verdict.result == "review" and decision is None:
        return "review"
    return "rewarded" if is_over else "waiting"


def changed_at(order: OrderSnapshot, standing: OrderStanding) -> datetime:
    """Say when an order came to stand as it does: when it was placed, cancelled, or last refunded."""
    if standing == "cancelled" and order.cancelled_at is not None:
        return order.cancelled_at
    if standing in {"refunded", "too_small"} and order.refunds:
        return max(refund.created_at for refund in order.refunds)
    return order.placed_at if standing == "counts" else order.updated_at


def _identity(referral: Referral, facts: ReferralFacts) -> list[tuple[Result, str]]:
    review = referral.review
    found: list[tuple[bool | None, Result, str]] = [
        (facts.is_same_person, "blocked", "same_person"),
        (facts.is_same_email, "blocked", "same_email"),
        (not facts.has_referrer_joined, "blocked", "referrer_gone"),
        (referral.must_be_first_order and facts.earlier_orders > 0, "blocked", "not_first_order"),
        (facts.is_same_address, _STRICT[review.same_address], "same_address"),
        (facts.is_shared_address, _STRICT[review.shared_address], "shared_address"),
    ]
    return [(weight, word) for is_so, weight, word in found if is_so and weight != "ok"]


def _pace(referral: Referral, facts: ReferralFacts) -> list[tuple[Result, str]]:
    review = referral.review
    found: list[tuple[bool, str]] = [
        (facts.claims_last_hour >= review.claims_per_hour, "many_in_an_hour"),
        (facts.claims_last_day >= review.claims_per_day, "many_in_a_day"),
        (review.always, "always"),
    ]
    return [("review", word) for is_so, word in found if is_so]


def _over_limits(referral: Referral, facts: ReferralFacts) -> list[tuple[Result, str]]:
    limits = referral.limits
    found = [
        (limits.per_day, facts.rewarded_that_day, "limit_day"),
        (limits.per_month, facts.rewarded_that_month, "limit_month"),
        (limits.per_life, facts.rewarded_ever, "limit_life"),
    ]
    return [("blocked", word) for limit, count, word in found if limit is not None and count >= limit]


def _unchecked(facts: ReferralFacts) -> tuple[str, ...]:
    looked = {"email": facts.is_same_email, "address": facts.is_same_address}
    return tuple(word for word, answer in looked.items() if answer is None)

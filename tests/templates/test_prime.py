"""A paid membership: terms bought with products, worked out by hand; no basket gives a point."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.rules.memberships import bought_in, runs_at, terms_of
from plugin.rules.templates import get_template
from tests.rules.making import refund
from tests.templates.baskets import basket, goods, points, refused, shows

NAME = "inspired-by-amazon-prime"
DOCUMENT = get_template(NAME).document


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00+00:00").astimezone(UTC)


def terms(*bought: tuple[str, str], **changes):
    """The terms of purchases (sku, day), by New York's clocks."""
    orders = [basket(goods("139.00", sku=sku), placed_at=at(day), **changes)[0] for sku, day in bought]
    return terms_of([one for made in orders for one in bought_in(made, DOCUMENT)], "UTC")


@shows(NAME, "no_points")
@pytest.mark.parametrize("price", ["12.00", "34.99", "35.00", "74.00"])
def test_baskets_1_to_5_give_no_points(price):
    assert points(NAME, goods(price)) == 0


@shows(NAME, "trial")
def test_basket_6_a_trial_of_1_march_runs_thirty_days():
    (trial,) = terms(("MEMBER-TRIAL", "2026-03-01"))
    assert runs_at([trial], at("2026-03-30"))
    assert trial.ends_at == at("2026-03-31")


@shows(NAME, "term")
def test_baskets_7_and_9_a_year_is_a_year_and_a_month_a_month_and_each_renews_from_its_end():
    (year,) = terms(("MEMBER-YEAR", "2026-03-01"))
    assert (runs_at([year], at("2027-02-28")), year.ends_at) == (True, at("2027-03-01"))
    months = terms(("MEMBER-MONTH", "2026-01-31"), ("MEMBER-MONTH", "2026-02-20"))
    assert [one.ends_at for one in months] == [at("2026-02-28"), at("2026-03-28")]
    assert [one.is_renewal for one in months] == [False, True]


def test_a_trial_that_becomes_a_year_goes_on_from_the_trials_end():
    both = terms(("MEMBER-TRIAL", "2026-03-01"), ("MEMBER-YEAR", "2026-03-20"))
    assert both[-1].ends_at == at("2027-03-31")


def test_basket_7_a_refund_ends_the_term():
    given_back = refund((1, 1, "139.00"))
    assert given_back.created_at > at("2026-03-01")
    (ended,) = terms(("MEMBER-YEAR", "2026-03-01"), refunds=(given_back,), financial_status="refunded")
    assert ended.ends_at == given_back.created_at


@shows(NAME, "slow_delivery_credit")
def test_basket_1_a_member_who_waits_is_given_one_off():
    slow = {"shipping_methods": ("No-Rush",)}
    member = {"memberships": ("membership",)}
    assert points(NAME, goods("12.00"), context=member, **slow) == 100
    assert points(NAME, goods("12.00"), **slow) == 0
    assert points(NAME, goods("12.00"), context=member, shipping_methods=("Standard",)) == 0
    (credit,) = (one for one in DOCUMENT.rewards if one.points)
    assert (credit.points, str(credit.amount)) == (100, "1")


@shows(NAME, "free_delivery")
def test_basket_2_delivery_is_free_for_members_alone():
    at_noon = "2026-11-24T12:00+00:00"
    assert refused(NAME, "delivery", at_noon, memberships=frozenset({"membership"})) is None
    assert refused(NAME, "delivery", at_noon) == "reward_not_yours"


def test_students_buy_the_same_membership():
    (year,) = terms(("member-student-year", "2026-03-01"))
    assert year.ends_at == at("2027-03-01")

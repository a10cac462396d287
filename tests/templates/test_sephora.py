"""Ten baskets of a beauty shop, worked out by hand from the published terms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.rules import lot_terms
from plugin.rules.templates import get_template
from tests.rules.making import refund
from tests.templates.baskets import done, gift_card, goods, had, paid, points, refused, shows, tiers_held

NAME = "inspired-by-sephora-beauty-insider"
DOCUMENT = get_template(NAME).document
CASH, TOP, SAMPLE, DELIVERY = DOCUMENT.rewards


@shows(NAME, "earn_rate")
def test_basket_1_goods_earn_a_point_for_each_unit():
    assert points(NAME, goods("48.60", tax="4.01")) == 48


@shows(NAME, "gift_cards_do_not_earn")
def test_basket_2_a_gift_card_earns_nothing():
    assert points(NAME, goods("30.00"), gift_card("50.00")) == 30


@shows(NAME, "services_do_not_earn")
def test_a_service_earns_nothing():
    assert points(NAME, goods("30.00"), goods("75.00", kind="Service")) == 30


@shows(NAME, "cash_reward")
def test_baskets_5_and_6_five_hundred_points_take_ten_off_an_order_of_ten_at_least():
    bought = goods("62.00", less="10.00")
    assert (CASH.points, str(CASH.amount), str(CASH.minimum_subtotal)) == (500, "10", "10")
    assert (points(NAME, bought), str(paid(bought)), 740 - CASH.points + 52) == (52, "52.00", 292)
    assert points(NAME, goods("9.50")) == 9


@shows(NAME, "top_tier_reward")
def test_basket_7_the_big_reward_takes_a_hundred_off_and_gives_no_change():
    assert (TOP.points, str(TOP.amount), TOP.code_valid_days) == (2500, "100", 90)
    assert points(NAME, goods("75.00", less="75.00")) == 0


@shows(NAME, "top_tier_reward")
@pytest.mark.parametrize(
    ("at", "tier", "why"),
    [
        ("2026-11-24T09:00+00:00", "rouge", None),
        ("2026-11-24T09:00+00:00", "vib", "reward_not_yours"),
        ("2026-11-24T08:59+00:00", "rouge", "reward_not_now"),
        ("2026-11-25T09:00+00:00", "rouge", "reward_not_now"),
        ("2026-11-26T23:59+00:00", "rouge", None),
    ],
)
def test_the_big_reward_is_for_rouge_alone_on_two_days_from_nine(at, tier, why):
    assert refused(NAME, "top_tier_cash", at, tier=tier) == why


@shows(NAME, "top_tier_reward")
def test_the_big_reward_is_scarce():
    sold = {"top_tier_cash": had("top_tier_cash", 2500, *["2026-11-24"] * 100)}
    assert refused(NAME, "top_tier_cash", "2026-11-24T12:00+00:00", tier="rouge", sold=sold) == "reward_sold_out"
    assert refused(NAME, "top_tier_cash", "2026-11-26T12:00+00:00", tier="rouge", sold=sold) is None


@shows(NAME, "samples")
def test_a_sample_takes_its_own_price_off_and_nothing_else():
    assert (SAMPLE.points, SAMPLE.items and SAMPLE.items.collections) == (100, (1,))
    assert points(NAME, goods("4.00", less="4.00"), goods("30.00")) == 30


@shows(NAME, "free_delivery")
def test_delivery_costs_members_nothing():
    assert (DELIVERY.kind, DELIVERY.points, DELIVERY.when, DELIVERY.maximum_price) == ("free_shipping", 0, None, None)
    assert refused(NAME, "delivery", "2026-11-24T12:00+00:00", tier="insider") is None


def test_basket_8_a_percentage_event_lowers_the_base():
    assert points(NAME, goods("100.00", less="15.00"), goods("20.00")) == 105


@shows(NAME, "returns")
def test_basket_9_what_is_returned_is_taken_back():
    bought = (goods("40.00"), goods("20.00"))
    assert points(NAME, *bought) == 60
    returned = refund((2, 1, "20.00"))
    assert points(NAME, *bought, refunds=(returned,), financial_status="partially_refunded") == 40
    assert DOCUMENT.earning.claw_back == "debt"


@shows(NAME, "inactivity")
def test_points_lapse_a_year_after_the_last_activity():
    terms = lot_terms(DOCUMENT, datetime(2025, 11, 20, 15, 0, tzinfo=UTC), "UTC")
    assert (terms.expires_at, terms.rolling_days) == (datetime(2026, 11, 21, tzinfo=UTC), 365)


@shows(NAME, "tiers")
def test_basket_9_rouge_from_a_thousand_in_the_year_until_the_end_of_the_next():
    before, today = ("2026-03-01", "spend", 940), ("2026-11-21", "spend", 60)
    assert tiers_held(NAME, before, today, until="2026-11-22") == [
        ("insider", "2026-01-01", ""),
        ("vib", "2026-03-01", "2028-01-01"),
        ("rouge", "2026-11-21", "2028-01-01"),
    ]
    returned = ("2026-11-21", "spend", 40)
    assert tiers_held(NAME, before, returned, until="2026-12-20")[-1][0] == "vib", "20.00 of the 60.00 came back"


def test_rouge_is_held_through_the_next_year_and_then_what_that_year_earned():
    bought = ("2026-03-01", "spend", 1000)
    assert tiers_held(NAME, bought, until="2027-12-31")[-1][0] == "rouge"
    assert tiers_held(NAME, bought, until="2028-01-02")[-1][0] == "insider"
    assert tiers_held(NAME, bought, ("2027-05-01", "spend", 400), until="2028-01-02")[-1][0] == "vib"


def test_basket_3_no_tier_earns_more_every_day():
    assert {points(NAME, goods("100.00"), context={"tier": tier}) for tier in ("insider", "vib", "rouge")} == {100}


@shows(NAME, "multiplier_events")
def test_basket_4_an_event_multiplies_by_tier():
    event = datetime(2027, 4, 10, 12, 0, tzinfo=UTC)
    given = {
        tier: points(NAME, goods("80.00"), context={"tier": tier, "timezone": "UTC"}, placed_at=event)
        for tier in ("insider", "vib", "rouge")
    }
    assert given == {"insider": 160, "vib": 240, "rouge": 320}
    assert (
        points(NAME, goods("80.00"), context={"tier": "rouge", "timezone": "UTC"}, placed_at=event.replace(day=13))
        == 80
    )


@shows(NAME, "birthday_points")
def test_a_birthday_gives_two_hundred_and_fifty_points():
    assert done(NAME, ("birthday_points", "2026-03-01")) == [250]

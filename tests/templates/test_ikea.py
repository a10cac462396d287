"""Ten baskets of a furniture shop, worked out by hand from the published terms of two countries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.rules import lot_terms
from plugin.rules.templates import get_template
from tests.rules.making import refund
from tests.templates.baskets import done, gift_card, goods, paid, points, shows

NAME, UK = "inspired-by-ikea-family", "inspired-by-ikea-family-uk"
DOCUMENT = get_template(NAME).document


@shows(NAME, "earn_rate")
def test_baskets_1_and_3_goods_food_and_services_earn():
    assert points(NAME, goods("129.99", tax="11.05"), goods("4.50", kind="Food")) == 134
    assert points(NAME, goods("400.00"), goods("60.00", kind="Assembly")) == 460


@shows(NAME, "gift_cards_do_not_earn")
def test_basket_2_a_gift_card_earns_nothing():
    assert points(NAME, goods("20.00"), gift_card("50.00")) == 20


@shows(NAME, "amount_reward")
def test_basket_4_a_reward_lowers_what_is_paid_and_what_is_earned():
    five, bought = DOCUMENT.rewards[0], goods("40.00", less="5.00")
    assert (five.points, str(five.amount)) == (175, "5")
    assert (points(NAME, bought), str(paid(bought)), 180 - five.points + 35) == (35, "35.00", 40)


@shows(NAME, "delivery_reward")
def test_three_hundred_and_fifty_points_make_delivery_up_to_ten_free():
    (delivery,) = (one for one in DOCUMENT.rewards if one.kind == "free_shipping")
    assert (delivery.points, str(delivery.maximum_price)) == (350, "10")


@shows(NAME, "meal_reward")
def test_sixty_five_points_take_the_price_off_a_dish_and_off_nothing_else():
    (meal,) = (one for one in DOCUMENT.rewards if one.id == "meal")
    assert (meal.points, meal.items and meal.items.collections) == (65, (1,))


@shows(NAME, "one_code_per_order")
def test_no_code_goes_with_another():
    assert {one.combines_with for one in DOCUMENT.rewards} == {()}


def test_baskets_5_and_6_delivery_earns_nothing_and_a_code_lowers_the_base():
    assert points(NAME, goods("200.00")) == 200, "29.00 of delivery are no line of the order"
    assert points(NAME, goods("60.00", less="5.00")) == 55


@shows(NAME, "returns")
def test_basket_9_points_of_returned_goods_are_taken_back():
    bought = (goods("129.99"), goods("4.50"))
    returned = refund((1, 1, "129.99"))
    left = points(NAME, *bought, refunds=(returned,), financial_status="partially_refunded")
    assert (left, left - points(NAME, *bought)) == (4, -130)
    assert DOCUMENT.earning.claw_back == "debt"


@shows(NAME, "expiry")
@shows(UK, "expiry")
@pytest.mark.parametrize("name", [NAME, UK])
def test_basket_10_a_lot_of_january_is_good_through_the_same_day_in_july_of_the_next_year(name):
    terms = lot_terms(get_template(name).document, datetime(2026, 1, 10, 12, 0, tzinfo=UTC), "UTC")
    assert terms.expires_at == datetime(2027, 7, 11, tzinfo=UTC)


@shows(NAME, "after_completion")
def test_points_wait_for_the_purchase_to_be_handed_over():
    terms = lot_terms(DOCUMENT, datetime(2026, 1, 10, 12, 0, tzinfo=UTC), "UTC")
    assert terms.matures_at == datetime(2026, 1, 24, 12, 0, tzinfo=UTC)


@shows(UK, "earn_rate", "amount_reward")
def test_basket_10_in_britain_each_full_five_earns_a_point():
    (ten,) = get_template(UK).document.rewards
    assert (points(UK, goods("47.50")), points(UK, goods("625.00"))) == (9, 125)
    assert (ten.points, str(ten.amount), str(ten.minimum_subtotal)) == (125, "10", "11")


@shows(NAME, "weekly_actions")
def test_basket_7_in_one_week_repeats_give_nothing():
    week = [("wish_list", f"2026-11-{day}") for day in (23, 24, 25)]
    week += [("plan", "2026-11-25"), ("share_registry", "2026-11-26"), ("share_registry", "2026-11-29")]
    assert done(NAME, *week) == [25, 0, 0, 25, 10, 0]
    assert done(NAME, ("wish_list", "2026-11-29"), ("wish_list", "2026-11-30")) == [25, 25], (
        "a new week begins on Monday"
    )


@shows(NAME, "joining_actions")
def test_basket_8_joining_gives_a_hundred_and_twenty_five_once():
    joining = [(name, "2026-11-23") for name in ("profile", "online_account", "gift_registry")]
    assert done(NAME, *joining, *joining) == [50, 25, 50, 0, 0, 0]


def test_a_year_of_everything_gives_what_the_published_terms_promise():
    assert (
        50 + 25 + 50 + 52 * sum(done(NAME, *((name, "2026-11-23") for name in ("wish_list", "plan", "share_registry"))))
        == 3_245
    )


@shows(NAME, "events")
def test_coming_to_an_event_gives_fifty_points():
    assert done(NAME, ("event", "2026-11-23"), ("event", "2026-11-23"), ("event", "2026-12-05")) == [50, 0, 50]


@shows(UK, "weekly_actions")
def test_in_britain_each_action_counts_once_a_week():
    acts = [(name, "2026-11-23") for name in ("sign_in", "wish_list", "profile", "workshop", "planning")]
    assert done(UK, *acts, *acts) == [1, 2, 5, 20, 25, 0, 0, 0, 0, 0]


@shows(UK, "third_party_services")
def test_in_britain_services_of_others_earn_nothing():
    assert points(UK, goods("50.00"), goods("120.00", "third-party")) == 10

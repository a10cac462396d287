"""Ten baskets of an outdoor shop, worked out by hand from the published terms."""

from __future__ import annotations

from plugin.rules.templates import get_template
from tests.rules.making import refund
from tests.templates.baskets import done, gift_card, goods, points, shows

NAME = "inspired-by-the-north-face-xplr-pass"
DOCUMENT = get_template(NAME).document


@shows(NAME, "earn_rate")
def test_baskets_1_and_2_goods_earn_and_gift_cards_do_not():
    assert points(NAME, goods("89.95", tax="7.20")) == 89
    assert points(NAME, goods("230.00"), gift_card("50.00")) == 230


@shows(NAME, "reward_rate")
def test_basket_6_an_order_paid_in_part_with_a_reward_earns_on_the_rest():
    assert points(NAME, goods("120.00", less="30.00")) == 90
    assert [(one.points, str(one.amount)) for one in DOCUMENT.rewards] == [
        (100, "10"), (200, "20"), (300, "30"), (400, "40"), (500, "50"),
    ]  # fmt: skip
    assert {one.code_valid_days for one in DOCUMENT.rewards} == {334}


def test_basket_7_a_birthday_discount_lowers_the_base():
    assert (points(NAME, goods("130.00", less="25.00")), points(NAME, goods("124.99"))) == (105, 124)


@shows(NAME, "returns")
def test_basket_9_a_refund_takes_its_points_back():
    bought = goods("230.00")
    given_back = refund(discrepancy="100.00")
    assert points(NAME, bought, refunds=(given_back,), financial_status="partially_refunded") == 130
    assert DOCUMENT.earning.claw_back == "debt"


def test_basket_10_a_guests_order_earns_once_it_is_linked():
    assert (points(NAME, goods("98.99")), points(NAME, goods("99.00")), points(NAME, goods("20.00"))) == (98, 99, 20)


@shows(NAME, "renewed")
def test_used_goods_earn_twenty_five_more():
    assert points(NAME, goods("60.00", "Renewed"), goods("10.00")) == 95


@shows(NAME, "actions", "action_cap")
def test_basket_8_actions_stop_at_a_hundred_points_a_year():
    walks = [("check_in", f"2026-06-{day:02d}") for day in range(1, 12)]
    assert sum(done(NAME, *walks)) == 55
    more = [("app", "2026-07-01"), *[("check_in", f"2026-07-0{day}") for day in (2, 3, 4)], ("own_bag", "2026-07-05")]
    assert done(NAME, *walks, *more)[len(walks) :] == [10, 5, 5, 5, 10]
    bags = [("own_bag", f"2026-08-0{day}") for day in (1, 2)]
    assert done(NAME, *walks, *more, *bags)[-2:] == [10, 0]
    assert done(NAME, *walks, *more, *bags, ("own_bag", "2027-01-01"))[-1] == 10, "the next year begins anew"

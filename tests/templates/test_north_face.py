"""Ten baskets of an outdoor shop, worked out by hand from the published terms."""

from __future__ import annotations

from plugin.facts import CapLeft
from plugin.rules.capping import capped_award
from plugin.rules.templates import get_template
from tests.rules.making import refund
from tests.templates.baskets import born, done, gift_card, goods, had, points, refused, shows

NAME = "inspired-by-the-north-face-xplr-pass"
DOCUMENT = get_template(NAME).document


@shows(NAME, "earn_rate")
def test_baskets_1_and_2_goods_earn_and_gift_cards_do_not():
    assert points(NAME, goods("89.95", tax="7.20")) == 89
    assert points(NAME, goods("230.00"), gift_card("50.00")) == 230


@shows(NAME, "reward_rate")
def test_basket_6_an_order_paid_in_part_with_a_reward_earns_on_the_rest():
    assert points(NAME, goods("120.00", less="30.00")) == 90
    assert [(one.points, str(one.amount)) for one in DOCUMENT.rewards[:5]] == [
        (100, "10"), (200, "20"), (300, "30"), (400, "40"), (500, "50"),
    ]  # fmt: skip
    assert {one.code_valid_days for one in DOCUMENT.rewards[:5]} == {334}


@shows(NAME, "windows")
def test_baskets_3_to_5_rewards_are_had_in_three_windows_for_fifty_each_and_a_hundred_and_fifty_a_year():
    assert refused(NAME, "30_off", "2026-06-14T12:00+00:00") == "reward_not_now"
    assert refused(NAME, "30_off", "2026-06-15T00:00+00:00") is None
    half = had("30_off", 300, "2026-06-15")
    assert refused(NAME, "20_off", "2026-06-20T12:00+00:00", taken=half) is None
    assert refused(NAME, "30_off", "2026-06-20T12:00+00:00", taken=half) == "reward_limit"
    year = [*had("50_off", 500, "2026-02-20", "2026-06-20"), *had("20_off", 200, "2026-10-15")]
    assert refused(NAME, "30_off", "2026-10-16T12:00+00:00", taken=year) is None
    assert refused(NAME, "40_off", "2026-10-16T12:00+00:00", taken=year) == "reward_limit"
    assert refused(NAME, "50_off", "2027-02-15T12:00+00:00", taken=year) is None


@shows(NAME, "birthday")
def test_basket_7_a_birthday_takes_twenty_five_off_an_order_of_a_hundred_and_twenty_five():
    gift = next(one for one in DOCUMENT.rewards if one.id == "birthday")
    assert (gift.points, str(gift.amount), str(gift.minimum_subtotal)) == (0, "25", "125")
    assert refused(NAME, "birthday", "2026-04-30T12:00+00:00", birthday=born(5, 1)) == "reward_birthday"
    assert refused(NAME, "birthday", "2026-05-01T12:00+00:00", birthday=born(5, 1)) is None
    taken = had("birthday", 0, "2026-05-01")
    assert refused(NAME, "birthday", "2026-05-20T12:00+00:00", birthday=born(5, 1), taken=taken) == "reward_limit"
    assert refused(NAME, "birthday", "2027-05-01T12:00+00:00", birthday=born(5, 1), taken=taken) is None


@shows(NAME, "free_delivery")
def test_delivery_costs_members_nothing():
    (delivery,) = (one for one in DOCUMENT.rewards if one.kind == "free_shipping")
    assert (delivery.points, delivery.when, delivery.available) == (0, None, None)


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


@shows(NAME, "actions")
def test_each_action_gives_its_points_within_its_own_limit():
    acts = [
        ("app", "2026-07-01"),
        ("app", "2026-07-02"),
        ("check_in", "2026-07-02"),
        ("check_in", "2026-07-02"),
        ("own_bag", "2026-07-05"),
    ]
    assert done(NAME, *acts) == [10, 0, 5, 0, 10]


@shows(NAME, "action_cap", "referral")
def test_basket_8_actions_and_friends_stop_at_a_hundred_points_a_year():
    """55 were given this year; then the app, three check-ins, a bag and a friend come to 45 of 60."""
    (cap,) = DOCUMENT.caps
    assert (cap.period, cap.per, DOCUMENT.referral.referrer_points) == ("year", "member", 25)
    left, given = cap.points - 55, []
    asked = [
        *zip(("app", "check_in", "check_in", "check_in", "own_bag"), (10, 5, 5, 5, 10), strict=True),
        ("referral", 25),
    ]
    for name, points_asked in asked:
        award = capped_award(frozenset({name}), points_asked, DOCUMENT, [CapLeft(cap.id, left)])
        given.append(award.points)
        left -= award.points
    assert (given, sum(given), left) == ([10, 5, 5, 5, 10, 10], 45, 0)


@shows(NAME, "referral")
def test_a_friend_gets_twenty_off_a_hundred():
    friend = DOCUMENT.referral.friend
    assert (friend.kind, str(friend.value), str(friend.minimum_subtotal)) == ("amount", "20", "100")

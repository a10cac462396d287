"""Ten baskets of an outdoor shop, worked out by hand from the published terms."""

from __future__ import annotations

from plugin.facts import CapLeft
from plugin.rules.capping import capped_award
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

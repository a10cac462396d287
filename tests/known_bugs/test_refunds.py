"""What comes back: exactly what was given, once, whatever has happened to it since."""

from __future__ import annotations

import pytest

from tests.journeys.shop_floor import FIVE_OFF, Floor, at, later, line, refund

CHEAP = FIVE_OFF | {"points": 50}


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    floor.publish(rewards=[CHEAP])
    yield floor
    floor.prove()


def paid_with(code: str):
    return [{"code": code, "amount": "5.00", "type": "fixed_amount"}]


def test_ten_full_refunds_leave_nothing_each_time(floor):
    """odoo/odoo#257854, odoo/odoo#238806: a full refund left points behind, and each round more of them."""
    for round_ in range(10):
        paid = floor.pay(line(1, "100.00"), order_id=5001 + round_)
        assert floor.points() == 100
        back = refund(91 + round_, at("09:30"), (1, 1, "100.00"), amount="100.00")
        floor.tell("orders/updated", later(paid, at("09:30"), refunds=[back], financial_status="refunded"))
        assert (floor.points(), floor.owed()) == (0, 0)


@pytest.mark.parametrize("how", ["lines", "money", "status alone"])
def test_points_spent_on_an_order_are_not_taken_a_second_time_by_its_refund(floor, desk, how):
    """odoo/odoo#212922, odoo/odoo#221928: with or without the reward's line in the refund, only what the order gave comes back."""
    floor.pay(line(1, "120.00"))
    code = floor.redeem().code
    used = floor.pay(line(1, "30.00", off="5.00"), order_id=5002, discount_codes=paid_with(code))
    assert floor.points() == 95
    back = {
        "lines": [refund(91, at("09:30"), (1, 1, "25.00"), amount="25.00")],
        "money": [refund(91, at("09:30"), beyond=["-25.00"], amount="25.00")],
        "status alone": [],
    }[how]
    floor.tell("orders/updated", later(used, at("09:30"), refunds=back, financial_status="refunded"))
    assert (floor.points(), floor.owed()) == (70, 0)


def test_a_refund_takes_back_what_was_granted_whatever_the_rate_is_now(floor, clock):
    """nopSolutions/nopCommerce#5757: the rate was changed after the purchase."""
    paid = floor.pay(line(1, "40.00", 2))
    assert floor.points() == 80
    floor.publish(days_ago=0, rules=[{"kind": "spend", "id": "spend", "points_per_unit": "10"}])
    clock.advance(hours=1)
    back = refund(91, "2026-11-21T10:30:00Z", (1, 1, "40.00"), amount="40.00")
    when = "2026-11-21T10:30:00Z"
    floor.tell("orders/updated", later(paid, when, refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 40


def test_an_order_that_earned_and_spent_leaves_exactly_what_was_there_before_it(floor, desk):
    """nopSolutions/nopCommerce#5595: earn 21 with a code of 50 points, cancel, refund: the same as before the order.

    The code was traded before the order and stays used: points come back only for codes that no order has used.
    """
    floor.pay(line(1, "100.00"))
    code = floor.redeem().code
    before = floor.points()
    used = floor.pay(line(1, "26.00", off="5.00"), order_id=5002, discount_codes=paid_with(code))
    assert floor.points() == before + 21
    cancelled = later(used, at("09:30"), cancelled_at=at("09:30"))
    back = refund(91, at("09:40"), (1, 1, "21.00"), amount="21.00")
    refunded = later(cancelled, at("09:40"), refunds=[back], financial_status="refunded")
    floor.tell("orders/updated", cancelled, refunded)
    assert (floor.points(), floor.owed()) == (before, 0)


def test_an_order_that_earns_and_spends_is_posted_once_for_each(floor, desk):
    """nopSolutions/nopCommerce#4734, nopSolutions/nopCommerce#5764, opencart/opencart#3161: one of the two was lost, or came twice."""
    floor.pay(line(1, "100.00"))
    code = floor.redeem().code
    body = floor.pay(line(1, "30.00", off="5.00"), order_id=5002, discount_codes=paid_with(code))
    floor.tell("orders/updated", body, later(body, at("09:30")))
    assert floor.points() == 100 - 50 + 25
    assert [floor.postings(reason) for reason in ("order", "redeem_hold", "redeem_capture")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("units", "worth", "left"), [(1, "15.99", 95), (2, "31.98", 79), (3, "47.97", 63), (6, "95.94", 15)]
)
def test_a_partial_return_takes_the_old_target_less_the_new_one(floor, units, worth, left):
    """frappe/erpnext#32951, frappe/erpnext#30242: seven at 15.99 gave 111; what is left is rounded once, not what came back."""
    paid = floor.pay(line(1, "15.99", 7))
    assert floor.points() == 111
    back = refund(91, at("09:30"), (1, units, worth), amount=worth)
    floor.tell("orders/updated", later(paid, at("09:30"), refunds=[back], financial_status="partially_refunded"))
    assert (floor.points(), floor.owed()) == (left, 0)


def test_what_points_paid_for_is_not_given_back_as_points_or_money(floor, desk):
    """mollie/magento2#951: 30.00 less 5.00 by points is refunded in full: 25 points go, and none for the 5.00."""
    floor.pay(line(1, "50.00"))
    code = floor.redeem().code
    used = floor.pay(line(1, "30.00", off="5.00"), order_id=5002, discount_codes=paid_with(code))
    back = refund(91, at("09:30"), (1, 1, "25.00"), amount="25.00")
    floor.tell("orders/updated", later(used, at("09:30"), refunds=[back], financial_status="refunded"))
    assert (floor.points(), floor.owed(), floor.postings("redeem_return")) == (0, 0, 0)


def test_a_refund_of_a_repeated_order_takes_its_own_points_alone(floor, desk):
    """magento/magento2#39744: ordered again with another code, then refunded; nothing is doubled."""
    floor.pay(line(1, "100.00"))
    codes = [floor.redeem(wish_id).code for wish_id in ("wish-0001", "wish-0002")]
    orders = [
        floor.pay(line(1, "30.00", off="5.00"), order_id=5002 + place, discount_codes=paid_with(code))
        for place, code in enumerate(codes)
    ]
    assert floor.points() == 50
    back = refund(91, at("09:30"), (1, 1, "25.00"), amount="25.00")
    floor.tell("orders/updated", later(orders[1], at("09:30"), refunds=[back], financial_status="refunded"))
    assert (floor.points(), floor.owed()) == (25, 0)


def test_a_refund_without_a_cancellation_takes_the_points_all_the_same(floor):
    """Setono/SyliusGiftCardPlugin#284: only cancelling was covered."""
    paid = floor.pay(line(1, "30.00"))
    back = refund(91, at("09:30"), (1, 1, "30.00"), amount="30.00")
    floor.tell("orders/updated", later(paid, at("09:30"), refunds=[back], financial_status="refunded"))
    assert (floor.points(), floor.why()) == (0, "refunded")

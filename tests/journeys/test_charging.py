"""A code used after its points came back costs what it cost, whatever happened in between; and a use is a use, cancelled or not."""

from __future__ import annotations

from itertools import permutations

import pytest

from plugin.journeys.taking_back import take_back
from plugin.rewards import Redemption, get_redemption
from tests.journeys.shop_floor import Floor, at, later, line, order


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    floor.publish()
    yield floor
    floor.prove()


def paid_with(code):
    return [{"code": code, "amount": "5.00", "type": "fixed_amount"}]


def handed_back(floor: Floor, wish_id: str = "wish-0001") -> Redemption:
    """A redemption of 50 points whose code was handed back and whose points are the member's again."""
    made = floor.redeem(wish_id)
    take_back(floor.tools, made.programme_id, made.member_id, made.redemption_id)
    floor.let_time_pass(hours=1)
    floor.let_time_pass(hours=1)
    assert again(floor, made).standing == "returned"
    return made


def again(floor: Floor, made: Redemption) -> Redemption:
    with floor.tools.reading() as session:
        return get_redemption(session, made.programme_id, made.member_id, made.redemption_id)


def late_use(floor: Floor, made: Redemption, order_id: int = 5009) -> None:
    """An order placed with the code before it ended, of which we hear now."""
    floor.pay(line(1, "15.00", off="15.00"), order_id=order_id, discount_codes=paid_with(made.code))
    floor.let_time_pass(seconds=1)


def test_a_late_use_takes_the_points_again(floor, desk):
    floor.pay(line(1, "100.00"))
    made = handed_back(floor)
    assert floor.points() == 100
    late_use(floor, made)
    assert (floor.points(), floor.owed(), again(floor, made).standing) == (50, 0, "used")
    assert floor.postings("redeem_charge") == 1


def test_what_was_spent_meanwhile_is_owed_and_the_next_order_pays_it(floor, desk):
    floor.pay(line(1, "60.00"))
    made = handed_back(floor)
    floor.redeem("wish-0002")
    assert floor.points() == 10
    late_use(floor, made)
    assert (floor.points(), floor.owed()) == (0, 40)
    floor.pay(line(1, "100.00"), order_id=5003)
    assert (floor.points(), floor.owed()) == (60, 0)


def test_points_that_expired_meanwhile_paid_for_the_code(floor, desk):
    floor.publish(expiry={"kind": "after_days", "days": 30})
    floor.pay(line(1, "50.00"))
    made = handed_back(floor)
    floor.let_time_pass(days=40)
    assert (floor.points(), floor.postings("expiry")) == (0, 1)
    late_use(floor, made)
    assert (floor.points(), floor.owed()) == (0, 0)


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_an_order_that_used_a_code_and_was_cancelled_leaves_it_used_however_we_hear_of_it(floor, desk, sequence):
    floor.pay(line(1, "100.00"))
    made = floor.redeem()
    paid = order(5002, line(1, "26.00", off="5.00"), discount_codes=paid_with(made.code))
    cancelled = later(paid, at("09:30"), cancelled_at=at("09:30"))
    refunded = later(cancelled, at("09:40"), financial_status="refunded")
    bodies = [paid, cancelled, refunded]
    floor.tell("orders/updated", *(bodies[one] for one in sequence))
    assert (floor.points(), again(floor, made).standing, again(floor, made).used_order_id) == (50, "used", 5002)

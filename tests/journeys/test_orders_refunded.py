"""Money and goods come back: by lines, by amount, to a card or as store credit, in one go or bit by bit."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.factories import CUSTOMER, member_of
from tests.journeys.shop_floor import Floor, at, later, line, order, refund
from tests.simulators.worlds import lot_faults

GOODS = line(1, "25.50", 4)


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    yield floor
    floor.prove()


def refunded(body, when, *refunds, status="partially_refunded"):
    return later(body, when, refunds=[*body["refunds"], *refunds], financial_status=status)


def test_partial_refunds_one_after_another_each_take_their_own_points(floor):
    state, left = floor.pay(GOODS), []
    for place in range(4):
        back = refund(90 + place, at(f"09:1{place}"), (1, 1, "25.50"), amount="25.50")
        state = refunded(state, at(f"09:1{place}"), back, status="refunded" if place == 3 else "partially_refunded")
        floor.tell("orders/updated", state)
        left.append(floor.points())
    assert left == [76, 51, 25, 0]
    assert (floor.owed(), floor.why()) == (0, "refunded")


@pytest.mark.parametrize("arrival", list(permutations(range(3))), ids=str)
def test_refunds_that_arrive_in_any_order_leave_the_same(floor, arrival):
    first = order(5001, GOODS)
    second = refunded(first, at("09:10"), refund(91, at("09:10"), (1, 1, "25.50"), amount="25.50"))
    third = refunded(second, at("09:20"), refund(92, at("09:20"), beyond=["-10.00"], amount="10.00"))
    states = [first, second, third]
    for place in (*arrival, *arrival):
        floor.tell("orders/updated", states[place])
    assert (floor.points(), floor.owed()) == (66, 0)


def test_a_refund_by_amount_alone_takes_back_that_much(floor):
    paid = floor.pay(GOODS)
    floor.tell(
        "orders/updated", refunded(paid, at("09:10"), refund(91, at("09:10"), beyond=["-20.00"], amount="20.00"))
    )
    assert floor.points() == 82


def test_a_refund_of_everything_by_amount_takes_back_everything(floor):
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), beyond=["-102.00"], amount="102.00")
    floor.tell("orders/updated", refunded(paid, at("09:10"), back, status="refunded"))
    assert (floor.points(), floor.why()) == (0, "refunded")


def test_a_refund_of_shipping_takes_no_points(floor):
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), amount="4.90")
    back["order_adjustments"] = [{"id": 1, "kind": "shipping_refund", "amount": "-4.90", "tax_amount": "-0.98"}]
    floor.tell("orders/updated", refunded(paid, at("09:10"), back))
    assert floor.points() == 102


SHIPPED = [{"id": 1, "price": "4.90", "discount_allocations": [], "tax_lines": []}]


@pytest.mark.parametrize("arrival", list(permutations(range(3))), ids=str)
def test_where_shipping_counts_its_refunds_take_its_points_in_any_order_of_arrival(floor, arrival):
    floor.publish(base={"shipping": True})
    first = order(5001, GOODS, shipping_lines=SHIPPED)
    half, rest = refund(91, at("09:10"), amount="2.45"), refund(92, at("09:20"), amount="2.45")
    for back in (half, rest):
        back["order_adjustments"] = [{"id": 1, "kind": "shipping_refund", "amount": "-2.45", "tax_amount": "0.00"}]
    second = refunded(first, at("09:10"), half)
    states = [first, second, refunded(second, at("09:20"), rest)]
    floor.tell("orders/paid", first)
    assert floor.points() == 106
    for place in (*arrival, *arrival):
        floor.tell("orders/updated", states[place])
    assert (floor.points(), floor.owed()) == (102, 0)


def test_a_refund_to_store_credit_counts_like_one_to_the_card(floor):
    """The shopper keeps the money's worth as credit, and earns again when they spend it."""
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), (1, 2, "51.00"), amount="51.00", gateway="shopify_store_credit")
    floor.tell("orders/updated", refunded(paid, at("09:10"), back))
    assert floor.points() == 51
    floor.pay(line(1, "51.00"), order_id=5002, when=at("09:20"), payment_gateway_names=["shopify_store_credit"])
    assert floor.points() == 102


def test_a_refund_split_between_card_and_store_credit_counts_once(floor):
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), (1, 2, "51.00"), amount="40.00")
    back["transactions"].append(
        back["transactions"][0] | {"id": 92, "amount": "11.00", "gateway": "shopify_store_credit"}
    )
    floor.tell("orders/updated", refunded(paid, at("09:10"), back))
    assert floor.points() == 51


def test_goods_that_came_back_for_a_fee_take_all_their_points(floor):
    """The shop kept 5.00 of 25.50; the goods are back all the same."""
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), (1, 1, "25.50"), beyond=["5.00"], amount="20.50")
    floor.tell("orders/updated", refunded(paid, at("09:10"), back))
    assert floor.points() == 76


def test_goods_that_came_back_first_and_are_paid_out_later_take_their_points_once(floor):
    """Shopify books the goods with their money outstanding, and the payment as a refund of its own."""
    paid = floor.pay(GOODS)
    goods_back = refunded(paid, at("09:10"), refund(91, at("09:10"), (1, 1, "25.50"), beyond=["25.50"]))
    floor.tell("orders/updated", goods_back)
    assert floor.points() == 76
    paid_out = refund(92, at("09:20"), beyond=["-25.50"], amount="25.50")
    floor.tell("orders/updated", refunded(goods_back, at("09:20"), paid_out))
    assert floor.points() == 76


def test_money_that_went_back_first_and_goods_later_take_their_points_once(floor):
    paid = floor.pay(GOODS)
    money_back = refunded(paid, at("09:10"), refund(91, at("09:10"), beyond=["-25.50"], amount="25.50"))
    floor.tell("orders/updated", money_back)
    assert floor.points() == 76
    goods = refund(92, at("09:20"), (1, 1, "25.50"), beyond=["25.50"])
    floor.tell("orders/updated", refunded(money_back, at("09:20"), goods))
    assert floor.points() == 76


def test_a_refund_whose_money_is_on_its_way_counts_when_it_arrives(floor):
    paid = floor.pay(GOODS)
    waiting = refund(91, at("09:10"), (1, 4, "102.00"), beyond=["102.00"], amount="102.00", status="pending")
    floor.tell("orders/updated", refunded(paid, at("09:10"), waiting, status="paid"))
    assert floor.points() == 102
    arrived = refund(91, at("09:10"), (1, 4, "102.00"), beyond=["102.00", "-102.00"], amount="102.00")
    floor.tell("orders/updated", refunded(paid, at("09:20"), arrived, status="refunded"))
    assert (floor.points(), floor.owed()) == (0, 0)


def test_a_refund_whose_payment_failed_takes_nothing(floor):
    paid = floor.pay(GOODS)
    failed = refund(91, at("09:10"), (1, 4, "102.00"), beyond=["102.00"], amount="102.00", status="failure")
    floor.tell("orders/updated", refunded(paid, at("09:10"), failed, status="paid"))
    assert floor.points() == 102


def test_a_refund_of_a_discounted_line_takes_what_the_line_gave(floor):
    """Three at 10.00 less 10 %: one of them came back for 9.00."""
    paid = floor.pay(line(1, "10.00", 3, off="3.00"))
    assert floor.points() == 27
    floor.tell("orders/updated", refunded(paid, at("09:10"), refund(91, at("09:10"), (1, 1, "9.00"), amount="9.00")))
    assert floor.points() == 18


def test_a_refund_after_the_points_were_spent_is_owed_for_its_own_part_alone(floor, desk):
    floor.publish()
    paid = floor.pay(GOODS)
    floor.redeem()
    floor.redeem("wish-0002")
    assert floor.points() == 2
    floor.tell("orders/updated", refunded(paid, at("09:59"), refund(91, at("09:59"), (1, 1, "25.50"), amount="25.50")))
    assert (floor.points(), floor.owed()) == (0, 24)


def test_a_word_of_a_refund_alone_changes_nothing_until_the_order_itself_comes(floor):
    """`refunds/create` does not say what the order is now."""
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), (1, 1, "25.50"), amount="25.50")
    floor.tell("refunds/create", back | {"order_id": 5001})
    assert floor.points() == 102
    floor.tell("orders/updated", refunded(paid, at("09:10"), back))
    assert floor.points() == 76


def test_an_order_from_before_the_refund_that_came_with_another_is_told_before_it(floor, desk):
    """Which lot a refund takes from depends on what there was by then, not on what had come in."""
    floor.publish()
    paid = floor.pay(GOODS)
    floor.redeem()
    floor.redeem("wish-0002")
    floor.clock.advance(hours=2)
    everything = refund(91, at("10:05"), (1, 4, "102.00"), amount="102.00")
    floor.tell("orders/updated", refunded(paid, at("10:05"), everything, status="refunded"))
    assert floor.owed() == 100
    back = refund(92, at("10:40"), beyond=["-6.00"], amount="6.00")
    mostly_kept = order(5002, line(1, "80.00"), when=at("10:40"), created_at=at("10:10"), processed_at=at("10:10"))
    floor.tell("orders/updated", refunded(mostly_kept, at("10:40"), back))
    between = order(5003, line(1, "50.00"), when=at("10:20"), created_at=at("10:20"), processed_at=at("10:20"))
    floor.tell("orders/paid", between)
    assert (floor.points(), floor.owed()) == (24, 0)
    assert lot_faults_of(floor) == []


def test_an_order_told_without_its_refund_and_customer_leaves_no_trace_on_its_account(floor):
    """It gave nothing in the end before and gives nothing now: its account must be told anew all the same."""
    paid = floor.pay(GOODS)
    back = refund(91, at("09:10"), (1, 4, "102.00"), amount="102.00")
    floor.tell("orders/updated", refunded(paid, at("09:10"), back, status="refunded"))
    floor.tell("orders/updated", later(paid, at("09:20"), customer=None))
    assert (floor.points(), floor.why()) == (0, "guest")
    assert lot_faults_of(floor) == []


def lot_faults_of(floor):
    with floor.tools.reading() as session:
        account = (floor.shop.programme_id, member_of(floor.tools, floor.shop, CUSTOMER).account_id)
        return lot_faults(session, {account}, floor.clock())

"""Orders that are not, not yet or no longer paid: pending, partly paid, voided, cancelled, tests, drafts."""

from __future__ import annotations

import pytest

from tests.journeys.shop_floor import CUSTOMER, Floor, at, customer, later, line, order, refund

GOODS = line(1, "25.50", 2)


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    yield floor
    floor.prove()


@pytest.mark.parametrize("waiting", ["pending", "authorized", "partially_paid", "expired", None])
def test_an_order_gives_its_points_when_it_is_paid_and_not_before(floor, waiting):
    placed = order(5001, GOODS, financial_status=waiting)
    floor.tell("orders/create", placed)
    assert (floor.points(), floor.why()) == (0, "unpaid")
    floor.tell("orders/paid", later(placed, at("09:30"), financial_status="paid"))
    assert (floor.points(), floor.why()) == (51, None)


def test_an_order_paid_in_parts_gives_all_its_points_with_the_last_part(floor):
    placed = order(5001, GOODS, financial_status="pending")
    floor.tell("orders/create", placed)
    floor.tell("orders/updated", later(placed, at("09:10"), financial_status="partially_paid"))
    assert (floor.points(), floor.postings()) == (0, 0)
    floor.tell("orders/paid", later(placed, at("09:20"), financial_status="paid"))
    assert (floor.points(), floor.postings()) == (51, 1)


def test_an_order_that_was_authorized_and_voided_never_gave_anything(floor):
    placed = order(5001, GOODS, financial_status="authorized")
    floor.tell("orders/create", placed)
    floor.tell("orders/updated", later(placed, at("09:30"), financial_status="voided"))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "unpaid", 0)


def test_an_order_cancelled_before_it_was_captured_never_gave_anything(floor):
    placed = order(5001, GOODS, financial_status="authorized")
    floor.tell("orders/create", placed)
    floor.tell("orders/cancelled", later(placed, at("09:30"), financial_status="voided", cancelled_at=at("09:30")))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "cancelled", 0)


def test_an_order_cancelled_after_it_was_paid_gives_its_points_back(floor):
    """Shopify refunds and cancels in one go; the order says both."""
    paid = floor.pay(GOODS)
    assert floor.points() == 51
    back = refund(91, at("09:30"), (1, 2, "51.00"), amount="51.00")
    gone = later(paid, at("09:30"), financial_status="refunded", cancelled_at=at("09:30"), refunds=[back])
    floor.tell("orders/cancelled", gone)
    assert (floor.points(), floor.owed(), floor.why()) == (0, 0, "cancelled")


def test_a_cancelled_order_whose_money_was_kept_gives_its_points_back_all_the_same(floor):
    """`cancelled_at` may be set while the order still counts as paid."""
    paid = floor.pay(GOODS)
    floor.tell("orders/cancelled", later(paid, at("09:30"), cancelled_at=at("09:30")))
    assert (floor.points(), floor.why()) == (0, "cancelled")


def test_a_cancellation_that_comes_before_its_payment_wins_by_its_date(floor):
    paid = order(5001, GOODS)
    floor.tell("orders/cancelled", later(paid, at("09:30"), financial_status="voided", cancelled_at=at("09:30")))
    floor.tell("orders/paid", paid)
    floor.tell("orders/create", later(paid, at("09:00"), financial_status="pending"))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "cancelled", 0)


def test_a_cancelled_order_whose_points_are_spent_leaves_them_owed_until_new_ones_come(floor, desk):
    floor.publish()
    paid = floor.pay(line(1, "60.00"))
    floor.redeem()
    floor.tell("orders/cancelled", later(paid, at("09:59"), financial_status="refunded", cancelled_at=at("09:59")))
    assert (floor.points(), floor.owed()) == (0, 50)
    floor.pay(line(1, "70.00"), order_id=5002, when=at("09:59"))
    assert (floor.points(), floor.owed()) == (20, 0)


def test_a_test_order_gives_nothing_whatever_becomes_of_it(floor):
    body = order(5001, GOODS, test=True)
    floor.tell("orders/paid", body)
    floor.tell("orders/cancelled", later(body, at("09:30"), financial_status="voided", cancelled_at=at("09:30")))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "test", 0)


def test_a_draft_sold_on_terms_is_an_order_like_any_other_once_it_is_paid(floor):
    """An invoice written by the merchant: no variant, no product of the shop, a customer of its own, paid a week later."""
    service = line(1, "99.90", product_id=None, variant_id=None, sku=None, vendor=None, requires_shipping=False)
    drafted = order(5001, service, source_name="shopify_draft_order", financial_status="pending")
    floor.tell("orders/create", drafted)
    assert floor.points() == 0
    floor.tell("orders/paid", later(drafted, at("09:45"), financial_status="paid"))
    assert floor.points() == 99


def test_a_draft_without_a_customer_waits_for_one(floor):
    drafted = order(5001, GOODS, source_name="shopify_draft_order", customer=None)
    floor.tell("orders/paid", drafted)
    assert (floor.why(), floor.postings()) == ("guest", 0)
    floor.tell("orders/updated", later(drafted, at("09:45"), customer=customer(CUSTOMER)))
    assert floor.points() == 51


def test_an_order_without_lines_gives_nothing_and_says_so(floor):
    floor.pay()
    assert (floor.points(), floor.why(), floor.postings()) == (0, "nothing_eligible", 0)


def test_an_order_that_costs_nothing_gives_nothing(floor):
    floor.pay(line(1, "25.50", 2, off="51.00"))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "nothing_eligible", 0)

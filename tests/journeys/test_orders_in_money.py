"""What an order is worth: taxes in the price, the buyer's own currency, currencies without and with three decimals, tips, gift cards."""

from __future__ import annotations

import pytest

from tests.factories import make_shop
from tests.journeys.shop_floor import Floor, at, later, line, money, order, refund


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    yield floor
    floor.prove()


@pytest.fixture
def floor_in(tools, clock):
    """A floor whose shop keeps its books in the currency asked for."""
    made = []

    def open_floor(currency: str) -> Floor:
        made.append(
            Floor(tools, clock, make_shop(tools, f"laurel-{currency.lower()}.myshopify.com", currency=currency))
        )
        return made[-1]

    yield open_floor
    made[-1].prove()


def test_included_tax_gives_no_points_and_a_refund_takes_none_for_it(floor):
    """Two at 54.05 with 8.1 % in the price: 108.10 paid, 8.10 of it tax; one of them comes back."""
    paid = floor.pay(line(1, "54.05", 2, tax="8.10"), taxes_included=True)
    assert floor.points() == 100
    back = refund(91, at("09:10"), (1, 1, "54.05"), amount="54.05")
    back["refund_line_items"][0] |= {"total_tax": 4.05, "total_tax_set": money("4.05")}
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 50


@pytest.mark.parametrize("included", [True, False])
def test_half_the_money_back_without_goods_takes_half_the_points_whatever_part_of_it_was_tax(floor, included):
    """120.00 paid with 20.00 of tax, in the price or on top of it; then 60.00 go back by amount, and then the rest."""
    paid = floor.pay(line(1, "60.00" if included else "50.00", 2, tax="20.00"), taxes_included=included)
    assert floor.points() == 100
    half = refund(91, at("09:10"), beyond=["-60.00"], amount="60.00")
    state = later(paid, at("09:10"), refunds=[half], financial_status="partially_refunded")
    floor.tell("orders/updated", state)
    assert floor.points() == 50
    rest = refund(92, at("09:20"), beyond=["-60.00"], amount="60.00")
    floor.tell("orders/updated", later(state, at("09:20"), refunds=[half, rest], financial_status="refunded"))
    assert (floor.points(), floor.owed()) == (0, 0)


def test_goods_that_came_back_with_their_tax_are_paid_out_later_and_take_their_points_once(floor):
    """Shopify books what is outstanding with the tax on it, and so the payment."""
    paid = floor.pay(line(1, "50.00", 2, tax="20.00"))
    goods = refund(91, at("09:10"), (1, 1, "50.00"), beyond=["60.00"])
    goods["refund_line_items"][0] |= {"total_tax": 10.0, "total_tax_set": money("10.00")}
    state = later(paid, at("09:10"), refunds=[goods])
    floor.tell("orders/updated", state)
    assert floor.points() == 50
    out = refund(92, at("09:20"), beyond=["-60.00"], amount="60.00")
    floor.tell("orders/updated", later(state, at("09:20"), refunds=[goods, out], financial_status="partially_refunded"))
    assert (floor.points(), floor.owed()) == (50, 0)


def test_tax_on_top_of_the_price_gives_no_points(floor):
    floor.pay(line(1, "50.00", 2, tax="20.00"))
    assert floor.points() == 100


def test_tax_gives_points_where_the_merchant_wants_it(floor):
    floor.publish(base={"taxes": True, "gift_cards": False, "tips": False})
    floor.pay(line(1, "50.00", 2, tax="20.00"))
    floor.pay(line(1, "54.05", 2, tax="8.10"), order_id=5002, taxes_included=True)
    assert floor.points() == 120 + 108


def test_shop_money_counts_whatever_the_buyer_paid_with(floor_in):
    """64.60 francs, shown to the buyer as 10,850 yen; 6.30 francs off; half of it refunded in yen."""
    floor = floor_in("CHF")
    goods = line(1, "64.60", price_set=money("64.60", "CHF", ("10850", "JPY")))
    goods["discount_allocations"] = [{"amount": "6.30", "amount_set": money("6.30", "CHF", ("1058", "JPY"))}]
    paid = floor.pay(goods, currency="CHF", presentment_currency="JPY")
    assert floor.points() == 58
    back = refund(91, at("09:10"), amount="4896", currency="JPY")
    back["order_adjustments"] = [
        {
            "id": 1,
            "kind": "refund_discrepancy",
            "amount": "-29.15",
            "amount_set": money("-29.15", "CHF", ("-4896", "JPY")),
        }
    ]
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 29


def test_a_currency_without_decimals_counts_whole_units(floor_in):
    floor = floor_in("JPY")
    paid = floor.pay(line(1, "1980", 2, off="397"), currency="JPY", presentment_currency="JPY")
    assert floor.points() == 3563
    back = refund(91, at("09:10"), (1, 1, "1782"), amount="1782")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 1781


def test_a_currency_with_three_decimals_loses_no_thousandth(floor_in):
    """Ten lines of 0.999 dinars come to 9.990; at 100 points a dinar that is 999."""
    floor = floor_in("KWD")
    floor.publish(rules=[{"kind": "spend", "id": "spend", "points_per_unit": "100"}])
    lines = [line(number, "0.999") for number in range(1, 11)]
    paid = floor.pay(*lines, currency="KWD", presentment_currency="KWD")
    assert floor.points() == 999
    back = refund(91, at("09:10"), (1, 1, "0.999"), amount="0.999")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 899


def test_a_tip_gives_nothing_and_a_refund_of_it_takes_nothing(floor):
    tip = line(
        9, "5.00", product_id=None, variant_id=None, requires_shipping=False, tip_payment_gateway="shopify_payments"
    )
    paid = floor.pay(line(1, "40.00"), tip, total_tip_received="5.00")
    assert floor.points() == 40
    back = refund(91, at("09:10"), (9, 1, "5.00"), amount="5.00")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 40


def test_a_tip_without_shopifys_marks_is_known_by_what_it_is_worth(floor):
    tip = line(9, "5.00", product_id=None, variant_id=None, requires_shipping=False)
    floor.pay(line(1, "40.00"), tip, total_tip_received="5.00")
    assert floor.points() == 40


def test_a_gift_card_bought_gives_nothing_and_gives_when_it_is_spent(floor):
    """100 on a card beside goods of 20; later goods of 60 paid with the card: each euro earns once."""
    floor.pay(line(1, "20.00"), line(9, "100.00", gift_card=True, requires_shipping=False))
    assert floor.points() == 20
    floor.pay(line(1, "60.00"), order_id=5002, payment_gateway_names=["gift_card"])
    assert floor.points() == 80


def test_a_gift_card_alone_gives_nothing_and_says_so(floor):
    floor.pay(line(9, "100.00", gift_card=True, requires_shipping=False))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "nothing_eligible", 0)


def test_a_gift_card_given_back_takes_nothing_off_the_goods_beside_it(floor):
    paid = floor.pay(line(1, "20.00"), line(9, "100.00", gift_card=True, requires_shipping=False))
    back = refund(91, at("09:10"), (9, 1, "100.00"), amount="100.00")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert floor.points() == 20


def test_goods_paid_with_card_and_gift_card_and_given_back_to_both_take_their_points_once(floor):
    paid = floor.pay(line(1, "60.00"), payment_gateway_names=["gift_card", "shopify_payments"])
    back = refund(91, at("09:10"), (1, 1, "60.00"), amount="45.00", gateway="gift_card")
    back["transactions"].append(back["transactions"][0] | {"id": 92, "amount": "15.00", "gateway": "shopify_payments"})
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="refunded"))
    assert (floor.points(), floor.owed(), floor.why()) == (0, 0, "refunded")


def test_two_orders_in_two_currencies_of_buyers_add_up_in_shop_money(floor):
    for order_id, paid_with in ((5001, ("18.70", "USD")), (5002, ("340.00", "ZAR"))):
        goods = line(1, "17.00", price_set=money("17.00", "EUR", paid_with))
        floor.tell("orders/paid", order(order_id, goods, presentment_currency=paid_with[1]))
    assert floor.points() == 34

"""Orders in the shapes that real shops send, with what a careful person would give for them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.rules.making import PLACED, document, evaluated, line, order, points, products, refund, spend


def test_a_line_of_ten_thousand_discounted_to_nothing_earns_nothing():
    """A tax helper puts such a line into the cart, and a protection of 0.98 beside it."""
    helper = line(1, "10000.00", discount="10000.00")
    evaluation = evaluated(order(helper, line(2, "0.98")))
    assert (evaluation.points, evaluation.why_nothing) == (0, "too_small")
    assert points(order(helper, line(2, "0.98"), line(3, "42.10"))) == 43


def test_a_protection_fee_can_be_excluded_by_its_product():
    by = document(spend(), products("fees", {"products": [302]}, exclude=True))
    evaluation = evaluated(order(line(1, "42.10"), line(2, "0.98")), by)
    assert evaluation.points == 42
    assert evaluation.explanation["left_out"] == [{"line_id": 2, "why": "excluded", "rule_id": "fees"}]


def test_a_sample_order_that_is_test_cancelled_and_voided_gives_nothing():
    made = order(line(1, "199.00"), is_test=True, cancelled_at=PLACED, financial_status="voided")
    assert evaluated(made).why_nothing == "test"


@pytest.mark.parametrize(
    ("status", "given_back", "expected", "why"),
    [
        ("partially_refunded", "5.85", 112, None),
        ("partially_refunded", "117.00", 17, None),
        ("partially_refunded", "136.89", 0, "refunded"),
        ("refunded", "0", 0, "refunded"),
        ("refunded", "136.89", 0, "refunded"),
    ],
)
def test_money_given_back_without_a_line_is_clawed_back_by_money(status, given_back, expected, why):
    """Shekels with 17 % in the price: 136.89 paid, 19.89 of it tax; a payment service refunds amounts alone.

    What it refunds is what was paid: of a real order of 5.00 and 0.85 tax Shopify books -5.85 as discrepancy, with no tax beside it.
    """
    made = order(line(1, "136.89", tax="19.89"), currency="ILS", taxes_included=True, financial_status=status)
    if given_back != "0":
        made = order(*made.lines, **_same(made), refunds=(refund(discrepancy=given_back),))
    evaluation = evaluated(made)
    assert (evaluation.points, evaluation.why_nothing) == (expected, why)


def _same(made):
    return {name: getattr(made, name) for name in ("currency", "taxes_included", "financial_status")}


@pytest.mark.parametrize(
    ("price", "quantity", "discount", "back", "subtotal", "left"),
    [("689.28", 3, "206.78", 2, "1240.71", "620.35"), ("39.99", 4, "15.99", 4, "143.97", "0")],
)
def test_part_of_a_discounted_line_comes_back_with_its_part_of_the_discount(
    price, quantity, discount, back, subtotal, left
):
    made = order(line(1, price, quantity, discount=discount), refunds=(refund((1, back, subtotal)),))
    assert evaluated(made).explanation["base"]["eligible"] == left
    assert points(made) == int(Decimal(left))


def test_swiss_prices_include_tax_and_points_do_not():
    """Two at 54.05 with 8.1 %: 108.10 paid, 8.10 tax."""
    made = order(line(1, "54.05", 2, tax="8.10"), currency="CHF", taxes_included=True)
    assert points(made) == 100
    assert points(made, document(spend(), base={"taxes": True})) == 108


def test_a_gift_card_bought_beside_goods_gives_nothing_and_takes_nothing():
    made = order(line(1, "100.00", is_gift_card=True), line(2, "19.90", is_tip=True), line(3, "19.90"))
    evaluation = evaluated(made)
    assert evaluation.points == 19
    assert [one["why"] for one in evaluation.explanation["left_out"]] == ["gift_card", "tip"]


def test_an_edited_order_counts_what_is_left_in_it():
    """Units that an edit took out came back without money being told; a line that it added is a line like any other."""
    made = order(line(1, "30.00", 2), line(2, "12.00"), refunds=(refund((1, 1, "0")),))
    assert points(made) == 42


def test_ids_above_what_javascript_can_count_stay_whole():
    big = 820982911946154508
    evaluation = evaluated(order(line(big, "12.00", product_id=big + 1)))
    assert evaluation.explanation["rules"][0]["lines"] == [big]


def test_the_largest_basket_of_a_grocery_year_adds_up_to_the_cent():
    """161 lines, each with its own discount, some given back."""
    lines = [line(n, f"{n}.37", n % 5 + 1, discount=f"0.{n % 90 + 10}") for n in range(1, 162)]
    returned = refund(*((n, 1, "1.00") for n in range(1, 162, 7)))
    expected = sum(one.price * one.quantity - one.discount for one in lines)
    for part in returned.lines:
        one = lines[part.line_id - 1]
        expected -= part.subtotal if one.quantity > 1 else one.price - one.discount
    evaluation = evaluated(order(*lines, refunds=(returned,)))
    assert evaluation.points == int(expected)
    assert Decimal(evaluation.explanation["exact"]) == expected

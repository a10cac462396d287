"""What counts as spend: discounts, tax, gift cards, tips, refunds."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plugin.rules import parse_document
from plugin.rules.order_facts import read_order
from plugin.rules.schema_earning import Base
from tests.rules.making import document, evaluated, line, order, points, products, refund, spend


def eligible(made, **switches):
    return read_order(made, Base(**switches), ()).facts.eligible_spend


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line(1, "12.75", 2)], "25.5"),
        ([line(1, "12.75", 2, discount="1.10")], "24.4"),
        ([line(1, "10.00", discount="10.00")], "0"),
        ([line(1, "10.00", discount="12.00"), line(2, "5.00")], "5"),
        ([line(1, "0.00", 3), line(2, "5.00")], "5"),
        ([line(1, "10.00", 0), line(2, "5.00")], "5"),
        ([line(1, "10.00", -1), line(2, "5.00")], "5"),
        ([line(1, "-3.00"), line(2, "5.00")], "5"),
        ([line(1, "9.99", 100_000)], "999000"),
    ],
)
def test_a_line_is_worth_its_price_less_its_discounts_and_never_less_than_nothing(lines, expected):
    assert eligible(order(*lines)) == Fraction(expected)


@pytest.mark.parametrize(
    ("included", "counts", "expected"),
    [(True, False, "100"), (True, True, "120"), (False, False, "120"), (False, True, "140")],
)
def test_tax_counts_only_where_the_document_says_so(included, counts, expected):
    """A line of 120.00 with 20.00 of tax, in the price or on top of it."""
    made = order(line(1, "60.00", 2, tax="20.00"), taxes_included=included)
    assert eligible(made, taxes=counts) == Fraction(expected)


@pytest.mark.parametrize(
    ("included", "counts", "expected"),
    [(True, False, "50"), (True, True, "60"), (False, False, "60"), (False, True, "70")],
)
def test_a_refund_takes_off_what_the_line_counted(included, counts, expected):
    """Half of that line comes back, with its tax."""
    made = order(line(1, "60.00", 2, tax="20.00"), taxes_included=included, refunds=(refund((1, 1, "60.00", "10.00")),))
    assert eligible(made, taxes=counts) == Fraction(expected)


@pytest.mark.parametrize(("switch", "flag"), [("gift_cards", "is_gift_card"), ("tips", "is_tip")])
def test_gift_cards_and_tips_count_only_where_the_document_says_so(switch, flag):
    made = order(line(1, "50.00", **{flag: True}), line(2, "7.00"))
    assert eligible(made) == 7
    assert eligible(made, **{switch: True}) == 57


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ([], "30"),
        ([refund((1, 1, "10.00"))], "20"),
        ([refund((1, 1, "10.00")), refund((1, 1, "10.00"))], "10"),
        ([refund((1, 3, "30.00"))], "0"),
        ([refund((1, 1, "4.00"))], "26"),
        ([refund((1, 1, "99.00"))], "0"),
        ([refund((1, 1, "0"))], "20"),
        ([refund((1, 0, "5.00"))], "25"),
        ([refund((1, -1, "-5.00"))], "30"),
        ([refund((1, -1, "0"))], "30"),
        ([refund((1, -1, "0")), refund((1, 3, "29.00"))], "0"),
        ([refund((1, 3, "29.97"))], "0"),
        ([refund((1, 7, "1.00"))], "0"),
        ([refund((999, 1, "10.00"))], "30"),
        ([refund(discrepancy="5.85")], "24.15"),
        ([refund(discrepancy="30")], "0"),
        ([refund(discrepancy="500")], "0"),
        ([refund(discrepancy="-4")], "30"),
        ([refund((1, 1, "10.00"), discrepancy="-10"), refund(discrepancy="10")], "20"),
        ([refund(discrepancy="10"), refund((1, 1, "10.00"), discrepancy="-10")], "20"),
        ([refund((1, 1, "10.00"), discrepancy="-2"), refund(discrepancy="5")], "17"),
        ([refund((1, 1, "10.00"), discrepancy="5"), refund(discrepancy="5")], "10"),
    ],
)
def test_refunds_take_off_what_they_gave_back(refunds, expected):
    """Three units of 10.00. A refund without a subtotal takes its units' share; unknown lines do no harm."""
    assert eligible(order(line(1, "10.00", 3), refunds=tuple(refunds))) == Fraction(expected)


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize(("back", "without", "with_tax"), [("60", 50, 60), ("120", 0, 0), ("12", 90, 108)])
def test_money_given_back_beyond_the_lines_is_partly_the_tax_on_them(included, back, without, with_tax):
    """120.00 were paid, 20.00 of it tax: half the money back is half of what counted, whatever counted."""
    price = "120.00" if included else "100.00"
    made = order(line(1, price, tax="20.00"), taxes_included=included, refunds=(refund(discrepancy=back),))
    assert (eligible(made), eligible(made, taxes=True)) == (without, with_tax)


def test_money_given_back_after_a_line_came_back_is_shared_by_what_is_left_and_its_tax():
    """Of three at 10.00 with 2.00 tax each, one came back; 6.00 of the 24.00 that are left go back besides."""
    refunds = (refund((1, 1, "10.00", "2.00")), refund(discrepancy="6.00"))
    assert eligible(order(line(1, "10.00", 3, tax="6.00"), refunds=refunds)) == 15


def test_a_share_that_no_decimal_can_write_stays_exact():
    made = order(line(1, "3.3333", 3, discount="0.00"), refunds=(refund((1, 1, "0")),))
    assert eligible(made) == Fraction("9.9999") * 2 / 3


def test_a_line_refunded_whole_is_worth_nothing_whatever_cents_its_refunds_lost():
    """10.00 for three comes back as 3.33 three times; the last cent earns no point."""
    thirds = tuple(refund((1, 1, "3.33")) for _ in range(3))
    evaluation = evaluated(order(line(1, "3.34", 3, discount="0.02"), refunds=thirds), document(spend("100")))
    assert (evaluation.points, evaluation.why_nothing) == (0, "refunded")


def test_a_refund_of_one_line_leaves_the_others():
    made = order(line(1, "10.00"), line(2, "20.00"), refunds=(refund((1, 1, "10.00")),))
    evaluation = evaluated(made)
    assert evaluation.points == 20
    assert evaluation.explanation["left_out"] == [{"line_id": 1, "why": "refunded"}]
    assert evaluation.explanation["base"]["refunded"] == "10"


def test_a_refunded_gift_card_takes_nothing_off_the_rest():
    made = order(line(1, "50.00", is_gift_card=True), line(2, "7.00"), refunds=(refund((1, 1, "50.00")),))
    assert points(made) == 7


@pytest.mark.parametrize(
    "refunds",
    [
        (refund((1, 2, "20.00"), (2, 1, "5.00")),),
        (refund((1, 1, "10.00")), refund((1, 1, "10.00"), (2, 1, "5.00"))),
        (refund(discrepancy="25.00"),),
        (refund((1, 2, "20.00"), discrepancy="5.00"),),
    ],
)
def test_an_order_given_back_whole_says_refunded(refunds):
    evaluation = evaluated(order(line(1, "10.00", 2), line(2, "5.00"), refunds=refunds))
    assert (evaluation.points, evaluation.why_nothing) == (0, "refunded")
    assert evaluation.explanation["base"] == {"currency": "EUR", "eligible": "0", "refunded": "25"}
    assert evaluation.explanation["left_out"] == [{"line_id": 1, "why": "refunded"}, {"line_id": 2, "why": "refunded"}]


def test_an_order_that_refunds_made_too_small_says_refunded_and_one_that_always_was_does_not():
    assert evaluated(order(line(1, "5.00"), refunds=(refund(discrepancy="4.50"),))).why_nothing == "refunded"
    assert evaluated(order(line(1, "0.90"), refunds=(refund(discrepancy="0.50"),))).why_nothing == "too_small"


def test_money_that_belongs_to_no_line_is_taken_off_all_in_proportion():
    """30.00 of 90.00 given back: every line keeps two thirds, those with better points too."""
    by = document(spend("1"), products("double", {"skus": ["sku-1"]}, multiplier="2"))
    made = order(line(1, "60.00"), line(2, "30.00"), refunds=(refund(discrepancy="30.00"),))
    evaluation = evaluated(made, by)
    assert [award.basis for award in evaluation.awards] == [40, 20]
    assert evaluation.points == 100


def test_money_given_back_shrinks_points_by_the_unit_as_well():
    by = document(products("each", {"skus": ["sku-1"]}, points_per_item="10"))
    made = order(line(1, "10.00", 4), refunds=(refund(discrepancy="10.00"),))
    assert points(made, by) == 30


def test_a_line_that_costs_nothing_earns_nothing_even_by_the_unit():
    """Else a product taken for points would give points."""
    by = document(products("each", {"skus": ["sku-1"]}, points_per_item="50"))
    evaluation = evaluated(order(line(1, "12.00", 2, discount="24.00")), by)
    assert (evaluation.points, evaluation.why_nothing) == (0, "nothing_eligible")
    assert evaluation.explanation["left_out"] == [{"line_id": 1, "why": "free"}]


def test_the_switches_of_a_document_reach_the_sum():
    data = {"schema_version": 1, "enrolment": "opt_in", "points_name": {"en": "points"}}
    data["earning"] = {"rules": [spend()], "base": {"gift_cards": True, "tips": True, "taxes": True}}
    made = order(line(1, "50.00", is_gift_card=True), line(2, "3.00", is_tip=True), line(3, "10.00", tax="2.00"))
    assert points(made, parse_document(data)) == 65

"""What an order gives as a whole; the parts have files of their own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plugin.facts import Context
from plugin.rules import evaluate, needs_products
from plugin.rules.evaluate import POINTS_MAX
from tests.rules.making import (
    PLACED,
    document,
    evaluated,
    line,
    order,
    points,
    product,
    products,
    refund,
    spend,
    told_exactly,
)


@pytest.mark.parametrize(
    ("rate", "rounding", "amount", "expected"),
    [
        ("1", "floor", "25.50", 25),
        ("1", "half_up", "25.50", 26),
        ("1", "ceil", "25.01", 26),
        ("0.1", "floor", "99.99", 9),
        ("0.1", "half_up", "95.00", 10),
        ("1.5", "floor", "10.00", 15),
        ("2.25", "floor", "3.33", 7),
        ("0.000001", "ceil", "0.01", 1),
        ("100", "floor", "0.01", 1),
    ],
)
def test_spend_earns_at_its_rate_and_rounds_once(rate, rounding, amount, expected):
    assert points(order(line(1, amount)), document(spend(rate), rounding=rounding)) == expected


def test_the_order_rounds_once_and_not_each_line():
    """Three lines of 0.50 are 1.50: one point, not none."""
    assert points(order(*(line(n, "0.50") for n in (1, 2, 3)))) == 1


def test_the_order_rounds_once_and_not_each_rule():
    by = document(spend("0.5", "one"), spend("0.5", "two"))
    assert points(order(line(1, "1.00")), by) == 1


def test_spend_rules_add_up():
    assert points(order(line(1, "10.00")), document(spend("1", "one"), spend("0.5", "two"))) == 15


def test_a_rule_that_is_switched_off_gives_nothing():
    by = document(spend("1", "one"), spend("5", "two", is_active=False))
    assert points(order(line(1, "10.00")), by) == 10


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [("JPY", "1980", 1980), ("KWD", "12.345", 12), ("KWD", "0.999", 0), ("ISK", "5490", 5490), ("EUR", "12.99", 12)],
)
def test_amounts_of_any_currency_count_in_major_units(currency, amount, expected):
    assert points(order(line(1, amount), currency=currency)) == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"is_test": True}, "test"),
        ({"cancelled_at": PLACED}, "cancelled"),
        ({"financial_status": "pending"}, "unpaid"),
        ({"financial_status": "authorized"}, "unpaid"),
        ({"financial_status": "partially_paid"}, "unpaid"),
        ({"financial_status": "voided"}, "unpaid"),
        ({"financial_status": "expired"}, "unpaid"),
        ({"financial_status": ""}, "unpaid"),
        ({"financial_status": "refunded"}, "refunded"),
        ({"lines": ()}, "nothing_eligible"),
        ({"lines": (line(1, "0.00"),)}, "nothing_eligible"),
        ({"lines": (line(1, "50.00", is_gift_card=True),)}, "nothing_eligible"),
        ({"lines": (line(1, "0.99"),)}, "too_small"),
        ({"is_test": True, "cancelled_at": PLACED, "financial_status": "voided"}, "test"),
        ({"cancelled_at": PLACED, "financial_status": "refunded"}, "cancelled"),
    ],
)
def test_an_order_that_gives_nothing_says_why(changes, why):
    evaluation = evaluated(replace(order(line(1, "25.50")), **changes))
    assert (evaluation.points, evaluation.why_nothing) == (0, why)
    assert evaluation.explanation["why_nothing"] == why
    assert evaluation.explanation["points"] == 0


@pytest.mark.parametrize("status", ["paid", "partially_refunded"])
def test_an_order_that_is_paid_counts(status):
    evaluation = evaluated(order(line(1, "25.50"), financial_status=status))
    assert (evaluation.points, evaluation.why_nothing) == (25, None)


def test_a_reason_of_the_journey_bars_the_order_before_all_others():
    evaluation = evaluated(order(line(1, "25.50"), is_test=True), barred="guest")
    assert (evaluation.points, evaluation.why_nothing, evaluation.awards) == (0, "guest", ())


def test_the_explanation_tells_all_that_went_into_the_points():
    by = document(spend("1"), products("shoes", {"product_types": ["Shoes"]}, multiplier="2", points_per_item="5"))
    made = order(
        line(1, "12.25", 2, discount="0.50"), line(2, "3.00"), line(3, "50.00", is_gift_card=True), line(4, "1.00")
    )
    evaluation = evaluate(
        replace(made, refunds=(refund((4, 1, "1.00")),)), by, Context(7, (product(1, product_type="shoes"),))
    )
    assert evaluation.explanation == {
        "version": 7,
        "points": 61,
        "exact": "61",
        "rounding": "floor",
        "rules": [
            {
                "rule_id": "shoes",
                "kind": "product_type",
                "points": "58",
                "basis": "24",
                "points_per_unit": "1",
                "multiplier": "2",
                "points_per_item": "5",
                "units": "2",
                "lines": [1],
            },
            {"rule_id": "spend", "kind": "spend", "points": "3", "basis": "3", "points_per_unit": "1", "lines": [2]},
        ],
        "base": {"currency": "EUR", "eligible": "27", "refunded": "1"},
        "left_out": [{"line_id": 3, "why": "gift_card"}, {"line_id": 4, "why": "refunded"}],
    }
    assert [award.points for award in evaluation.awards] == [58, 3]


def test_the_explanation_survives_json_and_holds_no_names():
    by = document(spend("1"), products("brand", {"vendors": ["Secret Brand"]}, multiplier="1.5"))
    evaluation = evaluated(order(line(1, "10.01", vendor="Secret Brand"), name="#1001"), by)
    text = json.dumps(evaluation.explanation)
    assert json.loads(text) == evaluation.explanation
    assert "Secret Brand" not in text
    assert "#1001" not in text


def test_an_impossible_amount_cannot_give_more_than_the_books_can_count():
    evaluation = evaluated(order(line(1, "999999999999999", 10**9)), document(spend("999999")))
    assert evaluation.points == POINTS_MAX
    assert told_exactly(evaluation) > POINTS_MAX


def test_equal_documents_give_equal_evaluations():
    """Calculators are shared between equal documents and never between different ones."""
    made = order(line(1, "10.00"))
    assert evaluated(made, document(spend("2"))) == evaluated(made, document(spend("2")))
    assert points(made, document(spend("3"))) == 30


def test_products_are_asked_for_only_where_they_decide():
    by_type = document(spend(), products("shoes", {"product_types": ["Shoes"]}, multiplier="2"))
    made = order(line(2), line(1), line(2, "1.00"), line(3, is_gift_card=True), line(4, product_id=None))
    assert needs_products(by_type, made) == (301, 302)
    assert needs_products(document(spend()), made) == ()
    by_sku = document(spend(), products("one", {"skus": ["SKU-1"]}, multiplier="2"))
    assert needs_products(by_sku, made) == ()
    by_both = document(spend(), products("one", {"skus": ["SKU-1"], "tags": ["new"]}, exclude=True))
    assert needs_products(by_both, made) == (301,)
    switched_off = document(spend(), products("shoes", {"tags": ["new"]}, multiplier="2", is_active=False))
    assert needs_products(switched_off, made) == ()


@pytest.mark.parametrize(
    "later",
    [
        {"financial_status": "voided"},
        {"cancelled_at": PLACED},
        {"financial_status": "refunded", "refunds": (refund((1, 1, "10.00")),)},
    ],
)
def test_what_is_asked_for_does_not_change_when_the_order_does(later):
    """The context is frozen at the first evaluation, which may come while the order is unpaid."""
    by = document(spend(), products("shoes", {"product_types": ["Shoes"]}, multiplier="2"))
    assert needs_products(by, order(line(1), **later)) == (301,)

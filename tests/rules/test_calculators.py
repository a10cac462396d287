"""The two calculators alone, and which of several product rules a line belongs to."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plugin.rules import ProductTypeRewardCalculator, SpendRewardCalculator
from plugin.rules.order_facts import read_order
from plugin.rules.schema_earning import Base
from plugin.rules.selection import Selection
from tests.rules.making import document, evaluated, line, order, points, product, products, spend

SHOES = Selection(product_types=frozenset({"shoes"}))
BASKET = read_order(
    order(line(1, "40.00", 2, discount="4.50"), line(2, "10.00")),
    Base(),
    (product(1, product_type="Shoes"), product(2, product_type="Hats")),
).facts
NO_BASKET = read_order(order(), Base(), ()).facts


def test_spend_is_awarded_at_its_rate():
    award = SpendRewardCalculator("spend", Fraction("1.5")).award(BASKET)
    assert (award.rule_id, award.basis, award.points) == ("spend", Fraction("85.5"), Fraction("128.25"))
    assert award.detail == {"kind": "spend", "points_per_unit": "1.5", "lines": [1, 2]}


def test_an_order_without_spend_gets_no_award():
    assert SpendRewardCalculator("spend", Fraction(1)).award(NO_BASKET) is None
    assert ProductTypeRewardCalculator("shoes", SHOES, Fraction(1)).award(NO_BASKET) is None


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({}, "75.5"),
        ({"multiplier": Fraction(2)}, "151"),
        ({"multiplier": Fraction("0.5")}, "37.75"),
        ({"points_per_item": Fraction(10)}, "95.5"),
        ({"multiplier": Fraction(0), "points_per_item": Fraction(10)}, "20"),
        ({"multiplier": Fraction(3), "points_per_item": Fraction("0.25")}, "227"),
    ],
)
def test_a_product_type_is_awarded_by_spend_and_by_the_unit(effect, expected):
    """Two pairs of shoes for 75.50; the hat is none of this rule's business."""
    award = ProductTypeRewardCalculator("shoes", SHOES, Fraction(1), **effect).award(BASKET)
    assert (award.points, award.basis, award.detail["lines"]) == (Fraction(expected), Fraction("75.5"), [1])


@pytest.mark.parametrize("effect", [{"excludes": True}, {"multiplier": Fraction(0)}])
def test_a_product_type_that_earns_nothing_gets_no_award(effect):
    assert ProductTypeRewardCalculator("shoes", SHOES, Fraction(1), **effect).award(BASKET) is None


def test_a_product_rule_multiplies_what_the_spend_rules_give_together():
    by = document(spend("1", "one"), spend("0.5", "two"), products("s", {"skus": ["SKU-1"]}, multiplier="2"))
    assert points(order(line(1, "10.00"), line(2, "10.00")), by) == 45


def test_a_switched_off_spend_rule_is_not_multiplied():
    by = document(
        spend("1", "one"), spend("9", "two", is_active=False), products("s", {"skus": ["SKU-1"]}, multiplier="2")
    )
    assert points(order(line(1, "10.00")), by) == 20


def test_points_by_the_unit_need_no_spend_rule():
    by = document(products("s", {"skus": ["SKU-1"]}, points_per_item="7"))
    assert points(order(line(1, "10.00", 3), line(2, "10.00")), by) == 21


FIRST = products("first", {"skus": ["SKU-1"]}, multiplier="2")
SECOND = products("second", {"vendors": ["Acme"]}, multiplier="5")
BARRED = products("barred", {"tags": ["sale"]}, exclude=True)
ACME = line(1, "10.00", vendor="Acme")


@pytest.mark.parametrize(
    ("rules", "expected", "deciding"),
    [
        ([spend(), FIRST, SECOND], 20, ["first"]),
        ([spend(), SECOND, FIRST], 50, ["second"]),
        ([SECOND, spend(), FIRST], 50, ["second"]),
        ([spend(), FIRST | {"is_active": False}, SECOND], 50, ["second"]),
        ([spend(), FIRST, SECOND, BARRED], 0, []),
        ([BARRED, spend(), FIRST, SECOND], 0, []),
        ([spend(), FIRST, BARRED | {"is_active": False}], 20, ["first"]),
        ([spend(), products("none", {"skus": ["sku-1"]}, multiplier="0"), SECOND], 0, []),
    ],
)
def test_of_several_product_rules_an_exclusion_decides_and_else_the_first(rules, expected, deciding):
    """A line earns once. Rules neither add up nor compete: the merchant's own sequence says which one holds."""
    evaluation = evaluated(order(ACME), document(*rules), (product(1, tags=("Sale", "new")),))
    assert evaluation.points == expected
    assert [award.rule_id for award in evaluation.awards] == deciding


def test_an_excluded_line_says_which_rule_took_it():
    evaluation = evaluated(order(ACME, line(2, "3.00")), document(spend(), BARRED), (product(1, tags=("sale",)),))
    assert evaluation.points == 3
    assert evaluation.explanation["left_out"] == [{"line_id": 1, "why": "excluded", "rule_id": "barred"}]


def test_lines_that_one_rule_took_are_not_seen_by_the_next():
    by = document(spend(), FIRST, products("rest", {"vendors": ["Acme"]}, points_per_item="100"))
    evaluation = evaluated(order(ACME, line(2, "10.00", vendor="Acme"), line(3, "10.00")), by)
    assert [(award.rule_id, award.detail["lines"], award.points) for award in evaluation.awards] == [
        ("first", [1], 20),
        ("rest", [2], 110),
        ("spend", [3], 10),
    ]

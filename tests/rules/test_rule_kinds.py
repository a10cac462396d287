"""Every kind of earning rule by example: what an order gives under it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plugin.errors import BadInput
from plugin.facts import Context, PaidOtherwise, Shipping, SpendBefore
from plugin.rules import evaluate
from tests.rules.making import document, line, order, points, product, products, refund, spend

CONTEXT = Context(1)


def rule(kind: str, rule_id: str = "bonus", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": rule_id, **more}


def given(made, *rules, context=CONTEXT, **earning):
    return evaluate(made, document(*rules, **earning), context).points


PORTUGAL = rule(
    "spend_bands",
    bands=[
        {"spend_from": limit, "points": gives}
        for limit, gives in [
            ("0", 2), ("30.01", 6), ("60.01", 16), ("120.01", 33), ("250.01", 67), ("500.01", 135), ("1000.01", 270),
        ]
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    ("paid", "expected"), [("0.01", 2), ("30", 2), ("30.01", 6), ("120", 16), ("250", 33), ("2500", 270)]
)
def test_bands_give_what_the_highest_band_reached_says(paid, expected):
    assert given(order(line(1, paid)), PORTUGAL) == expected


@pytest.mark.parametrize(
    ("paid", "how", "expected"),
    [
        ("14", {"points": "1", "amount": "5", "full_amounts": True}, 2),
        ("14", {"points": "1", "amount": "5"}, 2),
        ("15", {"points": "2", "amount": "5", "full_amounts": True}, 6),
        ("4.99", {"points": "1", "amount": "5", "full_amounts": True}, 0),
        ("3", {"points": "1", "amount": "3"}, 1),
        ("99", {"points": "1.5", "amount": "10"}, 14),
        ("99", {"points": "1.5", "amount": "10", "full_amounts": True}, 13),
    ],
)
def test_so_many_points_per_amount_are_exact(paid, how, expected):
    assert given(order(line(1, paid)), rule("spend_amount", **how)) == expected


def test_full_amounts_are_counted_over_the_lines_together():
    full = rule("spend_amount", points="1", amount="5", full_amounts=True)
    assert given(order(line(1, "3"), line(2, "4")), full) == 1


def test_one_point_per_ten_units_as_a_plain_rate():
    assert given(order(line(1, "105.50")), spend("0.1")) == 10


@pytest.mark.parametrize(
    ("lines", "how", "expected"),
    [
        ([line(1, grams=250, quantity=2)], {"points": "3", "unit": "kg"}, 1),
        ([line(1, grams=250, quantity=4)], {"points": "3", "unit": "kg"}, 3),
        ([line(1, grams=1600)], {"points": "3", "unit": "kg", "full_weights": True}, 3),
        ([line(1, grams=907)], {"points": "10", "unit": "lb"}, 19),
        ([line(1, grams=300)], {"points": "1", "weight": "100", "unit": "g"}, 3),
        ([line(1, grams=57)], {"points": "1", "unit": "oz"}, 2),
        ([line(1)], {"points": "9", "unit": "g"}, 0),
    ],
)
def test_weight_is_the_orders_own_grams_in_any_unit(lines, how, expected):
    assert given(order(*lines), rule("weight", **how)) == expected


def test_bonuses_come_on_top_but_not_for_what_is_excluded():
    made = order(line(1, "10", 2), line(2, "5", 3, sku="OUT"))
    rules = [spend("1"), products("out", {"skus": ["OUT"]}, exclude=True), rule("unit", points="4")]
    assert given(made, *rules) == 20 + 2 * 4
    assert given(order(made.lines[1]), *rules, rule("order", "order", points=50)) == 0


def test_units_of_some_products_alone():
    shoes = rule("unit", points="7", match={"product_types": ["Shoes"]})
    made = order(line(1, quantity=2), line(2, quantity=5))
    known = (product(1, product_type="shoes"), product(2, product_type="hats"))
    assert points(made, document(shoes), known) == 14


def test_an_order_gives_its_fixed_points_while_it_is_worth_the_minimum():
    fixed = rule("order", points=50, when={"minimum_spend": "30"})
    made = order(line(1, "20"), line(2, "15"))
    assert given(made, fixed) == 50
    evaluation = evaluate(replace(made, refunds=(refund((2, 1, "15")),)), document(fixed), CONTEXT)
    assert (evaluation.points, evaluation.why_nothing) == (0, "refunded")
    assert evaluation.explanation["unmet"] == [{"rule_id": "bonus", "why": "minimum_spend"}]


RELOAD = {"bands": [{"spend_from": "30", "points": 10}, {"spend_from": "50", "points": 25}], "is_multiplied": False}


@pytest.mark.parametrize(("worth", "expected"), [("29.99", 0), ("30", 10), ("49.99", 10), ("50", 25), ("200", 25)])
def test_gift_cards_give_the_points_of_the_highest_band_and_are_no_spend(worth, expected):
    assert given(order(line(1, worth, is_gift_card=True)), rule("gift_card", **RELOAD)) == expected


def test_gift_cards_count_together_less_what_came_back():
    made = order(line(1, "25", is_gift_card=True), line(2, "25", is_gift_card=True), line(3, "100"))
    assert given(made, rule("gift_card", **RELOAD)) == 25
    assert given(replace(made, refunds=(refund((1, 1, "20")),)), rule("gift_card", **RELOAD)) == 10
    assert given(order(line(3, "100")), rule("gift_card", **RELOAD)) == 0


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (refund((1, 1, "0")), 0),
        (refund(discrepancy="50"), 25),
        (refund(discrepancy="105"), 25),
        (refund(discrepancy="106"), 10),
        (refund((3, 1, "100"), discrepancy="26"), 0),
        (refund(discrepancy="155"), 0),
    ],
)
def test_what_comes_back_by_amount_is_the_goods_first_then_the_gift_cards(back, expected):
    """The goods cost 100 and their delivery 5, the card 50."""
    made = order(line(1, "50", is_gift_card=True), line(3, "100"), shipping=Shipping(Decimal(5)))
    assert given(made, rule("gift_card", **RELOAD)) == 25
    assert given(replace(made, refunds=(back,)), rule("gift_card", **RELOAD)) == expected


def test_a_gift_card_line_without_units_is_worth_nothing_and_nothing_comes_back_of_it():
    emptied = replace(line(1, "50", is_gift_card=True), quantity=0)
    made = order(emptied, line(2, "50", is_gift_card=True), line(3, "100"))
    assert given(made, rule("gift_card", **RELOAD)) == 25
    assert given(replace(made, refunds=(refund((1, 1, "0")),)), rule("gift_card", **RELOAD)) == 25


def test_bands_of_gift_cards_rise():
    falling = [RELOAD["bands"][1], RELOAD["bands"][0]]
    with pytest.raises(BadInput):
        document(rule("gift_card", bands=falling))


@pytest.mark.parametrize(
    ("how", "number", "expected"),
    [
        ({"number": 1}, 1, 100),
        ({"number": 1}, 2, 0),
        ({"number": 1}, None, 0),
        ({"every": 5}, 10, 100),
        ({"every": 5}, 9, 0),
    ],
)
def test_the_nth_order_or_every_nth(how, number, expected):
    assert (
        given(order(line()), rule("nth_order", points=100, **how), context=Context(1, order_number=number)) == expected
    )


@pytest.mark.parametrize(
    ("before", "paid", "repeats", "expected"),
    [
        ("0", "99.99", False, 0),
        ("0", "100", False, 10),
        ("60", "40", False, 10),
        ("100", "500", False, 0),
        ("60", "250", True, 30),
        (None, "500", False, 0),
    ],
)
def test_a_spend_goal_is_reached_by_the_order_that_reaches_it(before, paid, repeats, expected):
    goal = rule("spend_goal", goal="100", period="year", points=10, repeats=repeats)
    known = () if before is None else (SpendBefore("bonus", Decimal(before)),)
    assert given(order(line(1, paid)), goal, context=Context(1, spend_before=known)) == expected


@pytest.mark.parametrize(
    ("when", "changes", "context", "why"),
    [
        ({"channels": ["pos"]}, {"source": "web"}, {}, "channels"),
        ({"channels": ["pos", "draft"]}, {"source": "shopify_draft_order"}, {}, None),
        ({"channels": ["online_store"]}, {"source": "web"}, {}, None),
        ({"channels": ["other"]}, {"source": "580111"}, {}, None),
        ({"currencies": ["SEK"]}, {"buyer_currency": "SEK"}, {}, None),
        ({"currencies": ["SEK"]}, {}, {}, "currencies"),
        ({"currencies": ["EUR"]}, {}, {}, None),
        ({"customer_tags": ["VIP"]}, {}, {"customer_tags": ("vip ",)}, None),
        ({"customer_tags": ["VIP"]}, {}, {"customer_tags": ()}, "customer_tags"),
        ({"customer_tags": ["VIP"]}, {}, {}, "customer_tags"),
        ({"without_customer_tags": ["staff"]}, {}, {"customer_tags": ("Staff",)}, "without_customer_tags"),
        ({"without_customer_tags": ["staff"]}, {}, {"customer_tags": ()}, None),
        ({"subscription": True}, {}, {"is_subscription": True}, None),
        ({"subscription": True}, {}, {"is_subscription": False}, "subscription"),
        ({"subscription": False}, {}, {"is_subscription": None}, "subscription"),
        ({"minimum_spend": "10.01"}, {}, {}, "minimum_spend"),
        ({"minimum_spend": "10"}, {}, {}, None),
    ],
)
def test_a_rule_applies_where_the_order_is_as_it_asks_and_says_why_not(when, changes, context, why):
    evaluation = evaluate(order(line(), **changes), document(spend("3", when=when)), Context(1, **context))
    assert evaluation.points == (0 if why else 30)
    assert evaluation.explanation.get("unmet") == ([{"rule_id": "spend", "why": why}] if why else None)


def test_a_products_multiplier_multiplies_the_rates_that_apply_to_this_order():
    rules = [
        spend("1"),
        spend("1", "abroad", when={"currencies": ["SEK"]}),
        products("double", {"skus": ["SKU-1"]}, multiplier="2"),
    ]
    assert given(order(line()), *rules) == 20
    assert given(order(line(), buyer_currency="SEK"), *rules) == 40


def test_a_product_rule_whose_conditions_are_not_met_takes_no_line():
    rules = [spend("1"), products("out", {"skus": ["SKU-1"]}, exclude=True, when={"channels": ["pos"]})]
    assert given(order(line(), source="web"), *rules) == 10
    assert given(order(line(), source="pos"), *rules) == 0


@pytest.mark.parametrize(
    ("per", "rounding", "expected"),
    [("order", "floor", 3), ("line", "floor", 2), ("line", "half_up", 4), ("line", "ceil", 4), ("order", "ceil", 4)],
)
def test_rounding_is_of_the_order_or_of_each_line(per, rounding, expected):
    made = order(line(1, "1.60"), line(2, "1.60"))
    assert given(made, spend("1"), rounding=rounding, rounding_per=per) == expected


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, 100),
        ({"paid_with_gift_cards": False}, 75),
        ({"paid_with_store_credit": False}, 90),
        ({"paid_with_gift_cards": False, "paid_with_store_credit": False}, 65),
    ],
)
def test_what_gift_cards_and_store_credit_paid_counts_unless_switched_off(switches, expected):
    paid = PaidOtherwise(gift_cards=Decimal(30), store_credit=Decimal(12), total=Decimal(120))
    made, context = order(line(1, "60"), line(2, "40")), Context(1, paid_otherwise=paid)
    evaluation = evaluate(made, document(base=switches), context)
    assert evaluation.points == expected
    assert evaluation.explanation["base"].get("paid_otherwise") == (str(100 - expected) if expected < 100 else None)


def test_an_order_paid_wholly_with_a_gift_card_says_so_line_by_line():
    paid = PaidOtherwise(gift_cards=Decimal(10), total=Decimal(10))
    evaluation = evaluate(
        order(line()), document(base={"paid_with_gift_cards": False}), Context(1, paid_otherwise=paid)
    )
    assert (evaluation.points, evaluation.why_nothing) == (0, "nothing_eligible")
    assert evaluation.explanation["left_out"] == [{"line_id": 1, "why": "paid_otherwise"}]


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (rule("nth_order", points=1), "earning.rules[0]"),
        (rule("nth_order", points=1, number=1, every=2), "earning.rules[0]"),
        (rule("spend_bands", bands=[{"spend_from": "5", "points": 2}, {"spend_from": "9", "points": 1}]), "earning.rules[0]"),
        (rule("order", points=1, when={}), "earning.rules[0].when"),
        (rule("order", points=1, when={"tiers": ["gold"]}), "earning.rules[0].when.tiers[0]"),
        (rule("weight", points="1", unit="stone"), "earning.rules[0].unit"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_with_its_place(made, path):
    with pytest.raises(BadInput) as failure:
        document(made)
    assert failure.value.path == path

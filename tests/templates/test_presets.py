"""The presets give back what their trade's research says, and the first reward is within reach."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugin.rules.linting_earning import plain_rate
from plugin.rules.linting_rewards import give_back
from plugin.rules.templates import get_template
from tests.templates.baskets import goods, points

PRESETS = [
    ("trade-fashion", "60.00", 60, "0.025", "0.025"),
    ("trade-beauty", "48.60", 48, "0.030", "0.036"),
    ("trade-food-and-drink", "12.30", 123, "0.048", "0.050"),
    ("trade-coffee", "4.50", 45, "0.067", "0.080"),
    ("trade-electronics", "499.99", 499, "0.010", "0.012"),
    ("trade-home", "129.99", 129, "0.029", "0.030"),
    ("trade-pets", "34.90", 349, "0.020", "0.024"),
    ("trade-sports", "89.95", 89, "0.033", "0.033"),
    ("trade-books", "29.90", 2, "0.050", "0.050"),
]


@pytest.mark.parametrize(("name", "price", "given", "least", "most"), PRESETS)
def test_a_preset_gives_the_points_and_the_share_back_of_its_trade(name, price, given, least, most):
    document = get_template(name).document
    assert points(name, goods(price)) == given
    shares = [give_back(reward, plain_rate(document.earning)) for reward in document.rewards]
    assert (min(shares), max(shares)) == (Decimal(least), Decimal(most))


def test_every_preset_is_shown_here():
    from plugin.rules.templates import template_names

    assert [name for name in template_names() if name.startswith("trade-")] == sorted(one[0] for one in PRESETS)


def test_every_fifth_order_at_a_pet_shop_brings_points_that_nothing_multiplies():
    given = [
        points("trade-pets", goods("10.00"), context={"order_number": number, "tier": "gold"})
        for number in (4, 5, 6, 10)
    ]
    assert given == [120, 620, 120, 620]


def test_stamps_are_for_each_full_ten_of_one_purchase():
    assert [points("trade-books", goods(price)) for price in ("9.99", "10.00", "19.99", "20.00")] == [0, 1, 1, 2]


def test_machines_earn_a_fifth_of_what_drinks_earn():
    assert points("trade-coffee", goods("500.00", kind="Machines"), goods("4.00", kind="Drinks")) == 1_040


def test_accessories_earn_double():
    assert points("trade-electronics", goods("20.00", kind="accessories"), goods("100.00")) == 140

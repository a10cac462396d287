"""Campaigns: when they run, for whom, what they do, and what happens where several run at once."""

from __future__ import annotations

from datetime import datetime

import pytest

from plugin.errors import BadInput
from plugin.facts import Context
from plugin.rules import evaluate, needs_products
from tests.rules.making import campaign, line, order, product, products, spend, with_campaigns

SOFIA = Context(1, timezone="Europe/Sofia")


def at(instant: str):
    return order(line(), placed_at=datetime.fromisoformat(instant))


def given(made, *campaigns, context=SOFIA, **more):
    return evaluate(made, with_campaigns(*campaigns, **more), context).points


@pytest.mark.parametrize(
    ("window", "instant", "runs"),
    [
        ({"starts": "2026-11-27"}, "2026-11-26T21:59:59+00:00", False),
        ({"starts": "2026-11-27"}, "2026-11-26T22:00:00+00:00", True),
        ({"ends": "2026-11-27"}, "2026-11-27T21:59:59+00:00", True),
        ({"ends": "2026-11-27"}, "2026-11-27T22:00:00+00:00", False),
        ({"ends": "2026-11-27T18:00"}, "2026-11-27T15:59:59+00:00", True),
        ({"ends": "2026-11-27T18:00"}, "2026-11-27T16:00:00+00:00", False),
        # clocks go from 03:00 to 04:00 on 29 March and from 04:00 to 03:00 on 25 October
        ({"starts": "2026-03-29T03:30"}, "2026-03-29T01:29:59+00:00", False),
        ({"starts": "2026-03-29T03:30"}, "2026-03-29T01:30:00+00:00", True),
        ({"starts": "2026-10-25T03:30"}, "2026-10-25T00:30:00+00:00", True),
        ({"ends": "2026-10-25T03:30"}, "2026-10-25T01:29:59+00:00", True),
        ({"ends": "2026-10-25"}, "2026-10-25T21:59:59+00:00", True),
        ({"hours": [{"begins": "03:00", "ends": "04:00"}]}, "2026-10-25T01:30:00+00:00", True),
        ({"hours": [{"begins": "18:00", "ends": "20:00"}]}, "2026-11-27T17:59:59+00:00", True),
        ({"hours": [{"begins": "18:00", "ends": "20:00"}]}, "2026-11-27T18:00:00+00:00", False),
        ({"weekdays": ["friday"]}, "2026-11-26T22:00:00+00:00", True),
        ({"weekdays": ["friday"]}, "2026-11-27T22:00:00+00:00", False),
        # 01:00 on Saturday belongs to the night that began on Friday
        ({"weekdays": ["friday"], "hours": [{"begins": "22:00", "ends": "02:00"}]}, "2026-11-27T23:00:00+00:00", True),
        ({"weekdays": ["saturday"], "hours": [{"begins": "22:00", "ends": "02:00"}]}, "2026-11-27T23:00:00+00:00", False),
    ],
)  # fmt: skip
def test_a_campaign_runs_by_the_programmes_clock(window, instant, runs):
    assert given(at(instant), campaign(**window)) == (20 if runs else 10)


@pytest.mark.parametrize(
    ("asked", "has", "has_not", "why"),
    [
        ({"order_tags": ["Own-Cup"]}, {"tags": ("vip", "own-cup")}, {"tags": ("vip",)}, "order_tags"),
        (
            {"shipping_methods": ["No rush"]},
            {"shipping_methods": ("NO RUSH",)},
            {"shipping_methods": ("Standard",)},
            "shipping_methods",
        ),
    ],
)
def test_tags_of_the_order_and_ways_of_delivery_decide(asked, has, has_not, why):
    asking = campaign(when=asked)
    assert given(order(line(), **has), asking) == 20
    assert given(order(line(), **has_not), asking) == 10
    assert given(order(line()), asking) == 10
    bonus = {"kind": "order", "id": "bonus", "points": 5, "when": asked}
    told = evaluate(order(line(), **has_not), with_campaigns(rules=(spend(), bonus)), SOFIA).explanation
    assert told["unmet"] == [{"rule_id": "bonus", "why": why}]


def test_a_campaign_acts_where_the_order_is_as_it_asks():
    tills = campaign(when={"channels": ["pos"], "minimum_spend": "10"})
    assert given(order(line(), source="pos"), tills) == 20
    assert given(order(line(), source="web"), tills) == 10
    assert given(order(line(1, "9"), source="pos"), tills) == 9
    assert given(order(line()), campaign(is_active=False)) == 10


def test_a_campaign_about_products_multiplies_their_lines_alone():
    shoes = with_campaigns(campaign(match={"product_types": ["shoes"]}))
    made = order(line(1, "10"), line(2, "7"))
    assert needs_products(shoes, made) == (301, 302)
    known = (product(1, product_type="Shoes"), product(2, product_type="Hats"))
    evaluation = evaluate(made, shoes, Context(1, known))
    (rule,) = evaluation.explanation["rules"]
    assert (evaluation.points, rule["before"], rule["points"]) == (27, "17", "27")
    assert rule["campaigns"] == [{"id": "sale", "factor": "2", "stacking": "best"}]


def test_it_multiplies_what_product_rules_gave_and_bonuses_that_let_it():
    rules = (
        spend("1"),
        products("double", {"skus": ["SKU-1"]}, multiplier="2", points_per_item="5"),
        {"kind": "order", "id": "fixed", "points": 7, "is_multiplied": False},
        {"kind": "unit", "id": "each", "points": "1"},
    )
    assert given(order(line(1, "10"), line(2, "3")), campaign(effect="3"), rules=rules) == 3 * (25 + 3 + 2) + 7


@pytest.mark.parametrize(
    ("effect", "expected"),
    [({"kind": "add", "per": "order", "points": 50}, 60 + 40), ({"kind": "add", "per": "unit", "points": 4}, 50 + 12)],
)
def test_points_on_top_are_multiplied_by_nothing(effect, expected):
    made = order(line(1, "10", 3), line(2, "20"))
    on_top = campaign("on_top", effect, match={"skus": ["SKU-1"]}, stacking="add")
    evaluation = evaluate(made, with_campaigns(on_top), SOFIA)
    assert evaluation.points == expected
    assert evaluation.explanation["rules"][-1]["rule_id"] == "on_top"
    doubled = evaluate(made, with_campaigns(on_top, campaign(stacking="multiply")), SOFIA)
    assert doubled.points == expected + 50


@pytest.mark.parametrize(
    ("stackings", "expected"),
    [
        (("best", "best"), 30),
        (("add", "add"), 40),
        (("multiply", "multiply"), 60),
        (("best", "multiply"), 60),
        (("best", "add"), 60),
        (("add", "multiply"), 60),
    ],
)
def test_two_and_three_times_at_once(stackings, expected):
    made = (campaign("two", "2", stacking=stackings[0]), campaign("three", "3", stacking=stackings[1]))
    assert given(order(line()), *made) == expected
    assert given(order(line()), *reversed(made)) == expected


def test_priority_decides_before_what_is_better():
    assert given(order(line()), campaign("two", "2", priority=1), campaign("three", "3")) == 20


def test_the_best_is_the_one_with_which_this_order_gives_most():
    shoes, extra = campaign("shoes", "3", match={"skus": ["SKU-1"]}), campaign("extra", "1.5")
    assert given(order(line(1, "10"), line(2, "10")), shoes, extra) == 40
    assert given(order(line(1, "10"), line(2, "100")), shoes, extra) == 165


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (campaign(effect={"kind": "reward_price", "percent_off": 20, "rewards": ["nothing"]}), "campaigns[0].effect.rewards[0]"),
        (campaign(effect={"kind": "reward_price", "percent_off": 20}, match={"skus": ["A"]}), "campaigns[0]"),
        (campaign(effect={"kind": "reward_value", "percent_more": 20}, when={"minimum_spend": "1"}), "campaigns[0]"),
        (campaign(starts="2026-11-27", ends="2026-11-26"), "campaigns[0]"),
        (campaign(starts="2026-02-30"), "campaigns[0].starts"),
        (campaign(hours=[{"begins": "09:00", "ends": "09:00"}]), "campaigns[0].hours[0]"),
        (campaign(when={"segments": ["vips"]}), "campaigns[0].when.segments[0]"),
    ],
)  # fmt: skip
def test_a_campaign_that_cannot_be_is_refused_with_its_place(made, path):
    with pytest.raises(BadInput) as failure:
        with_campaigns(made)
    assert failure.value.path == path

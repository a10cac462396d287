"""Likely mistakes in campaigns: at once, over, and with factors or prices that go too far together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugin.rules import dump_document, parse_document
from plugin.rules.linting_earning import plain_rate
from tests.rules.making import document, products, spend
from tests.rules.test_linting import found, with_rewards


def campaign(name, *, factor="2", **more):
    return {"id": name, "effect": {"kind": "multiply", "factor": factor}, **more}


def with_campaigns(*campaigns):
    return parse_document(dump_document(document()) | {"campaigns": campaigns})


SPRING, SUMMER = {"starts": "2027-03-01", "ends": "2027-05-31"}, {"starts": "2027-06-01", "ends": "2027-08-31"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SPRING, SPRING),
        ({}, SUMMER),
        (SPRING, {"starts": "2027-05-31T23:59"}),
        ({"weekdays": ["monday", "friday"]}, {"weekdays": ["friday"]}),
        ({"hours": [{"begins": "22:00", "ends": "02:00"}]}, {"hours": [{"begins": "01:00", "ends": "03:00"}]}),
        ({"when": {"channels": ["pos"]}}, {"when": {"currencies": ["EUR"]}}),
        ({"match": {"tags": ["new"]}}, {"match": {"tags": ["red"]}}),
        ({"match": {"product_types": ["Shoes"]}}, {"match": {"product_types": [" shoes"]}}),
    ],
)
def test_campaigns_that_may_meet_are_told_and_how_they_meet(first, second):
    made = with_campaigns(campaign("a", **first), campaign("b", **second))
    assert found(made) == [("campaigns[1]", "campaigns_overlap")]
    for stacking in ("multiply", "best"):
        made = with_campaigns(campaign("a", stacking=stacking, **first), campaign("b", stacking="add", **second))
        assert found(made) == [("campaigns[1]", "campaigns_stack")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SPRING, SUMMER),
        ({"ends": "2027-05-31T18:00"}, {"starts": "2027-05-31T18:00"}),
        ({"weekdays": ["monday"]}, {"weekdays": ["friday"]}),
        ({"hours": [{"begins": "08:00", "ends": "12:00"}]}, {"hours": [{"begins": "12:00", "ends": "18:00"}]}),
        ({"when": {"channels": ["pos"]}}, {"when": {"channels": ["online_store"]}}),
        ({"when": {"subscription": True}}, {"when": {"subscription": False}}),
        ({"match": {"vendors": ["Acme"]}}, {"match": {"vendors": ["Best"]}}),
        (SPRING, {**SPRING, "is_active": False}),
        ({}, {"effect": {"kind": "reward_price", "percent_off": 10}}),
    ],
)
def test_campaigns_that_never_meet_are_no_mistake(first, second):
    assert found(with_campaigns(campaign("a", **first), campaign("b") | second)) == []


def test_a_campaign_that_is_over_is_told_when_the_day_is_known():
    made = with_campaigns(campaign("a", ends="2026-11-26"))
    assert found(made) == []
    assert found(made, today="2026-11-26") == []
    assert found(made, today="2026-11-27") == [("campaigns[0].ends", "campaign_is_over")]


def test_factors_of_campaigns_that_meet_are_looked_at_together():
    alone = with_campaigns(
        campaign("a", factor="4", stacking="multiply", **SPRING),
        campaign("b", factor="4", stacking="multiply", **SUMMER),
    )
    assert found(alone) == []
    both = with_campaigns(
        campaign("a", factor="4", stacking="multiply"), campaign("b", factor="4", stacking="multiply")
    )
    assert ("earning", "multipliers_stack") in found(both)
    assert found(with_campaigns(campaign("a", factor="12"))) == [("campaigns[0].effect.factor", "multiplier_high")]


def test_a_campaign_that_makes_a_reward_worth_more_than_it_costs_is_told():
    data = dump_document(with_rewards((100, "15", {})))
    data["campaigns"] = [{"id": "sale", "effect": {"kind": "reward_price", "percent_off": 90}}]
    assert found(parse_document(data)) == [("rewards[0]", "reward_worth_more_than_it_costs_at_most")]
    data["campaigns"] = [{"id": "sale", "effect": {"kind": "reward_value", "percent_more": 600, "rewards": ["r0"]}}]
    assert found(parse_document(data)) == [("rewards[0]", "reward_worth_more_than_it_costs_at_most")]


def test_a_product_rule_is_not_hidden_by_one_that_asks_more_of_the_order():
    tills = products("tills", {"tags": ["sale"]}, multiplier="2", when={"channels": ["pos"]})
    later = products("later", {"tags": ["sale"]}, multiplier="3")
    assert found(document(spend(), tills, later)) == []
    assert found(document(spend(), later, tills)) == [("earning.rules[2]", "rule_never_matches")]


@pytest.mark.parametrize(
    ("rule", "rate"),
    [
        ({"kind": "spend_amount", "id": "a", "points": "1", "amount": "5", "full_amounts": True}, "0.2"),
        ({"kind": "spend_bands", "id": "a", "bands": [{"spend_from": "0", "points": 0}, {"spend_from": "30", "points": 6}]}, "0.2"),
        (spend("0.2", when={"channels": ["pos"]}), "0"),
        (spend("0.2"), "0.2"),
    ],
)  # fmt: skip
def test_every_way_to_earn_by_spend_has_its_plain_rate(rule, rate):
    assert plain_rate(document(rule).earning) == Decimal(rate)

"""Challenges over real orders: awarded once a period, taken back with the order that completed them, shared goals reached by all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.facts import CustomerRef
from plugin.journeys.clicking import click
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.viewing import summary, visit
from plugin.rules import default_document, dump_document
from plugin.standing.challenges import list_completions
from tests.factories import CUSTOMER, balance_of, credit_now, line_returned, member_of
from tests.journeys.test_merging import merge
from tests.journeys.tier_stage import TierStage

TWO_A_MONTH = {
    "id": "two",
    "title": {"en": "Two a month", "bg": "Две на месец"},
    "target": {"kind": "orders", "at_least": 2},
    "period": "month",
    "points": 30,
}
EXPLORER = {"id": "explorer", "title": {"en": "Explorer"}, "target": {"kind": "products", "at_least": 2}}
BIG_SPENDER = {"id": "big", "title": {"en": "Hundred"}, "target": {"kind": "spend", "at_least": "100"}, "points": 10}
ALL_TOGETHER = {
    "id": "all",
    "title": {"en": "All together"},
    "target": {"kind": "orders", "at_least": 3},
    "period": "month",
    "together": True,
    "points": 5,
}


def challenged(*challenges):
    return dump_document(default_document()) | {"challenges": list(challenges)}


@pytest.fixture
def stage(tools, clock):
    made = TierStage.open(tools, clock, challenged(TWO_A_MONTH, EXPLORER, BIG_SPENDER))
    yield made
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, clock()) == []


def points(stage, customer_id=CUSTOMER):
    stage.settle()
    return balance_of(stage.tools, stage.shop, customer_id).available


def completed(stage, customer_id=CUSTOMER):
    member = member_of(stage.tools, stage.shop, customer_id)
    with stage.tools.reading() as session:
        found = list_completions(session, stage.shop.programme_id, [member.member_id])
    return {(one.challenge_id, one.period) for one in found if not one.is_undone}


def shown(stage, locale="en", customer_id=CUSTOMER):
    with stage.tools.reading() as session:
        seen = visit(session, stage.shop.domain, customer_id, locale)
        return {one["id"]: one for one in summary(session, seen, stage.clock())["member"]["challenges"]}


def test_a_challenge_is_awarded_once_a_period(stage, clock):
    stage.buy(1, "10")
    assert points(stage) == 10
    clock.advance(hours=1)
    stage.buy(2, "10")
    assert (points(stage), points(stage)) == (20 + 30, 20 + 30)
    stage.buy(3, "10")
    assert points(stage) == 30 + 30
    clock.advance(days=15)
    stage.buy(4, "10")
    clock.advance(hours=1)
    stage.buy(5, "10")
    assert points(stage) == 50 + 60
    assert completed(stage) == {("two", "2026-11"), ("two", "2026-12")}


def test_a_refund_takes_back_what_its_order_completed_and_another_order_completes_it_again(stage, clock):
    stage.buy(1, "10")
    clock.advance(hours=1)
    second = stage.buy(2, "20")
    assert points(stage) == 30 + 30
    credit_now(stage.tools, line_returned(second))
    clock.advance(hours=2)
    assert points(stage) == 10
    assert completed(stage) == set()
    stage.buy(3, "10")
    assert points(stage) == 20 + 30


def test_an_action_completes_a_challenge_without_another_order(tools, clock):
    active = {"id": "active", "title": {"en": "Active"}, "target": {"kind": "actions", "at_least": 1}, "points": 7}
    follow = {"id": "follow", "kind": "social_follow", "proof": "honour", "points": 50, "url": "https://example.com"}
    stage = TierStage.open(tools, clock, challenged(active) | {"actions": [follow]})
    stage.buy(1, "10")
    assert points(stage) == 10
    clock.advance(hours=1)
    click(tools, member_of(tools, stage.shop), "follow", "wish-0001")
    assert points(stage) == 10 + 50 + 7


def test_a_merchant_may_let_members_keep_what_was_completed(tools, clock):
    stage = TierStage.open(tools, clock, challenged(TWO_A_MONTH | {"take_back": False}))
    stage.buy(1, "10")
    second = stage.buy(2, "20")
    assert points(stage) == 60
    credit_now(tools, line_returned(second))
    clock.advance(hours=2)
    assert points(stage) == 40


def test_a_badge_gives_a_title_and_no_points(stage, clock):
    first = stage.order(1, "10")
    other = stage.order(2, "10")
    credit_now(
        stage.tools, first, replace(other, lines=(replace(other.lines[0], product_id=302),), placed_at=clock.now)
    )
    assert points(stage) == 20 + 30
    assert ("explorer", "ever") in completed(stage)
    assert (shown(stage)["explorer"]["is_badge"], shown(stage)["explorer"]["is_completed"]) == (True, True)
    assert shown(stage)["explorer"]["sentence"] == "Reached"


def test_the_panel_is_told_how_far_it_is(stage):
    stage.buy(1, "25.50")
    stage.settle()
    told = shown(stage)
    assert told["two"]["progress"]["share"] == 0.5
    assert (told["two"]["title"], told["two"]["sentence"]) == ("Two a month", "1 of 2")
    assert told["big"]["sentence"] == "€25.50 of €100"
    assert (shown(stage, "bg")["two"]["title"], shown(stage, "bg")["two"]["sentence"]) == ("Две на месец", "1 от 2")


def test_merged_customers_complete_together_and_once(stage, clock):
    stage.buy(1, "60")
    stage.buy(2, "60", customer=CustomerRef(7002))
    assert (points(stage), points(stage, 7002)) == (60, 60)
    merge(stage.tools, stage.shop, CUSTOMER, 7002)
    assert points(stage, 7002) == 120 + 30 + 10
    assert points(stage, 7002) == 120 + 30 + 10


def test_a_goal_for_all_is_reached_by_all_and_given_to_who_took_part(tools, clock):
    stage = TierStage.open(tools, clock, challenged(ALL_TOGETHER))
    stage.buy(1, "10")
    stage.buy(2, "10", customer=CustomerRef(7002))
    assert points(stage) == 10
    assert shown(stage)["all"]["progress"] == {
        "kind": "orders",
        "period": "2026-11",
        "have": "2",
        "need": "3",
        "missing": "1",
        "share": 0.6667,
    }
    clock.advance(hours=1)
    stage.buy(3, "10", customer=CustomerRef(7003))
    assert [points(stage, one) for one in (CUSTOMER, 7002, 7003)] == [15, 15, 15]
    clock.advance(hours=1)
    stage.buy(4, "10", customer=CustomerRef(7004))
    assert [points(stage, one) for one in (CUSTOMER, 7004)] == [15, 15]


def test_a_new_challenge_counts_from_its_publication_and_a_milestone_from_the_start(tools, clock):
    stage = TierStage.open(tools, clock, challenged())
    stage.buy(1, "60")
    stage.buy(2, "60")
    clock.advance(hours=1)
    stage.publish(challenged(TWO_A_MONTH, BIG_SPENDER))
    assert points(stage) == 120 + 10
    assert completed(stage) == {("big", "ever")}

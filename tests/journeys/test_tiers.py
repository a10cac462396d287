"""Tiers over real orders: risen to at once, frozen with orders, kept through publications, merges and imports, rewarded once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from plugin.db import new_id
from plugin.facts import CustomerRef
from plugin.journeys.clicking import click
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.rising import due_tiers
from plugin.members.carried_over import CarriedOver, drop_of_sheet, keep_carried_over
from plugin.members.forgetting import forget_member
from plugin.sheets.tables import sheet
from plugin.standing.marks import mark
from plugin.standing.store import keep_holdings
from tests.factories import balance_of, cancelled, credit_now, line_returned, member_of
from tests.journeys.test_merging import merge
from tests.journeys.tier_stage import BRONZE, SILVER, TierStage, tiered

OTHER = 7002


@pytest.fixture
def tiers(tools, clock):
    stage = TierStage.open(tools, clock)
    yield stage
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, clock()) == []


def test_an_order_lifts_its_member_and_the_next_one_is_placed_in_the_new_tier(tiers, clock):
    tiers.buy(1, "120.00")
    assert tiers.tier() == "silver"
    clock.advance(minutes=1)
    tiers.buy(2, "10.00")
    assert tiers.placed_as() == {1: "bronze", 2: "silver"}


def test_the_tier_held_multiplies_what_later_orders_give(tiers, clock):
    tiers.buy(1, "120.00")
    tiers.settle()
    clock.advance(minutes=1)
    tiers.buy(2, "10.00")
    assert balance_of(tiers.tools, tiers.shop).available == 120 + 50 + 2 * 10


def test_points_of_an_action_lift_a_member_without_another_order(tools, clock):
    silver = SILVER | {"entry": {"kind": "points", "at_least": 40}}
    follow = {"id": "follow", "kind": "social_follow", "proof": "honour", "points": 50, "url": "https://example.com"}
    stage = TierStage.open(tools, clock, tiered(BRONZE, silver) | {"actions": [follow]})
    stage.buy(1, "10.00")
    assert stage.tier() == "bronze"
    clock.advance(hours=1)
    click(tools, member_of(tools, stage.shop), "follow", "wish-0001")
    assert stage.tier() == "silver"
    assert balance_of(tools, stage.shop).available == 10 + 50 + 50


def test_a_member_who_is_none_any_more_is_not_looked_at_for_ever(tools, clock):
    """A holding that a look wrote while its member was being forgotten ends the round and leaves the list."""
    stage = TierStage.open(tools, clock)
    stage.buy(1, "120.00")
    assert stage.tier() == "silver"
    kept, member = stage.kept(), member_of(tools, stage.shop)
    with tools.writing() as session:
        forget_member(session, member.programme_id, member.member_id)
        keep_holdings(session, member.programme_id, [replace(kept, review_at=clock() + timedelta(days=1))])
    clock.advance(days=2)
    stage.settle()
    assert due_tiers(tools, clock(), 10) == []


def test_an_order_that_comes_before_the_look_knows_the_new_tier_all_the_same(tiers, clock):
    tiers.buy(1, "120.00")
    clock.advance(seconds=1)
    tiers.buy(2, "10.00")
    assert tiers.placed_as() == {1: "bronze", 2: "silver"}


def test_orders_of_one_batch_are_told_in_the_order_in_which_they_were_placed(tiers, clock):
    first = tiers.order(1, "120.00")
    clock.advance(hours=1)
    credit_now(tiers.tools, tiers.order(2, "10.00"), first)
    assert tiers.placed_as() == {1: "bronze", 2: "silver"}


def test_a_late_order_has_the_tier_of_when_it_was_placed(tiers, clock):
    early = tiers.order(2, "10.00")
    clock.advance(hours=1)
    tiers.buy(1, "120.00")
    assert tiers.tier() == "silver"
    credit_now(tiers.tools, early)
    assert tiers.placed_as() == {1: "bronze", 2: "bronze"}


def test_looking_twice_changes_nothing(tiers):
    tiers.buy(1, "120.00")
    tiers.settle()
    before = (tiers.kept(), tiers.history())
    with tiers.tools.writing() as session:
        mark(session, tiers.shop.programme_id, [member_of(tiers.tools, tiers.shop).member_id])
    tiers.settle()
    assert (tiers.kept(), tiers.history()) == before
    assert [one.holding.tier for one in tiers.history()] == ["bronze", "silver"]


def test_entering_is_rewarded_once_and_the_history_says_by_what(tiers):
    tiers.buy(1, "120.00")
    tiers.settle()
    tiers.settle()
    assert balance_of(tiers.tools, tiers.shop).available == 120 + 50
    told = tiers.history()[-1].told
    assert told["from"] == "bronze"
    assert (told["goals"]["have"], told["goals"]["need"]) == ("120", "100")


def test_a_refund_takes_tier_and_reward_back_and_a_new_order_gives_both_again(tiers, clock):
    bought = tiers.buy(1, "120.00")
    assert tiers.tier() == "silver"
    clock.advance(hours=2)
    credit_now(tiers.tools, line_returned(bought))
    assert tiers.tier() == "bronze"
    assert balance_of(tiers.tools, tiers.shop).available == 0
    assert tiers.history()[-1].holding.tier == "bronze"
    clock.advance(hours=2)
    tiers.buy(2, "130.00")
    assert tiers.tier() == "silver"
    assert balance_of(tiers.tools, tiers.shop).available == 130 + 50


def test_a_refund_that_leaves_enough_changes_nothing(tiers, clock):
    bought = tiers.buy(1, "120.00")
    clock.advance(hours=1)
    tiers.buy(2, "100.00")
    assert tiers.tier() == "silver"
    credit_now(tiers.tools, cancelled(bought))
    assert tiers.tier() == "silver"
    assert balance_of(tiers.tools, tiers.shop).available >= 50


def test_the_end_of_the_period_is_settled_by_the_schedule(tiers, clock):
    tiers.buy(1, "600.00")
    assert tiers.tier() == "gold"
    clock.now = clock.now.replace(year=2027, month=12, day=31, hour=21)
    assert tiers.tier() == "gold"
    clock.advance(hours=2)  # midnight in Sofia
    assert tiers.tier() == "silver"
    assert tiers.history()[-1].holding.why == "dropped"


def test_new_terms_lift_at_once_and_lower_nobody_before_their_promised_end(tiers, clock):
    tiers.buy(1, "120.00")
    tiers.buy(4, "60.00", **_of(OTHER))
    assert (tiers.tier(), tiers.tier(OTHER)) == ("silver", "bronze")
    clock.advance(days=1)
    dear = SILVER | {"entry": {"kind": "spend", "at_least": "1000"}}
    tiers.publish(tiered(BRONZE, dear))
    assert (tiers.tier(), tiers.tier(OTHER)) == ("silver", "bronze")
    clock.advance(days=1)
    cheap = SILVER | {"entry": {"kind": "spend", "at_least": "50"}}
    tiers.publish(tiered(BRONZE, cheap))
    assert tiers.tier(OTHER) == "silver"
    assert tiers.kept(OTHER).holding.since == clock.now
    clock.now = clock.now.replace(year=2028, month=2)
    assert tiers.tier() == "bronze"


def test_tiers_that_come_later_count_what_was_before(tools, clock):
    stage = TierStage.open(tools, clock, tiered() | {"tiers": None})
    stage.buy(1, "120.00")
    assert stage.tier() is None
    clock.advance(days=1)
    stage.publish(tiered())
    assert stage.tier() == "silver"
    assert stage.kept().holding.since == clock.now


def test_merged_customers_have_the_better_tier(tiers, clock):
    tiers.buy(1, "600.00")
    tiers.buy(2, "10.00", **_of(OTHER))
    assert (tiers.tier(), tiers.tier(OTHER)) == ("gold", "bronze")
    clock.advance(days=1)
    merge(tiers.tools, tiers.shop, 7001, OTHER)
    assert tiers.tier(OTHER) == "gold"
    assert balance_of(tiers.tools, tiers.shop, OTHER).available == 610  # gold has no reward; silver was passed over


@pytest.mark.parametrize("first", [7001, OTHER])
def test_a_level_that_both_of_two_merged_customers_reached_is_rewarded_once(tiers, clock, first):
    """The one who was first keeps it, whoever is deleted."""
    for place, who in enumerate(sorted((7001, OTHER), key=lambda one: one != first)):
        clock.advance(hours=1)
        tiers.buy(1 + place, "120.00", **_of(who))
        assert tiers.tier(who) == "silver"
        assert balance_of(tiers.tools, tiers.shop, who).available == 120 + 50
    clock.advance(days=1)
    merge(tiers.tools, tiers.shop, 7001, OTHER)
    for _ in range(2):
        tiers.settle()
        assert balance_of(tiers.tools, tiers.shop, OTHER).available == 240 + 50
    clock.advance(hours=1)
    tiers.buy(3, "10.00", **_of(OTHER))
    assert tiers.placed_as(OTHER)[3] == "silver"


def test_a_merge_carries_a_tier_that_no_order_earned(tiers, clock):
    tiers.buy(1, "10.00")
    tiers.buy(2, "10.00", **_of(OTHER))
    _bring(tiers, "gold", until=clock.now + timedelta(days=100))
    assert tiers.tier() == "gold"
    merge(tiers.tools, tiers.shop, 7001, OTHER)
    assert tiers.tier(OTHER) == "gold"
    clock.advance(days=101)
    assert tiers.tier(OTHER) == "silver"


@pytest.mark.parametrize("name", ["gold", "GOLD", "Злато", "vip"])
def test_an_opening_tier_holds_through_the_end_its_file_names(tiers, clock, name):
    tiers.buy(1, "10.00")
    _bring(tiers, name, until=clock.now + timedelta(days=100))
    assert tiers.tier() == "gold"
    assert tiers.kept().holding.why == "imported"
    clock.advance(hours=1)
    tiers.buy(2, "10.00")
    assert tiers.placed_as()[2] == "gold"
    clock.advance(days=100)
    assert tiers.tier() == "silver"


def test_an_import_that_is_undone_leaves_what_was_earned(tiers, clock):
    tiers.buy(1, "120.00")
    sheet = _bring(tiers, "gold", until=clock.now + timedelta(days=100))
    assert tiers.tier() == "gold"
    with tiers.tools.writing() as session:
        left = drop_of_sheet(session, tiers.shop.programme_id, sheet)
        mark(session, tiers.shop.programme_id, left)
    assert tiers.tier() == "silver"
    assert balance_of(tiers.tools, tiers.shop).available == 120 + 50


def test_the_history_is_never_changed(tiers):
    tiers.buy(1, "120.00")
    tiers.settle()
    for statement in ("UPDATE tier_change SET tier = 'gold'", "DELETE FROM tier_change"):
        with pytest.raises(DBAPIError, match="append-only"), tiers.tools.writing() as session:
            session.execute(text(statement))


def _of(customer_id):
    return {"customer": CustomerRef(customer_id, has_account=True)}


def _bring(tiers, name, *, until):
    """Let an import bring a tier along."""
    member = member_of(tiers.tools, tiers.shop)
    sheet_id = new_id()
    with tiers.tools.writing() as session:
        _add_sheet(session, tiers, sheet_id)
        brought = CarriedOver(
            member.member_id, sheet_id, "smile", tier=name, tier_since=tiers.clock.now, tier_until=until
        )
        keep_carried_over(session, tiers.shop.programme_id, [brought])
        mark(session, tiers.shop.programme_id, [member.member_id])
    return sheet_id


def _add_sheet(session, tiers, sheet_id):
    values = {
        "programme_id": tiers.shop.programme_id,
        "id": sheet_id,
        "shop_id": tiers.shop.shop_id,
    }
    for column in sheet.c:
        if column.name not in values and not column.nullable:
            values[column.name] = _some(column, tiers.clock.now)
    session.execute(sheet.insert().values(values))


def _some(column, now):
    usual = {"kind": "opening", "state": "done", "options": {}, "lines": 1}
    if column.name in usual:
        return usual[column.name]
    return now if "at" in column.name.split("_") else "x"

"""The balance a theme page shows is the newest one, written soon after each change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from plugin.journeys.publishing import LEASE, due_balances, settle_balances
from plugin.journeys.redeeming import redeem
from plugin.journeys.republishing import publish_again
from plugin.ledger.tables import account
from plugin.members.tables import alias
from plugin.rules import default_document, dump_document
from plugin.shops.store import get_shop, uninstall_shop
from plugin.shops.tokens import drop_tokens
from tests.factories import CUSTOMER, credit_now, make_member, make_shop, paid_order
from tests.journeys.discount_desk import denied, lost_answer, throttled
from tests.journeys.redeeming_stage import connect
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, TierStage, tiered


def publish(tools):
    due = due_balances(tools, tools.clock(), 100)
    for key in due:
        settle_balances(tools, key, tools.clock())
    return len(due)


def dirty(tools):
    with tools.reading() as session:
        query = select(account.c.id).where(account.c.version != account.c.published_version)
        return len(session.execute(query).all())


def shown(desk, customer_id):
    return desk.balances.get(f"gid://shopify/Customer/{customer_id}")


def test_a_change_of_points_reaches_the_customers_metafield_once(tools, shop, desk):
    make_member(tools, shop, 7001, points=120)
    assert publish(tools) == 1
    assert shown(desk, 7001) == 120
    assert publish(tools) == 0
    assert desk.batches == [1]


def test_held_points_are_not_shown_as_available(stage, desk):
    redeem(stage.tools, stage.wish())
    publish(stage.tools)
    assert shown(desk, 7001) == 700


def test_many_changes_are_one_write_of_the_newest_value(tools, shop, desk):
    for order_id in range(1, 8):
        credit_now(tools, paid_order(shop, order_id=order_id, customer_id=7001, amount="10"))
    publish(tools)
    assert (shown(desk, 7001), desk.batches) == (70, [1])


def test_members_are_written_25_at_a_time(tools, shop, desk):
    orders = [paid_order(shop, order_id=one, customer_id=one, amount="10") for one in range(1, 61)]
    credit_now(tools, *orders)
    publish(tools)
    assert desk.batches == [25, 25, 10]
    assert len(desk.balances) == 60
    assert dirty(tools) == 0


def test_a_change_during_the_call_stays_dirty_and_the_newest_value_wins(tools, shop, desk):
    make_member(tools, shop, 7001, points=100)

    def meanwhile(accept):
        credit_now(tools, paid_order(shop, order_id=1, customer_id=7001, amount="11"))
        return accept()

    desk.go_wrong("metafields", meanwhile)
    publish(tools)
    assert shown(desk, 7001) == 100
    assert dirty(tools) == 1
    publish(tools)
    assert shown(desk, 7001) == 111
    assert dirty(tools) == 0


def test_one_worker_at_a_time_writes_for_a_shop(tools, clock, shop, desk):
    make_member(tools, shop, 7001, points=100)

    def meanwhile(accept):
        assert publish(tools) == 0
        settle_balances(tools, str(shop.shop_id), clock.now)
        return accept()

    desk.go_wrong("metafields", meanwhile)
    publish(tools)
    assert desk.batches == [1]
    assert dirty(tools) == 0


def test_a_worker_that_outlives_its_lease_and_writes_an_old_value_last_is_corrected(tools, clock, shop, desk):
    """The slow one's old value lands after the newer one was written and marked."""
    make_member(tools, shop, 7001, points=100)

    def overtaken(accept):
        clock.advance(seconds=LEASE.total_seconds() + 1)
        credit_now(tools, paid_order(shop, order_id=1, customer_id=7001, amount="11"))
        assert publish(tools) == 1
        assert shown(desk, 7001) == 111
        return accept()

    desk.go_wrong("metafields", overtaken)
    publish(tools)
    assert shown(desk, 7001) == 100
    assert dirty(tools) == 1
    publish(tools)
    assert shown(desk, 7001) == 111


@pytest.mark.parametrize("fault", [throttled, lost_answer])
def test_without_an_answer_the_accounts_stay_dirty_and_the_shop_is_left_alone_for_a_while(
    tools, clock, shop, desk, fault
):
    make_member(tools, shop, 7001, points=100)
    desk.go_wrong("metafields", fault)
    publish(tools)
    assert (dirty(tools), publish(tools)) == (1, 0)
    clock.advance(seconds=11)
    assert publish(tools) == 1
    assert (shown(desk, 7001), dirty(tools)) == (100, 0)


def test_what_was_written_before_shopify_throttled_is_not_written_again(tools, shop, desk):
    credit_now(tools, *[paid_order(shop, order_id=one, customer_id=one, amount="10") for one in range(1, 31)])
    desk.go_wrong("metafields", lambda accept: accept(), throttled)
    publish(tools)
    assert dirty(tools) == 5


def test_a_big_shop_lets_others_have_a_turn_and_asks_to_go_on(tools, shop, desk):
    asked = []
    tools = replace(tools, nudge=lambda kind, key: asked.append((kind, key)))
    credit_now(tools, *[paid_order(shop, order_id=one, customer_id=one, amount="10") for one in range(1, 261)])
    publish(tools)
    assert desk.batches == [25] * 10
    assert asked == [("balance", str(shop.shop_id))]
    publish(tools)
    assert dirty(tools) == 0


def test_a_shop_that_threw_us_out_is_left_alone_for_minutes(tools, clock, shop, desk):
    make_member(tools, shop, 7001, points=100)
    with tools.writing() as session:
        drop_tokens(session, get_shop(session, shop.shop_id))
    publish(tools)
    clock.advance(minutes=4)
    assert publish(tools) == 0
    connect(tools, shop)
    clock.advance(minutes=1)
    assert publish(tools) == 1
    assert shown(desk, 7001) == 100


def test_a_customer_deleted_at_shopify_does_not_hold_up_the_others(tools, shop, desk):
    credit_now(tools, *[paid_order(shop, order_id=one, customer_id=one, amount="10") for one in range(1, 4)])
    desk.gone_customers.add("gid://shopify/Customer/2")
    publish(tools)
    assert (shown(desk, 1), shown(desk, 2), shown(desk, 3)) == (10, None, 10)
    assert dirty(tools) == 0


def test_a_missing_scope_is_not_taken_for_a_deleted_customer(tools, shop, desk):
    make_member(tools, shop, 7001, points=100)
    desk.go_wrong("metafields", denied)
    publish(tools)
    assert dirty(tools) == 1


def test_an_account_nobody_can_see_is_settled_without_a_call(tools, shop, desk):
    make_member(tools, shop, 7001, points=100)
    make_member(tools, shop, 7002, points=100)
    with tools.writing() as session:
        session.execute(alias.delete().where(alias.c.customer_id == 7001))
    publish(tools)
    assert (shown(desk, 7001), shown(desk, 7002), dirty(tools)) == (None, 100, 0)


def test_every_customer_id_of_a_member_shows_the_balance(tools, shop, desk):
    make_member(tools, shop, 7001, points=100)
    other = make_member(tools, shop, 7002)
    with tools.writing() as session:
        mine = select(alias.c.member_id).where(alias.c.customer_id == 7001).scalar_subquery()
        session.execute(update(alias).where(alias.c.member_id == other.member_id).values(member_id=mine))
    publish(tools)
    assert (shown(desk, 7001), shown(desk, 7002)) == (100, 100)


def test_a_shop_that_left_is_not_written_to_and_catches_up_when_it_returns(tools, shop, desk):
    make_member(tools, shop, 7001, points=100)
    with tools.writing() as session:
        uninstall_shop(session, get_shop(session, shop.shop_id), tools.clock())
    assert publish(tools) == 0
    assert dirty(tools) == 1


def test_shops_are_published_apart(tools, shop, desk):
    make_shop(tools, domain="other.myshopify.com")
    make_member(tools, shop, 7001, points=100)
    assert due_balances(tools, tools.clock(), 10) == [str(shop.shop_id)]


def test_accounts_can_be_made_dirty_by_hand(tools, shop, desk):
    member = make_member(tools, shop, 7001, points=100)
    publish(tools)
    desk.balances.clear()
    with tools.writing() as session:
        publish_again(session, shop.programme_id, [member.account_id])
    publish(tools)
    assert shown(desk, 7001) == 100


def tiers_of(desk, customer_id=CUSTOMER):
    return desk.tiers.get(f"gid://shopify/Customer/{customer_id}")


def test_a_tier_is_published_with_the_balance_and_says_what_is_missing_to_the_next(tools, shop, desk, clock):
    stage = TierStage(tools, clock, shop)
    stage.publish(tiered(BRONZE, SILVER, GOLD))
    clock.advance(minutes=1)
    stage.buy(1, "120.00")
    publish(tools)
    shown_tier = tiers_of(desk)
    assert (shown_tier["id"], shown_tier["title"]) == ("silver", SILVER["title"])
    following = shown_tier["next"]
    assert (following["id"], following["kind"], following["missing"], following["share"]) == (
        "gold",
        "spend",
        "380",
        0.24,
    )
    assert shown(desk, CUSTOMER) == 120
    assert len(desk.batches) == 1, "in the same write"


def test_a_tier_that_ends_by_time_alone_is_published_too(tools, shop, desk, clock):
    stage = TierStage(tools, clock, shop)
    stage.publish(tiered(BRONZE, SILVER, GOLD))
    clock.advance(minutes=1)
    stage.buy(1, "120.00")
    stage.settle()
    publish(tools)
    assert tiers_of(desk)["id"] == "silver"
    clock.advance(days=3 * 366)
    stage.settle()
    assert publish(tools) == 1
    assert tiers_of(desk)["id"] == "bronze"


def test_the_highest_tier_has_no_next_and_a_programme_without_tiers_writes_none(tools, shop, desk, clock):
    make_member(tools, shop, 7001, points=120)
    publish(tools)
    assert tiers_of(desk) is None
    stage = TierStage(tools, clock, shop)
    stage.publish(tiered(BRONZE, SILVER, GOLD))
    clock.advance(minutes=1)
    stage.buy(1, "600.00")
    publish(tools)
    assert (tiers_of(desk)["id"], tiers_of(desk)["next"]) == ("gold", None)
    stage.publish(dump_document(default_document()))
    clock.advance(minutes=1)
    stage.buy(2, "1.00")
    publish(tools)
    assert tiers_of(desk) == {"id": None, "title": None, "next": None}

"""One lock order for all, on PostgreSQL: stories that lock much meet at their worst moment, and none is ended as a deadlock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.facts import CustomerSeen, OrderTouched
from plugin.journeys.applying import apply_facts
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.draining import drain
from plugin.journeys.membering import due_memberships, settle_membership
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.rising import due_tiers, settle_tiers
from plugin.ledger.awards import award
from plugin.programme.limit_tables import cap_use
from plugin.rules import default_document, dump_document
from tests.crowds.crossing import ACCOUNTS, LIMITS, Story, cross
from tests.factories import (
    balance_of,
    cancelled,
    credit_now,
    make_delivery,
    make_member,
    make_shop,
    paid_order,
)
from tests.journeys.test_households import ask, go, join
from tests.journeys.test_membering import year
from tests.journeys.tier_stage import tiered
from tests.rules.making import MEMBERSHIP

ANNA, BORIS = 7001, 7002
DAILY = {"caps": [{"id": "all", "per": "programme", "period": "day", "points": 10_000}]}

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


@pytest.fixture
def shop(tools):
    """A shop with a daily cap for all, tiers with a reward, a membership, and only account holders as members."""
    more = DAILY | {"memberships": [MEMBERSHIP], "enrolment": "account_holders", "tiers": tiered()["tiers"]}
    return make_shop(tools, document=dump_document(default_document()) | more)


def test_recalls_that_free_the_same_days_in_other_sequences_do_not_deadlock(database_url, tools, clock, shop):
    wishes = [given(tools, shop, who, name, days) for who in (ANNA, BORIS) for name, days in (("old", 2), ("new", 1))]
    with tools.writing() as session:
        award_points(session, wishes, clock())
    old_first, new_first = [one.reference for one in wishes[:2]], [one.reference for one in wishes[:1:-1]]
    faults = cross(
        database_url,
        clock,
        Story(LIMITS, lambda mine: take_back(mine, shop, old_first)),
        Story(LIMITS, lambda mine: take_back(mine, shop, new_first)),
    )
    assert faults == []
    assert [balance_of(tools, shop, who).available for who in (ANNA, BORIS)] == [0, 0]


def test_rows_of_limits_locked_one_by_one_do_deadlock(database_url, tools, clock, shop):
    """The control: without the programme's own row before them, the test above would be red."""
    wishes = [given(tools, shop, ANNA, name, days) for name, days in (("old", 2), ("new", 1))]
    with tools.writing() as session:
        award_points(session, wishes, clock())
        periods = sorted(session.scalars(select(cap_use.c.period).where(cap_use.c.limit_id == "all")))

    def lock(mine, sequence):
        with mine.writing() as session:
            for period in sequence:
                session.execute(select(cap_use).where(cap_use.c.period == period).with_for_update())

    faults = cross(
        database_url,
        clock,
        Story(LIMITS, lambda mine: lock(mine, periods)),
        Story(LIMITS, lambda mine: lock(mine, periods[::-1])),
    )
    assert ["deadlock" in str(fault) for fault in faults] == [True]


def test_a_membership_taken_back_from_a_household_that_was_left_does_not_deadlock(database_url, tools, clock, shop):
    """The settler needs the accounts of now and of then; an order that changes hands needs both as well."""
    together(tools, shop)
    credit_now(tools, year(shop))
    settle_memberships(tools)
    passed = apart(tools, clock, shop)
    credit_now(tools, cancelled(year(shop), after=timedelta(minutes=1)))
    faults = cross(database_url, clock, Story(ACCOUNTS, settle_memberships), Story((), handing_over(shop, passed)))
    assert faults == []
    assert (due_memberships(tools, clock(), 10), award_points_left(tools, "membership")) == ([], 0)


def test_a_tier_taken_back_from_a_household_that_was_left_does_not_deadlock(database_url, tools, clock, shop):
    together(tools, shop)
    lifting = paid_order(shop, 5001, amount="150.00")
    credit_now(tools, lifting)
    settle_all_tiers(tools)
    assert award_points_left(tools, "tier") == 50
    passed = apart(tools, clock, shop)
    settle_all_tiers(tools)
    credit_now(tools, cancelled(lifting, after=timedelta(minutes=1)))
    faults = cross(database_url, clock, Story(ACCOUNTS, settle_all_tiers), Story((), handing_over(shop, passed)))
    assert faults == []
    settle_all_tiers(tools)
    assert (due_tiers(tools, clock(), 10), award_points_left(tools, "tier")) == ([], 0)


def test_an_order_and_word_of_another_in_one_batch_do_not_deadlock(database_url, tools, clock, shop):
    """Both orders are locked before the account of the first."""
    make_member(tools, shop)
    credit_now(tools, paid_order(shop, 5002))
    touched = OrderTouched(shop.programme_id, shop.shop_id, 5002, clock())

    def batch(mine):
        with mine.writing() as session:
            apply_facts(mine, session, [paid_order(shop, 5001), touched], clock())

    newer = paid_order(shop, 5002, amount="30.00", updated_at=clock())
    faults = cross(database_url, clock, Story(ACCOUNTS, batch), Story((), lambda mine: credit_now(mine, newer)))
    assert faults == []


def test_an_order_and_a_customer_who_joins_in_one_batch_do_not_deadlock(database_url, tools, clock, shop, caplog):
    """Who joins has orders that waited: they are locked by a transaction of their own."""
    make_member(tools, shop)
    credit_now(tools, waiting_order(shop))
    told = {
        b"order": [paid_order(shop, 5001)],
        b"customer": [CustomerSeen(shop.programme_id, shop.shop_id, BORIS, clock(), has_account=True)],
    }
    tools.store([make_delivery(shop, "any", body, clock(), event_id=str(body)) for body in told])
    newer = [waiting_order(shop, amount="30.00", updated_at=clock()), paid_order(shop, 5003)]
    faults = cross(
        database_url,
        clock,
        Story(ACCOUNTS, lambda mine: drain(mine, lambda one: told[one.body], clock())),
        Story((), lambda mine: credit_now(mine, *newer)),
    )
    assert (faults, [one.message for one in caplog.records if "failed" in one.message]) == ([], [])
    assert balance_of(tools, shop, BORIS).available == 30


def test_a_purchase_that_comes_while_others_are_settled_is_settled_later(database_url, tools, clock, shop):
    """Its order is told on a household that the buyer left, so the settler's lock of the buyer's account does not hold it up."""
    together(tools, shop)
    credit_now(tools, year(shop))
    apart(tools, clock, shop)
    late = year(shop, order_id=5004, after=timedelta(minutes=1))
    read = ("membership_purchase.ended_at", "FROM membership_purchase")
    faults = cross(
        database_url,
        clock,
        Story(read, settle_memberships),
        Story((), lambda mine: credit_now(mine, late)),
    )
    assert faults == []
    assert len(due_memberships(tools, clock(), 10)) == 1
    clock.advance(days=380)
    settle_memberships(tools)
    assert award_points_left(tools, "membership") == 100 + 50 + 10 * 13


def given(tools, shop, customer_id, name, days_ago):
    member = make_member(tools, shop, customer_id)
    at = tools.clock() - timedelta(days=days_ago)
    reference = f"{name}:{customer_id}"
    return AwardWish(shop.programme_id, member.account_id, reference, "action", 10, at, 1, {"rule_id": "visit"})


def take_back(tools, shop, references):
    with tools.writing() as session:
        for one in references:
            recall_award(session, Recall(shop.programme_id, one, f"{one}:back", tools.clock()), tools.clock())


def together(tools, shop):
    """Anna and Boris share an account."""
    for customer_id in (ANNA, BORIS):
        make_member(tools, shop, customer_id)
    join(tools, shop, BORIS, ask(tools, shop, ANNA))


def apart(tools, clock, shop):
    """Anna leaves; returns an order of Boris's placed since."""
    clock.advance(hours=1)
    go(tools, shop, ANNA)
    clock.advance(hours=1)
    bought = paid_order(shop, 5009, BORIS, placed_at=clock(), updated_at=clock())
    credit_now(tools, bought)
    return bought


def handing_over(shop, order):
    """Let an order be somebody else's: Anna's."""
    customer = replace(order.customer, customer_id=ANNA)
    later = replace(order, customer=customer, updated_at=order.updated_at + timedelta(minutes=5))
    return lambda mine: credit_now(mine, later)


def waiting_order(shop, **changes):
    """An order of Boris's, who has no account at the shop and is no member."""
    order = paid_order(shop, 5002, BORIS, **changes)
    return replace(order, customer=replace(order.customer, has_account=None))


def settle_memberships(tools):
    for key in due_memberships(tools, tools.clock(), 10):
        settle_membership(tools, key, tools.clock())


def settle_all_tiers(tools):
    for key in due_tiers(tools, tools.clock(), 10):
        settle_tiers(tools, key, tools.clock())


def award_points_left(tools, kind):
    """What all members have by awards of a kind."""
    with tools.reading() as session:
        left = select(func.coalesce(func.sum(award.c.points - award.c.taken_back), 0))
        return session.scalar(left.where(award.c.reference.like(f"{kind}:%")))

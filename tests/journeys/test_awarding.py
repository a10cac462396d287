"""Awards for something else than one order: once each, under the programme's terms, told by the replay like everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.errors import NotFound
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.proving import find_drift, verify
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, cancelled, credit_now, make_member, make_shop, member_of, paid_order
from tests.journeys.test_adjusting import settle_time
from tests.journeys.test_crediting import spend
from tests.journeys.test_merging import merge


@pytest.fixture(autouse=True)
def proof(tools, clock):
    """After every story here the books are sound, today and when everything that could expire has."""
    yield
    for days in (0, 400, 4000):
        clock.advance(days=days)
        settle_time(tools)
        with tools.reading() as session:
            assert [one for one in verify(session) if one.invariant != 7] == []
            assert find_drift(session, tools.clock()) == []


def test_an_award_is_given_once_however_often_it_is_asked_for(tools, shop):
    make_member(tools, shop, points=10)
    first, again = give(tools, shop, 100), give(tools, shop, 100)
    assert (first, balance_of(tools, shop).available) == (again, 110)


def test_the_same_award_twice_in_one_call_is_one(tools, shop):
    make_member(tools, shop)
    wish = wished(tools, shop, 100)
    with tools.writing() as session:
        assert len(set(award_points(session, [wish, wish], tools.clock()))) == 1
    assert balance_of(tools, shop).available == 100


def test_an_award_waits_out_its_window_and_then_can_be_spent(tools, shop, clock):
    make_member(tools, shop)
    give(tools, shop, 100, maturity_days=14)
    assert (balance_of(tools, shop).pending, balance_of(tools, shop).available) == (100, 0)
    clock.advance(days=14, hours=1)
    settle_time(tools)
    assert (balance_of(tools, shop).pending, balance_of(tools, shop).available) == (0, 100)


def test_an_award_expires_as_the_programme_says_of_an_order_of_its_day(tools, clock):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    shop = make_shop(tools, "expiring.myshopify.com", document=document)
    make_member(tools, shop)
    give(tools, shop, 100)
    clock.advance(days=32)
    settle_time(tools)
    assert balance_of(tools, shop).available == 0


def test_an_award_fills_debt_first(tools, shop):
    order = paid_order(shop, amount="50.00")
    credit_now(tools, order)
    spend(tools, shop, 50)
    credit_now(tools, cancelled(order))
    assert balance_of(tools, shop).debt == -50
    give(tools, shop, 80)
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (30, 0)


def test_an_award_that_comes_late_leaves_what_it_would_have_left_in_time(tools, shop, clock):
    """It was earned before the points were spent, so it is as if it had been there."""
    make_member(tools, shop, points=60)
    at = clock()
    clock.advance(hours=5)
    spend(tools, shop, 50)
    clock.advance(hours=5)
    give(tools, shop, 100, occurred_at=at + timedelta(hours=1))
    assert balance_of(tools, shop).available == 110


def test_a_recalled_award_is_taken_back_once_and_owed_where_it_is_spent(tools, shop, clock):
    make_member(tools, shop)
    give(tools, shop, 100)
    clock.advance(hours=1)
    spend(tools, shop, 70)
    clock.advance(hours=1)
    assert [recall(tools, shop), recall(tools, shop)] == [100, 0]
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, -70)


def test_part_of_an_award_is_taken_back_and_never_more_than_was_given(tools, shop, clock):
    make_member(tools, shop)
    give(tools, shop, 100)
    clock.advance(hours=1)
    assert recall(tools, shop, points=30, reference="back:1") == 30
    assert recall(tools, shop, points=90, reference="back:2") == 70
    assert recall(tools, shop, reference="back:3") == 0
    assert balance_of(tools, shop).available == 0


def test_where_the_programme_writes_off_a_spent_award_taken_back_is_not_owed(tools, clock):
    document = dump_document(default_document())
    document["earning"]["claw_back"] = "write_off"
    shop = make_shop(tools, "generous.myshopify.com", document=document)
    make_member(tools, shop)
    give(tools, shop, 100)
    clock.advance(hours=1)
    spend(tools, shop, 100)
    clock.advance(hours=1)
    recall(tools, shop)
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, 0)


def test_an_award_follows_its_account_into_another_one(tools, shop, clock):
    make_member(tools, shop)
    make_member(tools, shop, 7002)
    give(tools, shop, 100)
    clock.advance(hours=1)
    winner = member_of(tools, shop, 7002)
    merge(tools, shop, 7001, 7002)
    assert balance_of(tools, shop, 7002).available == 100
    clock.advance(hours=1)
    assert recall(tools, shop) == 100
    assert member_of(tools, shop).account_id == winner.account_id
    assert balance_of(tools, shop, 7002).available == 0


def test_what_was_never_given_cannot_be_taken_back(tools, shop):
    make_member(tools, shop)
    with pytest.raises(NotFound):
        recall(tools, shop, award="action:other")


def wished(tools, shop, points, *, occurred_at=None, maturity_days=None) -> AwardWish:
    return AwardWish(
        programme_id=shop.programme_id,
        account_id=member_of(tools, shop).account_id,
        reference="action:one",
        reason="action",
        points=points,
        occurred_at=occurred_at or tools.clock(),
        document_version=1,
        explanation={"rule_id": "one"},
        maturity_days=maturity_days,
    )


def give(tools, shop, points, **changes):
    wish = wished(tools, shop, points, **changes)
    with tools.writing() as session:
        return award_points(session, [wish], tools.clock())[0]


def recall(tools, shop, *, points=None, reference="back:all", award="action:one") -> int:
    one = Recall(shop.programme_id, award, reference, tools.clock(), points)
    with tools.writing() as session:
        return recall_award(session, one, tools.clock())

"""Awards that are for no order are cut and charged like orders: once each, and what is taken back is free again."""

from __future__ import annotations

import pytest

from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.charging_caps import allow
from plugin.journeys.proving import find_drift, verify
from plugin.rules import default_document, dump_document
from tests.factories import balance_of, credit_now, make_member, make_shop, member_of, paid_order
from tests.journeys.test_merging import merge

LIMITS = {
    "caps": [{"id": "daily", "per": "member", "period": "day", "points": 100}],
    "budgets": [
        {"id": "keep", "purpose": "keeping", "period": "month", "points": 150},
        {"id": "win", "purpose": "winning", "period": "month", "points": 60},
    ],
    "purposes": {"first_order": False},
}


@pytest.fixture
def shop(tools):
    """A shop under a cap and two budgets, with a member."""
    shop = make_shop(tools, document=dump_document(default_document()) | LIMITS)
    make_member(tools, shop)
    return shop


@pytest.fixture(autouse=True)
def proof(tools):
    """The books are sound after every story."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def test_an_award_is_cut_to_what_orders_left_and_orders_to_what_it_left(tools, shop):
    credit_now(tools, paid_order(shop, amount="30"))
    assert give(tools, shop, "a", 50) == 50
    assert give(tools, shop, "b", 50) == 20
    credit_now(tools, paid_order(shop, 5002, amount="30"))
    assert balance_of(tools, shop).available == 100


def test_the_same_award_is_charged_once(tools, shop):
    assert [give(tools, shop, "a", 80) for _ in range(3)] == [80, 80, 80]
    assert give(tools, shop, "b", 50) == 20


def test_what_was_held_back_is_told(tools, shop):
    give(tools, shop, "a", 80)
    with tools.writing() as session:
        (cut,) = allow(session, [wish(tools, shop, "b", 50)])
    assert cut.explanation["rule_id"] == "review"
    assert cut.explanation["caps"] == [
        {"id": "daily", "kind": "cap", "period": "day", "asked": 50, "given": 20, "left": 20}
    ]


def test_a_sign_up_is_charged_to_winning_and_a_review_to_keeping(tools, shop):
    make_member(tools, shop, 7002)
    make_member(tools, shop, 7003)
    assert give(tools, shop, "a", 80, rule_id="sign_up") == 60
    assert give(tools, shop, "b", 90, customer_id=7002) == 90
    assert give(tools, shop, "c", 90, customer_id=7003) == 60


def test_who_gives_need_not_ask_first(tools, shop):
    give(tools, shop, "a", 80)
    with tools.writing() as session:
        wishes = [wish(tools, shop, name, 15) for name in ("b", "c", "d", "c")]
        postings = award_points(session, wishes, tools.clock())
    assert [one is not None for one in postings] == [True, True, False, True]
    assert balance_of(tools, shop).available == 100


def test_what_is_taken_back_is_free_again(tools, shop):
    give(tools, shop, "a", 100)
    take_back(tools, shop, "a", 30)
    assert give(tools, shop, "b", 50) == 30
    take_back(tools, shop, "a", None)
    assert give(tools, shop, "c", 90) == 70


def test_an_award_to_an_account_that_was_merged_uses_the_caps_of_the_one_that_lives(tools, shop):
    make_member(tools, shop, 7002)
    gone, kept = member_of(tools, shop), member_of(tools, shop, 7002)
    give(tools, shop, "a", 60)
    merge(tools, shop, 7001, 7002)
    told = {
        one.account_id: wish(tools, shop, f"for-{one.account_id}", 30, account_id=one.account_id)
        for one in (gone, kept)
    }
    with tools.writing() as session:
        assert [one.points for one in allow(session, list(told.values()))] == [30, 10]


def take_back(tools, shop, name, points):
    with tools.writing() as session:
        recall = Recall(shop.programme_id, f"action:{name}", f"back:{name}:{points}", tools.clock(), points)
        recall_award(session, recall, tools.clock())


def wish(tools, shop, name, points, *, rule_id="review", customer_id=7001, account_id=None):
    """An action of today."""
    account_id = account_id or member_of(tools, shop, customer_id).account_id
    explanation = {"rule_id": rule_id}
    at = tools.clock().replace(hour=9)
    return AwardWish(shop.programme_id, account_id, f"action:{name}", "action", points, at, 1, explanation)


def give(tools, shop, name, points, **more):
    """Award what is allowed; return how many points that were."""
    with tools.writing() as session:
        allowed = allow(session, [wish(tools, shop, name, points, **more)])
        award_points(session, [one for one in allowed if one.points], tools.clock())
    return allowed[0].points

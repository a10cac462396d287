"""What the panel is told when it opens."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.journeys.documents import publish_document
from plugin.journeys.passing_time import settle_lots
from plugin.members.store import set_standing
from plugin.rules import default_document, dump_document
from tests.factories import CUSTOMER, credit_now, make_member, member_of, paid_order, refunded
from tests.storefront.proxy import Storefront


def _publish(tools, shop, **changes) -> None:
    document = dump_document(default_document())
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = document
        for parent in parents:
            node = node[parent]
        node[last] = value
    with tools.writing() as session:
        at = tools.clock() - timedelta(days=300)
        publish_document(session, shop.programme_id, document, actor="test", now=at)


def test_a_member_sees_their_points_and_how_far_the_next_reward_is(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=1240)
    seen = storefront.get("summary").json
    assert seen["member"]["points"] == {"available": 1240, "pending": 0, "held": 0, "debt": 0}
    assert (seen["member"]["figure"], seen["member"]["unit"]) == ("1,240", "points")
    assert seen["progress"]["reward_id"] == "twenty_five_off"
    assert seen["progress"]["missing"] == 1260
    assert seen["progress"]["sentence"] == "1,260 points to go until €25 off your order"
    assert [(one["id"], one["is_affordable"]) for one in seen["rewards"]] == [
        ("five_off", True),
        ("ten_off", True),
        ("twenty_five_off", False),
    ]
    assert seen["rewards"][2]["conditions"] == ["Orders from €50", "Valid 90 days"]
    assert seen["ways_to_earn"] == [{"kind": "spend", "sentence": "1 point for every €1 you spend"}]
    assert len(seen["member"]["card_number"]) == 16
    assert seen["notices"] == []


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "bg-BG",
            [
                "1\xa0240",
                "Още 1\xa0260 точки до „25\xa0€ отстъпка от поръчката“",
                "1 точка за всеки 1\xa0€ от поръчката",
            ],
        ),
        ("tr", ["1.240", "“Siparişinizde €25 indirim” için 1.260 puan kaldı", "Harcadığınız her €1 için 1 puan"]),
        ("de", ["1,240", "1,260 points to go until €25 off your order", "1 point for every €1 you spend"]),
    ],
)
def test_everything_is_said_in_the_shoppers_language(storefront: Storefront, tools, shop, locale, said):
    make_member(tools, shop, CUSTOMER, points=1240)
    storefront.locale = locale
    seen = storefront.get("summary").json
    assert [seen["member"]["figure"], seen["progress"]["sentence"], seen["ways_to_earn"][0]["sentence"]] == said


def test_a_guest_sees_rewards_and_ways_to_earn_and_nobodys_points(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=1240)
    storefront.customer = None
    seen = storefront.get("summary").json
    assert (seen["member"], seen["may_join"], seen["codes"], seen["notices"]) == (None, False, [], [])
    assert len(seen["rewards"]) == 3
    assert not any(one["is_affordable"] for one in seen["rewards"])
    assert "1240" not in storefront.get("summary").text


def test_a_signed_in_customer_is_let_in_by_their_first_visit(storefront: Storefront):
    first, second = storefront.get("summary").json, storefront.get("summary").json
    assert first["member"]["points"]["available"] == 0
    assert first["member"]["card_number"] == second["member"]["card_number"]
    assert first["progress"]["missing"] == 500


def test_signing_in_proves_an_account_where_only_account_holders_take_part(storefront: Storefront, tools, shop):
    """Orders placed as a known customer without an account wait; the first signed-in visit brings them."""
    _publish(tools, shop, enrolment="account_holders")
    order = paid_order(shop, amount="80")
    credit_now(tools, replace(order, customer=replace(order.customer, has_account=False)))
    assert member_of(tools, shop).standing == "waiting"
    assert storefront.get("summary").json["member"]["points"]["available"] == 80


def test_where_members_join_by_themselves_a_customer_is_asked_to(storefront: Storefront, tools, shop):
    _publish(tools, shop, enrolment="opt_in")
    credit_now(tools, paid_order(shop, amount="80"))
    seen = storefront.get("summary").json
    assert (seen["member"], seen["may_join"]) == (None, True)
    assert storefront.post("actions", {"action": "join", "wish_id": "wish-0001"}).json == {
        "action": "join",
        "state": "done",
    }
    assert storefront.get("summary").json["member"]["points"]["available"] == 80


def test_who_left_is_shown_the_way_back(storefront: Storefront, tools, shop):
    member = make_member(tools, shop, CUSTOMER, points=120)
    with tools.writing() as session:
        set_standing(session, member, "left", tools.clock())
    assert storefront.get("summary").json["may_join"] is True
    storefront.post("actions", {"action": "join", "wish_id": "wish-0001"})
    assert storefront.get("summary").json["member"]["points"]["available"] == 120


def test_pending_points_say_from_when_they_can_be_used(storefront: Storefront, tools, shop):
    _publish(tools, shop, earning__maturity_days=14)
    credit_now(tools, paid_order(shop, amount="30"))
    seen = storefront.get("summary").json["member"]
    assert seen["points"] == {"available": 0, "pending": 30, "held": 0, "debt": 0}
    assert seen["asides"] == ["30 points on the way, the first from Dec 5, 2026"]
    tools.clock.advance(days=15)
    settle_lots(tools, str(shop.programme_id), tools.clock())
    assert storefront.get("summary").json["member"]["asides"] == []


def test_points_taken_back_are_told_without_being_asked(storefront: Storefront, tools, shop):
    order = paid_order(shop, order_id=1007, amount="30")
    credit_now(tools, order)
    credit_now(tools, refunded(order, "12"))
    (notice,) = storefront.get("summary").json["notices"]
    assert (notice["kind"], notice["sentence"]) == ("claw_back", "12 points taken back: refund of order #1007")
    tools.clock.advance(days=31)
    assert storefront.get("summary").json["notices"] == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"financial_status": "pending"}, "Order #1003 gives points once it is paid"),
        ({"amount": "0.40"}, "Order #1003 was too small for a point"),
        ({"amount": "0.00"}, "Nothing in order #1003 earns points"),
    ],
)
def test_a_last_order_without_points_says_why(storefront: Storefront, tools, shop, changes, sentence):
    make_member(tools, shop, CUSTOMER, points=10)
    later = tools.clock()
    credit_now(tools, paid_order(shop, order_id=1003, placed_at=later, updated_at=later, **changes))
    assert [one["sentence"] for one in storefront.get("summary").json["notices"]] == [sentence]
    credit_now(tools, paid_order(shop, order_id=1004, placed_at=later + timedelta(seconds=1)))
    assert storefront.get("summary").json["notices"] == []


def test_many_first_visits_at_once_make_one_member(storefront: Storefront, tools):
    """A page with the panel open in several tabs, on the first day."""
    urls = [storefront.url("summary", tab=str(at)) for at in range(8)]
    app = storefront.client.application
    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda url: app.test_client().get(url), urls))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["member"]["card_number"] for answer in answers}) == 1


def test_owed_points_are_shown_as_owed_and_nothing_is_affordable(storefront: Storefront, tools, shop, desk):
    order = paid_order(shop, amount="600")
    credit_now(tools, order)
    assert storefront.redeem().status_code == 201
    credit_now(tools, refunded(order, "580"))
    seen = storefront.get("summary").json
    assert seen["member"]["points"]["debt"] == 480
    assert not any(one["is_affordable"] for one in seen["rewards"])
    assert seen["notices"][0]["sentence"].startswith("480 points still to make up")
    refusal = storefront.redeem(wish_id="wish-0002")
    assert (refusal.status_code, refusal.json["error"]["code"]) == (409, "insufficient_points")


def test_points_have_the_name_the_merchant_gave_them(storefront: Storefront, tools, shop):
    _publish(tools, shop, points_name={"en": "Leaves", "bg": "листа"})
    make_member(tools, shop, CUSTOMER, points=1)
    assert storefront.get("summary").json["member"]["points_text"] == "1 Leaves"
    storefront.locale = "bg"
    assert storefront.get("summary").json["progress"]["sentence"].startswith("Още 499 листа")


def test_every_rule_of_the_document_is_a_way_to_earn(storefront: Storefront, tools, shop):
    rules = [
        {"kind": "spend", "id": "spend", "points_per_unit": "0.1"},
        {"kind": "product_type", "id": "coffee", "match": {"product_types": ["Coffee"]}, "multiplier": "2"},
        {
            "kind": "product_type",
            "id": "mugs",
            "title": {"en": "Mugs"},
            "match": {"collections": [9]},
            "points_per_item": "50",
        },
        {"kind": "product_type", "id": "cards", "match": {"tags": ["gift"]}, "exclude": True},
        {"kind": "product_type", "id": "off", "match": {"tags": ["x"]}, "multiplier": "9", "is_active": False},
        {"kind": "product_type", "id": "new", "match": {"skus": ["A-1"]}, "multiplier": "0", "points_per_item": "1.5"},
    ]
    _publish(tools, shop, earning__rules=rules)
    assert [one["sentence"] for one in storefront.get("summary").json["ways_to_earn"]] == [
        "1 point for every €10 you spend",
        "2× points on Coffee",
        "50 points extra for each item: Mugs",
        "No points on gift",
        "1.5 points for each item: selected products",
    ]


def test_a_programme_without_rewards_has_no_goal(storefront: Storefront, tools, shop):
    _publish(tools, shop, rewards=[])
    make_member(tools, shop, CUSTOMER, points=10)
    seen = storefront.get("summary").json
    assert (seen["rewards"], seen["progress"]) == ([], None)


def test_with_enough_for_everything_the_goal_is_reached(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=9999)
    assert storefront.get("summary").json["progress"] == {
        "reward_id": None,
        "share": 1.0,
        "missing": 0,
        "sentence": "Every reward is within your reach",
    }

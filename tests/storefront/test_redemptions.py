"""Trading points for a code through the door."""

from __future__ import annotations

import pytest

from tests.factories import CUSTOMER, balance_of, make_member
from tests.journeys.discount_desk import lost_call
from tests.storefront.proxy import Storefront


@pytest.fixture(autouse=True)
def _rich(tools, shop):
    make_member(tools, shop, CUSTOMER, points=1200)


def test_a_wish_is_answered_with_a_code(storefront: Storefront, desk):
    answer = storefront.redeem()
    assert answer.status_code == 201
    assert answer.json["state"] == "ready"
    assert desk.codes == {answer.json["code"]: "ACTIVE"}
    assert answer.json["expires_at"].startswith("2027-02-19")
    (shown,) = storefront.get("summary").json["codes"]
    assert (shown["code"], shown["title"], shown["until_text"]) == (
        answer.json["code"],
        "€5 off your order",
        "Use it by Feb 19, 2027",
    )


def test_the_same_wish_twice_is_one_code_and_one_price(storefront: Storefront, desk, tools, shop):
    first, second = storefront.redeem(), storefront.redeem()
    assert first.json == second.json
    assert balance_of(tools, shop).available == 700


def test_the_same_wish_for_something_else_is_refused(storefront: Storefront, desk):
    storefront.redeem()
    refusal = storefront.redeem("ten_off")
    assert (refusal.status_code, refusal.json["error"]["code"]) == (409, "wish_reused")


def test_without_an_answer_from_shopify_the_code_is_prepared_and_can_be_asked_after(storefront: Storefront, desk):
    desk.go_wrong("create", lost_call)
    answer = storefront.redeem()
    assert (answer.status_code, answer.json["state"], answer.json["code"]) == (202, "preparing", None)
    again = storefront.get(f"redemptions/{answer.json['id']}")
    assert (again.status_code, again.json["state"]) == (200, "preparing")
    assert storefront.get("summary").json["codes"][0]["state"] == "preparing"


def test_too_few_points_say_how_many_there_are(storefront: Storefront, desk):
    refusal = storefront.redeem("twenty_five_off")
    assert refusal.status_code == 409
    assert refusal.json["error"] == {
        "code": "insufficient_points",
        "message": "You have 1,200 points; this reward needs 2,500 points.",
    }
    storefront.locale = "bg"
    assert "точки" in storefront.redeem("twenty_five_off").json["error"]["message"]


def test_an_unknown_reward_is_refused_by_name(storefront: Storefront, desk):
    refusal = storefront.redeem("no_such")
    assert (refusal.status_code, refusal.json["error"]["code"]) == (422, "reward_unavailable")
    assert refusal.json["error"]["message"] == "This reward is not offered any more."


def test_an_unused_code_can_be_handed_back(storefront: Storefront, desk):
    made = storefront.redeem().json
    answer = storefront.delete(f"redemptions/{made['id']}")
    assert (answer.status_code, answer.json["state"], answer.json["code"]) == (200, "returning", None)
    assert desk.codes == {made["code"]: "EXPIRED"}
    assert storefront.get("summary").json["codes"][0]["state"] == "returning"


def test_guests_and_strangers_redeem_nothing_and_see_no_codes(storefront: Storefront, desk, tools, shop):
    made = storefront.redeem().json
    storefront.customer = None
    assert storefront.redeem().status_code == 401
    assert storefront.get(f"redemptions/{made['id']}").status_code == 401
    storefront.customer = 7002
    make_member(tools, shop, 7002, points=900)
    for answer in (storefront.get(f"redemptions/{made['id']}"), storefront.delete(f"redemptions/{made['id']}")):
        assert answer.status_code == 404
        assert made["code"] not in answer.text
    assert desk.codes == {made["code"]: "ACTIVE"}


@pytest.mark.parametrize("redemption_id", ["1", "not-an-id", "0" * 32, "../summary", "%00", "9" * 200])
def test_an_id_that_is_none_is_not_found(storefront: Storefront, redemption_id: str):
    assert storefront.get(f"redemptions/{redemption_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b'{"reward_id": "five_off"}',
        b'{"wish_id": "wish-0001"}',
        b'{"reward_id": "five_off", "wish_id": "short"}',
        b'{"reward_id": "five_off", "wish_id": 12345678}',
        b'{"reward_id": 5, "wish_id": "wish-0001"}',
        b'{"reward_id": "Five Off", "wish_id": "wish-0001"}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": 0}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": true}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": 500.0}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": NaN}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": 1e99}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "points": 99999999999999999999}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "customer_id": 7002}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001", "wish_id": "wish-0002"}',
        b'{"reward_id": "five_off", "wish_id": "\\ud800wish-0001"}',
        b'{"reward_id": "five_off", "wish_id": "wish-0001\x00"}',
        b"\xff\xfe",
        b"[" * 2000,
    ],
)
def test_a_body_of_another_shape_is_refused_and_moves_nothing(storefront: Storefront, desk, tools, shop, body: bytes):
    answer = storefront.client.post(storefront.url("redemptions"), data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_input")
    assert desk.calls == []
    assert balance_of(tools, shop).available == 1200


def test_a_large_body_and_a_form_from_elsewhere_are_refused(storefront: Storefront, desk):
    """A page of another site can make a browser send a form with the shopper's cookies, but never this content type."""
    url = storefront.url("redemptions")
    large = storefront.client.post(url, data=b" " * 5000, content_type="application/json")
    assert (large.status_code, large.json["error"]["code"]) == (413, "bad_input")
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        form = storefront.client.post(
            url, data=b'{"reward_id":"five_off","wish_id":"wish-0001"}', content_type=content_type
        )
        assert form.status_code == 415
    assert desk.calls == []


def test_unknown_actions_are_refused(storefront: Storefront):
    answer = storefront.post("actions", {"action": "leave", "wish_id": "wish-0001"})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "unknown_action")
    storefront.customer = None
    assert storefront.post("actions", {"action": "join", "wish_id": "wish-0001"}).status_code == 401


def test_whoever_asks_too_often_waits_and_nobody_else_does(storefront: Storefront, desk, tools, shop):
    answers = [storefront.redeem("no_such").status_code for _ in range(9)]
    assert answers == [422] * 8 + [429]
    slowed = storefront.redeem("no_such")
    assert slowed.json["error"]["code"] == "too_many_requests"
    assert 1 <= int(slowed.headers["Retry-After"]) <= 4
    assert storefront.get("summary").status_code == 200
    storefront.customer = 7002
    make_member(tools, shop, 7002)
    assert storefront.redeem("no_such").status_code == 422
    storefront.customer = CUSTOMER
    storefront.clock.advance(seconds=4)
    assert storefront.redeem("no_such").status_code == 422

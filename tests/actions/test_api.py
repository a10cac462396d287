"""The API: a key for a shop, one answer for each idempotency key, and nothing for anybody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, insert, select, text

from plugin.journeys.retaining import ANSWERS_KEPT, due_answers, settle_answers
from plugin.shops.api_keys import add_api_key, list_api_keys, revoke_api_key
from plugin.shops.api_requests import drop_api_requests
from plugin.shops.store import get_shop, uninstall_shop
from plugin.shops.tables import api_key, api_request
from plugin.wsgi import create_app
from tests.actions.stage import publish_actions
from tests.factories import CUSTOMER, balance_of, make_member, make_shop

EVENT = {"action": "review", "customer_id": CUSTOMER, "subject": "review-1"}


class Caller:
    """A partner's program with a key."""

    def __init__(self, tools, secret: str) -> None:
        self.client, self.secret = create_app(tools).test_client(), secret

    def tell(self, event=EVENT, key: str | None = "key-00000001", **headers):
        named = {"Authorization": f"Bearer {self.secret}"} | ({"Idempotency-Key": key} if key else {}) | headers
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.client.post("/api/v1/events", data=raw, headers={"Content-Type": "application/json"} | named)


def make_key(tools, shop, name="Reviews") -> str:
    with tools.writing() as session:
        return add_api_key(session, shop.programme_id, shop.shop_id, name, tools.clock())[1]


@pytest.fixture
def caller(tools, shop) -> Caller:
    """A program with a key of a shop whose programme has actions and one member."""
    publish_actions(tools, shop)
    make_member(tools, shop)
    return Caller(tools, make_key(tools, shop))


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]


def test_an_event_gives_points_and_says_what_is_left(caller, tools, shop, clock):
    answer = caller.tell()
    assert answer.status_code == 201
    assert answer.json == {
        "action": "review",
        "customer_id": CUSTOMER,
        "points": 20,
        "occurred_at": clock.now.isoformat(),
        "limits": [{"per": "week", "times": 3, "times_left": 2}],
    }
    assert balance_of(tools, shop).available == 20


def test_the_same_key_has_the_same_answer_and_other_content_is_refused(caller, tools, shop, clock):
    first = caller.tell()
    clock.advance(days=3)
    again = caller.tell()
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert refusal(caller.tell(EVENT | {"subject": "review-2"})) == (409, "key_reused")
    assert balance_of(tools, shop).available == 20


def test_one_subject_counts_once_under_whatever_key(caller, tools, shop):
    caller.tell()
    assert refusal(caller.tell(key="key-00000002")) == (422, "already_done")
    assert caller.tell(EVENT | {"subject": "review-2"}, "key-00000003").status_code == 201
    without = {"action": "review", "customer_id": CUSTOMER}
    assert caller.tell(without, "key-00000004").status_code == 201
    assert balance_of(tools, shop).available == 60


def test_limits_hold_for_calls_too(caller, tools, shop, clock):
    for number in range(3):
        caller.tell(EVENT | {"subject": f"r{number}"}, f"key-0000000{number}")
    assert refusal(caller.tell(EVENT | {"subject": "r9"}, "key-00000009")) == (422, "limit_reached")
    clock.advance(days=2)  # Monday
    assert caller.tell(EVENT | {"subject": "r9"}, "key-00000009").status_code == 201
    assert balance_of(tools, shop).available == 80


def test_a_refused_call_may_be_tried_again_but_not_with_other_content(caller, tools, shop):
    stranger = EVENT | {"customer_id": 8}
    assert refusal(caller.tell(stranger)) == (422, "unknown_customer")
    assert refusal(caller.tell()) == (409, "key_reused")
    make_member(tools, shop, 8)
    assert caller.tell(stranger).status_code == 201


def test_what_was_done_earlier_counts_when_it_was_done(caller, tools, shop, clock):
    at = clock.now - timedelta(days=20)
    answer = caller.tell(EVENT | {"occurred_at": at.isoformat()})
    assert (answer.status_code, answer.json["occurred_at"]) == (201, at.isoformat())
    for when, word in (
        (clock.now + timedelta(minutes=6), "in_the_future"),
        (clock.now - timedelta(days=61), "action_unavailable"),
    ):
        event = EVENT | {"subject": word, "occurred_at": when.isoformat()}
        assert refusal(caller.tell(event, f"key-{word}")) == (422, word)
    slightly = EVENT | {"subject": "clocks", "occurred_at": (clock.now + timedelta(minutes=4)).isoformat()}
    assert caller.tell(slightly, "key-clocks").json["occurred_at"] == clock.now.isoformat()


def test_nothing_counts_before_the_shops_start_line(caller, tools, shop, clock):
    publish_actions(tools, shop, at=clock.now - timedelta(days=100))
    event = EVENT | {"occurred_at": (clock.now - timedelta(days=61)).isoformat()}
    assert refusal(caller.tell(event)) == (422, "before_start")


@pytest.mark.parametrize("action", ["welcome", "cake", "follow", "visit", "photo", "nothing_like_it"])
def test_calls_reach_only_actions_that_are_proved_by_them(caller, action):
    assert refusal(caller.tell(EVENT | {"action": action})) == (422, "action_unavailable")


def test_who_is_not_in_the_programme_gets_nothing(caller, tools, shop, clock):
    from plugin.journeys.joining import leave
    from tests.factories import member_of

    with tools.writing() as session:
        leave(session, member_of(tools, shop), clock.now)
    assert refusal(caller.tell()) == (422, "not_a_member")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic abc", "Bearer laurel_" + "A" * 43, "Bearer laurel_\u00e4" + "A" * 42],
)
def test_without_a_key_nobody_is_heard(caller, authorization):
    answer = caller.tell(Authorization=authorization)
    assert refusal(answer) == (401, "bad_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(caller, tools, shop, clock):
    with tools.writing() as session:
        (one,) = list_api_keys(session, shop.programme_id, shop.shop_id)
        revoke_api_key(session, shop.programme_id, shop.shop_id, one.key_id, clock.now)
    assert refusal(caller.tell()) == (401, "bad_key")


def test_a_key_is_of_one_shop(caller, tools, shop, clock):
    other = make_shop(tools, "other.myshopify.com")
    publish_actions(tools, other)
    make_member(tools, other, 9)
    assert refusal(caller.tell(EVENT | {"shop": other.domain})) == (403, "other_shop")
    assert refusal(caller.tell(EVENT | {"customer_id": 9}, "key-00000002")) == (422, "unknown_customer")
    assert caller.tell(EVENT | {"shop": shop.domain}, "key-00000003").status_code == 201
    with tools.writing() as session:
        uninstall_shop(session, get_shop(session, shop.shop_id), clock.now)
    assert refusal(caller.tell(EVENT, "key-00000004")) == (403, "shop_closed")


def test_two_shops_may_use_the_same_idempotency_key(caller, tools):
    other = make_shop(tools, "other.myshopify.com")
    publish_actions(tools, other)
    make_member(tools, other, 9)
    assert caller.tell().status_code == 201
    assert Caller(tools, make_key(tools, other)).tell(EVENT | {"customer_id": 9}).status_code == 201


def test_keys_are_hashed_at_rest_and_answers_name_nobody(caller, tools):
    caller.tell()
    with tools.reading() as session:
        stored = [str(dict(row._mapping)) for row in session.execute(select(api_key))]
        asked = [str(dict(row._mapping)) for row in session.execute(select(api_request))]
    assert caller.secret not in "".join(stored)
    assert caller.secret[15:] not in "".join(stored)
    assert str(CUSTOMER) not in "".join(asked)


@pytest.mark.parametrize("key", [None, "short", "x" * 129, "with space", "a\tb-123456"])
def test_every_write_needs_an_idempotency_key(caller, tools, shop, key):
    answer = caller.tell(key=key)
    assert refusal(answer) == (400, "idempotency_key")
    assert balance_of(tools, shop).available == 0


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"", 400, "body"),
        (b"not json", 400, "body"),
        (b'{"action": "review", "customer_id": 7001', 400, "body"),
        (b"[" * 5000, 400, "body"),
        (b'{"action": "\xff", "customer_id": 1}', 400, "body"),
        (b'{"action": "review", "customer_id": 7001, "subject": "\\ud800"}', 400, "body"),
        (b"[]", 422, "body"),
        (b"null", 422, "body"),
        ({}, 422, "action"),
        (EVENT | {"points": 10_000}, 422, "points"),
        (EVENT | {"customer_id": "7001"}, 422, "customer_id"),
        (EVENT | {"customer_id": 7001.0}, 422, "customer_id"),
        (EVENT | {"customer_id": True}, 422, "customer_id"),
        (EVENT | {"customer_id": -1}, 422, "customer_id"),
        (EVENT | {"customer_id": 2**63}, 422, "customer_id"),
        (b'{"action": "review", "customer_id": NaN}', 422, "customer_id"),
        (EVENT | {"action": "Review"}, 422, "action"),
        (EVENT | {"action": "review\n"}, 422, "action"),
        (EVENT | {"action": None}, 422, "action"),
        (EVENT | {"subject": "a\x00b"}, 422, "subject"),
        (EVENT | {"subject": "x" * 256}, 422, "subject"),
        (EVENT | {"subject": ""}, 422, "subject"),
        (EVENT | {"occurred_at": "2026-11-20T10:00:00"}, 422, "occurred_at"),
        (EVENT | {"occurred_at": 1_700_000_000}, 422, "occurred_at"),
        (EVENT | {"occurred_at": "yesterday"}, 422, "occurred_at"),
    ],
)
def test_hostile_bodies_are_told_from_unfit_ones_and_neither_counts(caller, tools, shop, body, status, path):
    answer = caller.tell(body)
    assert (answer.status_code, answer.json.get("path")) == (status, path), answer.json
    assert balance_of(tools, shop).available == 0


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_the_calendar_break_nothing(caller, at):
    assert caller.tell(EVENT | {"occurred_at": at}).status_code == 422


def test_only_json_of_an_events_size_is_read(caller):
    assert refusal(caller.tell(EVENT | {"subject": "x" * 20_000})) == (413, "too_large")
    assert refusal(caller.tell(**{"Content-Type": "text/plain"})) == (415, "unsupported_media_type")
    assert refusal(caller.client.get("/api/v1/events")) == (405, "method_not_allowed")


def test_who_calls_all_the_time_is_asked_to_wait(caller, tools, shop, clock):
    answers = [caller.tell(b"{}") for _ in range(80)]
    slow = next(one for one in answers if one.status_code == 429)
    assert (slow.json["error"], slow.headers["Retry-After"]) == ("too_many_requests", "1")
    assert Caller(tools, make_key(tools, shop)).tell().status_code == 201
    clock.advance(seconds=1)
    assert caller.tell(b"{}").status_code == 422


def test_the_description_is_of_what_the_door_does(caller):
    described = caller.client.get("/api/v1/openapi.json").json
    assert described["openapi"].startswith("3.1")
    post = described["paths"]["/events"]["post"]
    assert {"201", "400", "401", "403", "409", "422", "429"} <= post["responses"].keys()
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    event = Draft202012Validator(schemas["Event"])
    assert event.is_valid(EVENT)
    assert not event.is_valid(EVENT | {"points": 1})
    assert Draft202012Validator(schemas["Given"]).is_valid(caller.tell().json)
    assert Draft202012Validator(schemas["Refusal"]).is_valid(caller.tell({}).json)


def test_an_answer_is_kept_for_its_days_and_what_it_told_counts_once_for_ever(caller, tools, shop, clock):
    told = {"action": "review", "customer_id": CUSTOMER}
    first = caller.tell(told)
    clock.now += ANSWERS_KEPT
    prune(tools)
    assert caller.tell(told).json == first.json
    clock.advance(seconds=1)
    prune(tools)
    assert kept(tools) == 0
    assert refusal(caller.tell(told)) == (422, "already_done")
    assert balance_of(tools, shop).available == 20


def test_old_answers_are_dropped_in_batches_and_young_ones_stay(tools, shop, clock):
    keep(tools, shop, "old", 2_500, clock.now - ANSWERS_KEPT - timedelta(seconds=1))
    keep(tools, shop, "young", 3, clock.now)
    with tools.writing() as session:
        assert drop_api_requests(session, clock.now - ANSWERS_KEPT, 400) == 400
    prune(tools)
    assert kept(tools) == 3
    assert due_answers(tools, clock.now, 10) == []


def test_old_answers_are_found_by_an_index(tools):
    with tools.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN" if session.get_bind().dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        asked = "SELECT key FROM api_request WHERE created_at < '2026-01-01' ORDER BY created_at LIMIT 1000"
        plan = str(session.execute(text(f"{explain} {asked}")).all())
    assert "ix_api_request_created" in plan


def prune(tools) -> None:
    for key in due_answers(tools, tools.clock(), 10):
        settle_answers(tools, key, tools.clock())


def keep(tools, shop, name: str, number: int, at) -> None:
    """Keep so many answered calls of an instant."""
    one = {"programme_id": shop.programme_id, "shop_id": shop.shop_id, "content_hash": "0" * 64, "answer": {}}
    with tools.writing() as session:
        session.execute(insert(api_request), [one | {"key": f"{name}-{n}", "created_at": at} for n in range(number)])


def kept(tools) -> int:
    with tools.reading() as session:
        return session.scalar(select(func.count()).select_from(api_request))

"""A shopper's click in the panel: who they are comes from the signature alone, and limits hold whatever is pressed."""

# ruff: noqa: RUF001 - letters of other languages

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.facts import DataRequest
from plugin.journeys.complying import due_requests, note_request, settle_request
from plugin.journeys.showing import member_view, shown
from plugin.members.profiles import get_profile
from plugin.shops.store import get_shop
from plugin.shops.tables import compliance_request
from tests.actions.stage import DAILY, FOLLOW, publish_actions
from tests.factories import balance_of, make_member, member_of


@pytest.fixture
def street(storefront, tools, shop):
    """The storefront of a programme with actions, visited by a member."""
    publish_actions(tools, shop)
    make_member(tools, shop)
    return storefront


def click(street, action="follow", wish_id="wish-0001", **more):
    return street.post("actions", {"action": action, "wish_id": wish_id, **more})


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def test_a_click_gives_points_and_says_so(street, tools, shop):
    assert click(street).json == {
        "action": "follow",
        "state": "done",
        "points": 50,
        "message": "50 points for following us",
    }
    assert balance_of(tools, shop).available == 50


def test_the_same_wish_has_the_same_answer_and_another_action_is_refused(street, tools, shop):
    first = click(street).json
    assert click(street).json == first
    assert code_of(click(street, "visit")) == (409, "wish_reused")
    assert balance_of(tools, shop).available == 50


def test_what_counts_once_counts_once(street, tools, shop, clock):
    click(street)
    clock.advance(days=400)
    assert code_of(click(street, wish_id="wish-0002")) == (422, "already_done")
    assert balance_of(tools, shop).available == 50


def test_a_daily_visit_counts_again_the_next_day_by_the_programmes_clock(street, tools, shop, clock):
    click(street, "visit")
    assert code_of(click(street, "visit", "wish-0002")) == (422, "limit_reached")
    clock.advance(hours=12, seconds=1)  # past midnight in Sofia, not in London
    assert click(street, "visit", "wish-0003").json["points"] == 5
    assert balance_of(tools, shop).available == 10


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "This has counted as often as it can for now."),
        ("bg", "Засега това вече се брои толкова пъти, колкото е възможно."),
        ("tr", "Bu, şimdilik sayılabileceği kadar sayıldı."),
    ],
)
def test_a_refusal_is_a_word_and_a_sentence_in_the_shoppers_language(street, locale, sentence):
    click(street, "visit")
    street.locale = locale
    assert click(street, "visit", "wish-0002").json == {"error": {"code": "limit_reached", "message": sentence}}


@pytest.mark.parametrize("action", ["welcome", "cake", "year", "news", "review", "photo"])
def test_nobody_gives_themselves_what_others_have_to_prove(street, tools, shop, action):
    assert code_of(click(street, action)) == (422, "action_unavailable")
    assert balance_of(tools, shop).available == 0


def test_a_guest_and_a_stranger_get_nothing(street, tools, shop):
    street.customer = None
    assert code_of(click(street)) == (401, "not_signed_in")
    street.customer = 4711
    assert code_of(click(street)) == (422, "not_a_member")
    assert balance_of(tools, shop).available == 0


def test_whose_points_they_are_is_what_was_signed(street, tools, shop):
    """Whatever else the query or the body names, points go to the customer Shopify signed for."""
    make_member(tools, shop, 8)
    street.client.post(street.url("actions", customer_id="8"), json={"action": "follow", "wish_id": "wish-0001"})
    assert click(street, wish_id="wish-0002", customer_id=8).status_code == 400
    assert (balance_of(tools, shop).available, balance_of(tools, shop, 8).available) == (50, 0)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "follow"},
        {"action": "follow", "wish_id": "short"},
        {"action": "follow", "wish_id": "wish-0001", "month": 1},
        {"action": "follow", "wish_id": "wish-0001", "points": 1000},
        {"action": ["follow"], "wish_id": "wish-0001"},
        {"action": "Follow", "wish_id": "wish-0001"},
        {"action": "follow\u0000", "wish_id": "wish-0001"},
        {"action": "x" * 65, "wish_id": "wish-0001"},
        {"action": "nothing_like_it", "wish_id": "wish-0001"},
        {"action": "birthday", "wish_id": "wish-0001"},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 30},
        {"action": "birthday", "wish_id": "wish-0001", "month": 13, "day": 1},
        {"action": "birthday", "wish_id": "wish-0001", "month": True, "day": 1},
        {"action": "birthday", "wish_id": "wish-0001", "month": "5", "day": 1},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 29, "year": 2023},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 1, "year": 2030},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 1, "year": 1700},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 1, "timezone": "Mars/Olympus"},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 1, "timezone": "../../etc/passwd"},
        {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 1, "timezone": 3},
    ],
)
def test_hostile_bodies_are_bad_input(street, tools, shop, body):
    assert street.post("actions", body).status_code == 400
    assert balance_of(tools, shop).available == 0
    assert profile_of(tools, shop).birthday is None


def test_a_birthday_is_kept_and_said_when_it_counts(street, tools, shop, clock):
    told = {"month": 12, "day": 1, "timezone": "America/New_York"}
    answer = click(street, "birthday", **told).json
    assert answer["message"] == "Thank you. Your first birthday points come on Dec 1, 2027."
    kept = profile_of(tools, shop)
    assert (kept.birthday, kept.birthday_year, kept.timezone, kept.birthday_set_at) == (
        (12, 1),
        None,
        "America/New_York",
        clock.now,
    )
    clock.advance(days=5)
    click(street, "birthday", "wish-0002", **told, year=1990)
    assert profile_of(tools, shop).birthday_set_at == kept.birthday_set_at
    assert profile_of(tools, shop).birthday_year == 1990
    click(street, "birthday", "wish-0003", month=12, day=2)
    assert profile_of(tools, shop).birthday_set_at == clock.now
    assert profile_of(tools, shop).birthday_year is None


def test_a_programme_that_has_no_use_for_birthdays_keeps_none(street, tools, shop, clock):
    publish_actions(tools, shop, [{"id": "follow", **FOLLOW}], at=clock.now)
    assert code_of(click(street, "birthday", month=5, day=1)) == (422, "action_unavailable")
    assert profile_of(tools, shop).birthday is None


def test_a_profile_is_complete_once_the_birthday_is_there(street, tools, shop):
    assert code_of(click(street, "profile")) == (422, "profile_incomplete")
    click(street, "birthday", "wish-0002", month=5, day=1)
    assert click(street, "profile", "wish-0003").json["points"] == 25
    assert balance_of(tools, shop).available == 25


def test_the_panel_lists_what_earns_and_what_may_be_pressed(street, tools, shop):
    ways = {one.get("action"): one for one in street.get("summary").json["ways_to_earn"]}
    assert ways["follow"] == {
        "kind": "social_follow",
        "sentence": "50 points for following us",
        "action": "follow",
        "name": "following us",
        "ask": "click",
        "url": "https://social.example.com/shop",
        "aside": None,
    }
    assert {name: one["ask"] for name, one in ways.items() if name} == {
        "welcome": None,
        "cake": "birthday",
        "year": None,
        "news": None,
        "texts": None,
        "follow": "click",
        "visit": "click",
        "profile": None,
        "review": None,
    }
    click(street)
    click(street, "visit", "wish-0002")
    click(street, "birthday", "wish-0003", month=2, day=29)
    ways = {one.get("action"): one for one in street.get("summary").json["ways_to_earn"]}
    assert [(ways[name]["ask"], ways[name]["aside"]) for name in ("follow", "visit", "cake", "profile")] == [
        (None, "Done"),
        (None, "Again from Nov 22, 2026"),
        (None, "Your birthday: February 29"),
        ("click", None),
    ]


def test_a_guest_sees_what_earns_and_nothing_to_press(street):
    street.customer = None
    ways = street.get("summary").json["ways_to_earn"]
    assert {"kind": "social_follow", "sentence": "50 points for following us"} in ways
    assert not any("ask" in one for one in ways)


def test_a_title_of_the_merchants_own_is_what_it_is_called(street, tools, shop, clock):
    title = {"en": "Telling the world", "tr": "Dünyaya duyurma"}
    publish_actions(tools, shop, [{"id": "follow", **FOLLOW, "title": title}], at=clock.now)
    street.locale = "tr"
    way = next(one for one in street.get("summary").json["ways_to_earn"] if one.get("action") == "follow")
    assert way["sentence"] == "Dünyaya duyurma: 50 puan"
    assert click(street).json["message"] == "Dünyaya duyurma: 50 puan"


@pytest.mark.parametrize(
    ("locale", "title", "sentence"),
    [
        ("en", "Visit", "5 points for your visit"),
        ("bg", "Посещение", "5 точки за вашето посещение"),
        ("tr", "Ziyaret", "Ziyaretiniz için 5 puan"),
    ],
)
def test_the_history_says_what_it_was_for(street, locale, title, sentence):
    click(street, "visit")
    street.locale = locale
    entry = street.get("history").json["entries"][0]
    assert (entry["reason"], entry["title"], entry["sentence"]) == ("action", title, sentence)


def test_a_shared_limit_gives_the_last_action_what_is_left(street, tools, shop, clock):
    actions = [{"id": "visit", "kind": "visit", "proof": "honour", "points": 40, "limits": DAILY}]
    groups = [{"id": "all", "limits": [{"per": "year", "points": 100}]}]
    publish_actions(tools, shop, actions, at=clock.now, action_groups=groups)
    given = []
    for day in range(4):
        answer = click(street, "visit", f"wish-{day:04}")
        given.append(answer.json["points"] if answer.status_code == 200 else answer.json["error"]["code"])
        clock.advance(days=1)
    assert given == [40, 40, 20, "limit_reached"]
    assert balance_of(tools, shop).available == 100
    clock.now = clock.now.replace(year=2027, month=1, day=2)
    assert click(street, "visit", "wish-0009").json["points"] == 40


def test_why_points_were_given_stands_in_the_books(street, tools, shop):
    click(street, "visit")
    with tools.reading() as session:
        view = shown(member_view(session, get_shop(session, shop.shop_id), 7001, tools.clock()))
    told = next(one for one in view["postings"] if one["reason"] == "action")
    assert told["reference"].startswith(f"action:visit:{member_of(tools, shop).member_id}:")
    assert told["explanation"]["rule_id"] == "visit"
    assert told["explanation"]["limits"] == [{"per": "day", "times": 1, "times_left": 0}]
    assert [(one["action_id"], one["points"], one["source"]) for one in view["actions"]] == [("visit", 5, "proxy")]


def test_who_clicks_all_the_time_is_asked_to_wait(street, clock):
    answers = [click(street, "visit", f"wish-{number:04}").status_code for number in range(12)]
    assert 429 in answers
    clock.now += timedelta(minutes=1)
    assert click(street, "visit", "wish-9999").status_code == 422


def profile_of(tools, shop):
    with tools.reading() as session:
        return get_profile(session, shop.programme_id, member_of(tools, shop).member_id)


def test_caps_of_the_whole_programme_cut_actions_too(street, tools, shop, clock):
    """What the action's own limits leave is told of what was really given."""
    limits = [{"per": "day", "times": 1}, {"per": "year", "points": 100}]
    actions = [{"id": "visit", "kind": "visit", "proof": "honour", "points": 40, "limits": limits}]
    cap = {"id": "all", "per": "programme", "period": "month", "points": 60}
    publish_actions(tools, shop, actions, at=clock.now, caps=[cap])
    given = []
    for day in range(3):
        answer = click(street, "visit", f"wish-{day:04}")
        given.append(answer.json["points"] if answer.status_code == 200 else answer.json["error"]["code"])
        clock.advance(days=1)
    assert given == [40, 20, "cap_reached"]
    assert balance_of(tools, shop).available == 60
    with tools.reading() as session:
        view = shown(member_view(session, get_shop(session, shop.shop_id), 7001, tools.clock()))
    last = next(one["explanation"] for one in view["postings"] if one["reason"] == "action")
    assert last["limits"][1] == {"per": "year", "points": 100, "points_left": 40}
    assert last["caps"]


def test_whoever_asks_is_handed_what_they_told_and_what_it_gave(street, tools, shop, clock):
    click(street, "birthday", month=5, day=1)
    click(street, "visit", "wish-0002")
    asked = DataRequest(shop.programme_id, shop.shop_id, clock.now, 91, 7001, ())
    with tools.writing() as session:
        note_request(session, asked, clock.now)
    (key,) = due_requests(tools, clock.now, 10)
    settle_request(tools, key, clock.now)
    with tools.reading() as session:
        (answer,) = session.scalars(select(compliance_request.c.answer))
    assert (answer["profile"]["birthday_month"], answer["profile"]["birthday_day"]) == (5, 1)
    assert [(one["action_id"], one["points"]) for one in answer["actions"]] == [("visit", 5)]

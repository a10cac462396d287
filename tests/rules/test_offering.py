"""Who may have a reward, when and how often: every edge, by the clocks of the programme and of the member."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from plugin.errors import BadInput
from plugin.rules import Given, default_document, dump_document, parse_document
from plugin.rules.linting import Bounds, lint
from plugin.rules.offering import Birthday, Locked, Taker, locked

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SOFIA = "Europe/Sofia"
TAKER = Taker(AT, SOFIA)
TIERS = {
    "levels": [
        {"id": "basic", "title": {"en": "Basic"}},
        {"id": "gold", "title": {"en": "Gold"}, "entry": {"kind": "spend", "at_least": "500"}},
    ]
}
PAID = {
    "id": "club",
    "title": {"en": "Club"},
    "offers": [{"id": "year", "goods": {"skus": ["CLUB"]}, "length": {"unit": "years", "count": 1}}],
    "multiplier": "2",
}
LOYAL = {"id": "loyal", "kind": "members", "title": {"en": "Loyal"}, "facts": {"orders_min": 3}}


def document(reward: dict[str, Any], **more: Any):
    data = dump_document(default_document())
    data["rewards"][0] |= reward
    return parse_document(data | {"tiers": TIERS, "memberships": [PAID], "segments": [LOYAL], **more})


def answer(reward: dict[str, Any], taker: Taker = TAKER, **more: Any) -> Locked | None:
    found = document(reward, **more)
    return locked(found, found.rewards[0], taker)


@pytest.mark.parametrize(
    ("when", "has", "has_not"),
    [
        ({"tiers": ["gold"]}, {"tier": "gold"}, {"tier": "basic"}),
        ({"segments": ["loyal"]}, {"segments": frozenset({"loyal"})}, {"segments": frozenset()}),
        ({"memberships": ["club"]}, {"memberships": frozenset({"club"})}, {"tier": "gold"}),
    ],
)
def test_a_reward_is_for_those_it_names_alone(when, has, has_not):
    assert answer({"when": when}, replace(TAKER, **has)) is None
    assert answer({"when": when}, replace(TAKER, **has_not)) == Locked("reward_not_yours")
    assert answer({"when": when}) == Locked("reward_not_yours")


def test_all_that_is_asked_must_be_true():
    both = {"tiers": ["gold"], "memberships": ["club"]}
    gold = replace(TAKER, tier="gold")
    assert answer({"when": both}, gold) == Locked("reward_not_yours")
    assert answer({"when": both}, replace(gold, memberships=frozenset({"club"}))) is None


@pytest.mark.parametrize(
    ("at", "is_open", "opens_on"),
    [
        ("2026-06-14T20:59:59+00:00", False, date(2026, 6, 15)),  # 23:59:59 in Sofia
        ("2026-06-14T21:00:00+00:00", True, None),
        ("2026-07-15T20:59:59+00:00", True, None),
        ("2026-07-15T21:00:00+00:00", False, date(2026, 12, 20)),
        ("2026-12-31T12:00:00+00:00", True, None),
        ("2027-01-05T12:00:00+00:00", True, None),
        ("2027-01-06T12:00:00+00:00", False, date(2027, 6, 15)),
    ],
)
def test_spans_of_the_year_open_and_shut_at_midnight_and_go_past_the_new_year(at, is_open, opens_on):
    spans = [{"first": "06-15", "last": "07-15"}, {"first": "12-20", "last": "01-05"}]
    taker = replace(TAKER, at=datetime.fromisoformat(at))
    assert answer({"available": {"each_year": spans}}, taker) == (
        None if is_open else Locked("reward_not_now", opens_on)
    )


def test_the_last_day_of_february_stands_in_for_the_29th():
    spans = [{"first": "02-29", "last": "02-29"}]
    assert answer({"available": {"each_year": spans}}, replace(TAKER, at=datetime(2027, 2, 28, 9, tzinfo=UTC))) is None
    assert answer(
        {"available": {"each_year": spans}}, replace(TAKER, at=datetime(2028, 2, 28, 9, tzinfo=UTC))
    ) == Locked("reward_not_now", date(2028, 2, 29))


@pytest.mark.parametrize(
    ("available", "told"),
    [
        ({"starts": "2026-11-28"}, Locked("reward_not_now", date(2026, 11, 28))),
        ({"starts": "2026-11-27"}, None),
        ({"ends": "2026-11-26"}, Locked("reward_not_now")),
        ({"weekdays": ["tuesday", "thursday"]}, Locked("reward_not_now")),
        ({"weekdays": ["friday"]}, None),
        ({"hours": [{"begins": "14:00", "ends": "14:01"}]}, None),
        ({"hours": [{"begins": "14:01", "ends": "15:00"}]}, Locked("reward_not_now")),
    ],
)
def test_dates_weekdays_and_hours_are_those_of_the_programmes_clock(available, told):
    assert answer({"available": available}) == told


BORN = Birthday(12, 31, datetime(2026, 1, 1, tzinfo=UTC), "America/New_York")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-12-29T04:59:59+00:00", False),  # still the 28th in New York
        ("2026-12-29T05:00:00+00:00", True),
        ("2027-01-06T04:59:59+00:00", True),  # the fifth day after it
        ("2027-01-06T05:00:00+00:00", False),
    ],
)
def test_days_around_a_birthday_are_counted_where_the_member_is(at, is_open):
    around = {"available": {"birthday": {"days_before": 2, "days_after": 5}}}
    told = answer(around, replace(TAKER, at=datetime.fromisoformat(at), birthday=BORN))
    assert (told is None) == is_open
    assert told is None or told.why == "reward_birthday"


def test_a_birthday_has_to_be_known_and_for_long_enough():
    around = {"available": {"birthday": {"known_days": 30}}}
    on_the_day = replace(TAKER, at=datetime(2026, 12, 31, 12, tzinfo=UTC))
    assert answer(around, on_the_day) == Locked("reward_birthday_unknown")
    late = replace(BORN, known_since=datetime(2026, 12, 2, tzinfo=UTC))
    assert answer(around, replace(on_the_day, birthday=late)) == Locked("reward_birthday", date(2027, 12, 31))
    assert answer(around, replace(on_the_day, birthday=BORN)) is None


def had(day: str, points: int = 500, reward: str = "five_off") -> Given:
    return Given(reward, points, datetime.fromisoformat(f"{day}T12:00+00:00"))


def test_a_limit_counts_the_calendars_month_and_says_when_the_next_begins():
    monthly = {"points": 0, "limits": [{"per": "month", "times": 1}]}
    assert answer(monthly, replace(TAKER, taken=[had("2026-10-31")])) is None
    assert answer(monthly, replace(TAKER, taken=[had("2026-11-01")])) == Locked("reward_limit", date(2026, 12, 1))
    assert answer(monthly, replace(TAKER, taken=[had("2026-11-01", reward="other")])) is None


def test_a_limit_of_points_leaves_no_room_for_what_costs_more():
    yearly = {"limits": [{"per": "year", "points": 1500}]}
    assert answer(yearly, replace(TAKER, taken=[had("2026-02-01"), had("2026-03-01")])) is None
    spent = replace(TAKER, taken=[had("2026-02-01"), had("2026-03-01"), had("2026-04-01", 1)])
    assert answer(yearly, spent) == Locked("reward_limit", date(2027, 1, 1))


def test_rewards_share_a_limit():
    groups = [{"id": "window", "limits": [{"per": "days", "days": 60, "points": 1000}]}]
    taken = [had("2026-11-20", reward="ten_off"), had("2026-11-21")]
    assert answer({}, replace(TAKER, taken=taken[:1]), reward_groups=groups) is None
    assert answer({}, replace(TAKER, taken=taken), reward_groups=groups) == Locked("reward_limit")
    others = [groups[0] | {"rewards": ["ten_off"]}]
    assert answer({}, replace(TAKER, taken=taken), reward_groups=others) is None


def test_a_stock_is_everybodys_and_comes_again():
    scarce = {"stock": {"per": "week", "times": 2}}
    sold = {"five_off": [had("2026-11-22"), had("2026-11-23"), had("2026-11-26")]}
    assert answer(scarce, replace(TAKER, sold={"five_off": sold["five_off"][:2]})) is None
    assert answer(scarce, replace(TAKER, sold=sold)) == Locked("reward_sold_out", date(2026, 11, 30))


@pytest.mark.parametrize(
    ("reward", "path"),
    [
        ({"points": 0}, "rewards[0].limits"),
        ({"points": 0, "limits": [{"per": "year", "points": 5}]}, "rewards[0].limits"),
        ({"limits": [{"per": "year"}]}, "rewards[0].limits[0]"),
        ({"stock": {"per": "week", "points": 5}}, "rewards[0].stock.times"),
        ({"stock": {"per": "days", "times": 5}}, "rewards[0].stock.days"),
        ({"when": {}}, "rewards[0].when"),
        ({"when": {"tiers": ["platinum"]}}, "rewards[0].when.tiers[0]"),
        ({"when": {"memberships": ["platinum"]}}, "rewards[0].when.memberships[0]"),
        ({"available": {"starts": "2026-02-02", "ends": "2026-02-01"}}, "rewards[0].available"),
        (
            {"available": {"each_year": [{"first": "02-30", "last": "03-01"}]}},
            "rewards[0].available.each_year[0].first",
        ),
        ({"items": {}}, "rewards[0].items"),
        ({"items": {"products": [1], "collections": [2]}}, "rewards[0].items"),
        ({"combines_with": ["everything"]}, "rewards[0].combines_with[0]"),
    ],
)
def test_a_fault_of_a_reward_is_told_with_its_place(reward, path):
    with pytest.raises(BadInput) as fault:
        document(reward)
    assert fault.value.path == path


def test_free_delivery_goes_with_anything_but_free_delivery():
    """Shopify knows no such combination: the code would be refused whenever somebody wants it."""
    delivery = {"kind": "free_shipping", "id": "delivery", "points": 100, "combines_with": ["order", "product"]}
    assert document({}, rewards=[delivery]).rewards[0].combines_with == ("order", "product")
    with pytest.raises(BadInput) as fault:
        document({}, rewards=[delivery | {"combines_with": ["order", "shipping"]}])
    assert fault.value.path == "rewards[0].combines_with[1]"


def test_a_group_names_rewards_that_are_there():
    groups = [{"id": "window", "rewards": ["lottery"], "limits": [{"per": "year", "points": 5}]}]
    with pytest.raises(BadInput) as fault:
        document({}, reward_groups=groups)
    assert fault.value.path == "reward_groups[0].rewards[0]"


def test_what_nobody_can_have_is_a_likely_mistake():
    over = {"available": {"ends": "2026-11-26"}, "limits": [{"per": "year", "points": 499}]}
    words = {one.word: one.path for one in lint(document(over), Bounds(today="2026-11-27"))}
    assert words["reward_is_over"] == "rewards[0].available.ends"
    assert words["reward_above_limit"] == "rewards[0].points"
    fine = {"available": {"ends": "2026-11-27"}, "limits": [{"per": "year", "points": 500}]}
    found = {one.word for one in lint(document(fine), Bounds(today="2026-11-27"))}
    assert not found & {"reward_is_over", "reward_above_limit"}

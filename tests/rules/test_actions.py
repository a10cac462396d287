"""Actions besides buying: what a document may say, and what doing one gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.errors import BadInput
from plugin.rules import Given, decide, default_document, dump_document, parse_document
from plugin.rules.schema_actions import SOURCES, Kind
from plugin.rules.yearly import began_at, begun_lately, in_year, is_known_long_enough, next_day

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOFIA = "Europe/Sofia"
VISIT = {"id": "visit", "kind": "visit", "proof": "honour", "points": 5, "limits": [{"per": "day", "times": 1}]}


def document(*actions, groups=()):
    """The default programme with these actions."""
    return parse_document(dump_document(default_document()) | {"actions": list(actions), "action_groups": list(groups)})


def fault_of(*actions, groups=()) -> str:
    with pytest.raises(BadInput) as caught:
        document(*actions, groups=groups)
    return caught.value.path


def test_an_action_without_a_working_source_cannot_be_switched_on():
    review = {"id": "review", "kind": "review", "proof": "verified", "points": 10}
    assert fault_of(VISIT, review) == "actions[1].proof"
    assert not document(VISIT, review | {"is_active": False}).actions[1].is_active
    assert document(VISIT, review | {"proof": "signed"}).actions[1].source == "api"
    assert {kind for kind, _ in SOURCES} == set(get_args(Kind))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"limits": []}, "actions[0].limits"),
        ({"limits": [{"per": "day"}]}, "actions[0].limits[0]"),
        ({"limits": [{"per": "days", "times": 1}]}, "actions[0].limits[0].days"),
        ({"limits": [{"per": "day", "times": 1, "days": 3}]}, "actions[0].limits[0].days"),
        ({"limits": [{"per": "day", "times": 0}]}, "actions[0].limits[0].times"),
        ({"id": "join"}, "actions[0].id"),
        ({"id": "birthday"}, "actions[0].id"),
        ({"known_days": 10}, "actions[0].known_days"),
        ({"kind": "social_follow"}, "actions[0].url"),
        ({"url": "javascript:alert(1)"}, "actions[0].url"),
        ({"url": "http://example.com"}, "actions[0].url"),
        ({"points": 0}, "actions[0].points"),
        ({"kind": "dance"}, "actions[0].kind"),
    ],
)
def test_a_fault_is_named_by_its_path(changes, path):
    assert fault_of(VISIT | changes) == path


def test_a_group_names_actions_that_exist():
    assert fault_of(VISIT, VISIT) == "actions[1].id"
    group = {"id": "all", "actions": ["visit", "read"], "limits": [{"per": "year", "points": 100}]}
    assert fault_of(VISIT, groups=[group]) == "action_groups[0].actions[1]"
    assert fault_of(VISIT, groups=[group | {"actions": [], "limits": []}]) == "action_groups[0].limits"


def verdict(doc, at=NOON, *before, action=0, timezone=SOFIA):
    return decide(doc, doc.actions[action], at, before, timezone)


def test_a_day_is_the_programmes_own():
    doc = document(VISIT)
    last_night = datetime(2026, 11, 20, 21, 59, tzinfo=UTC)  # 23:59 in Sofia
    assert verdict(doc, NOON, Given("visit", 5, last_night)).points == 5
    refused = verdict(doc, NOON, Given("visit", 5, last_night + timedelta(minutes=1)))
    assert (refused.points, refused.why) == (0, "limit_reached")
    assert refused.again_at == datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("per", "inside", "outside"),
    [
        ("week", "2026-11-16T00:00", "2026-11-15T23:59"),
        ("month", "2026-11-01T00:00", "2026-10-31T23:59"),
        ("year", "2026-01-01T00:00", "2025-12-31T23:59"),
    ],
)
def test_weeks_months_and_years_are_the_calendars(per, inside, outside):
    doc = document(VISIT | {"limits": [{"per": per, "times": 1}]})
    at = {
        name: datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SOFIA))
        for name, text in (("in", inside), ("out", outside))
    }
    assert verdict(doc, NOON, Given("visit", 5, at["in"])).points == 0
    assert verdict(doc, NOON, Given("visit", 5, at["out"])).points == 5


def test_a_floating_stretch_looks_both_ways():
    doc = document(VISIT | {"limits": [{"per": "days", "days": 10, "times": 1}]})
    for away, points in ((9.9, 0), (-9.9, 0), (10, 5), (-10, 5)):
        assert verdict(doc, NOON, Given("visit", 5, NOON + timedelta(days=away))).points == points, away


def test_a_shared_limit_gives_what_is_left_of_it():
    """All actions together 100 a year: the last one gives less, the next one nothing."""
    bag = {"id": "bag", "kind": "custom", "proof": "signed", "points": 30}
    group = {"id": "all", "limits": [{"per": "year", "points": 100}]}
    doc = document(VISIT, bag, groups=[group])
    before = [Given("visit", 5, NOON - timedelta(days=days)) for days in range(1, 17)]
    last = verdict(doc, NOON, *before, action=1)
    assert last.points == 20
    assert last.limits == ({"per": "year", "group": "all", "points": 100, "points_left": 0},)
    assert verdict(doc, NOON, *before, Given("bag", 20, NOON), action=1).why == "limit_reached"
    assert verdict(doc, datetime(2027, 1, 2, tzinfo=UTC), *before, action=1).points == 30


LIMITS = st.builds(
    lambda per, days, times, points: {
        "per": per,
        **({"days": days} if per == "days" else {}),
        **({"times": times} if times or not points else {"points": points}),
        **({"points": points} if points else {}),
    },
    st.sampled_from(["day", "week", "month", "year", "life", "days"]),
    st.integers(1, 40),
    st.integers(1, 4),
    st.one_of(st.none(), st.integers(1, 60)),
)


@settings(max_examples=150, deadline=None)
@given(
    own=st.lists(LIMITS, min_size=1, max_size=3),
    shared=st.lists(LIMITS, min_size=1, max_size=2),
    deeds=st.lists(st.tuples(st.integers(0, 400 * 24), st.booleans()), min_size=1, max_size=40),
    zone=st.sampled_from([SOFIA, "America/Sao_Paulo", "Pacific/Apia", "UTC"]),
)
def test_no_limit_is_ever_exceeded_whatever_order_things_are_told_in(own, shared, deeds, zone):
    """Checked by counting anew, at every moment at which something was given, in the calendar of the place."""
    photo = {"id": "photo", "kind": "photo", "proof": "signed", "points": 7}
    doc = document(VISIT | {"limits": own}, photo, groups=[{"id": "all", "limits": shared}])
    told: list[Given] = []
    for hours, is_visit in deeds:
        at, action = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours), doc.actions[0 if is_visit else 1]
        found = decide(doc, action, at, told, zone)
        assert 0 <= found.points <= action.points
        assert (found.why is None) == (found.points > 0)
        if found.points:
            told.append(Given(action.id, found.points, at))
    for one in told:
        for limit, ids in [(each, {"visit"}) for each in own] + [(each, {"visit", "photo"}) for each in shared]:
            if one.action_id in ids:
                same = [other for other in told if other.action_id in ids and _is_same(limit, one.at, other.at, zone)]
                assert len(same) <= limit.get("times", 10**9)
                assert sum(other.points for other in same) <= limit.get("points", 10**9)


def _is_same(limit, a: datetime, b: datetime, zone: str) -> bool:
    if limit["per"] == "days":
        return timedelta(0) <= b - a < timedelta(days=limit["days"])
    here, there = a.astimezone(ZoneInfo(zone)), b.astimezone(ZoneInfo(zone))
    names = {
        "day": lambda at: at.date(),
        "week": lambda at: at.isocalendar()[:2],
        "month": lambda at: (at.year, at.month),
        "year": lambda at: at.year,
        "life": lambda _: 0,
    }
    return names[limit["per"]](here) == names[limit["per"]](there)


def test_a_leap_day_is_the_last_of_february_in_other_years():
    assert [in_year(year, 2, 29) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
    eve = datetime(2027, 2, 27, 12, tzinfo=UTC)
    assert begun_lately(eve, 2, 29, "UTC") is None
    found = begun_lately(eve + timedelta(days=1), 2, 29, "UTC")
    assert found is not None
    assert found.day == date(2027, 2, 28)
    assert next_day(NOON, 2, 29, "UTC") == date(2027, 2, 28)


def test_a_yearly_day_begins_where_the_person_is_and_is_made_good_for_a_week():
    at = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert begun_lately(at, 11, 21, "Pacific/Auckland").began_at == at
    assert begun_lately(at - timedelta(seconds=1), 11, 21, "Pacific/Auckland") is None
    assert begun_lately(at, 11, 21, "America/Los_Angeles") is None
    assert begun_lately(at + timedelta(days=7), 11, 21, "Pacific/Auckland")
    assert begun_lately(at + timedelta(days=8), 11, 21, "Pacific/Auckland") is None
    assert begun_lately(datetime(2027, 1, 3, tzinfo=UTC), 12, 30, "UTC").day == date(2026, 12, 30)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_jump():
    """In Santiago the clocks of 2026-09-06 go from midnight straight to one."""
    assert began_at(date(2026, 9, 6), "America/Santiago") == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)


def test_a_birthday_must_have_been_known_before():
    began = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_known_long_enough(began - timedelta(days=30), began, 30)
    assert not is_known_long_enough(began - timedelta(days=29, hours=23), began, 30)

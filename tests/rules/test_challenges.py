"""Challenges: completed once in a period, in the instant in which the target is reached; streaks of periods in a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import BadInput
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.challenges import Deed, Span, completions, period_bounds, progress
from plugin.rules.schema_challenges import Challenge

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SOFIA = "Europe/Sofia"
ALL = Span()


def challenge(kind: str = "orders", at_least: Any = 2, **more: Any) -> Challenge:
    target = {"kind": kind, "at_least": at_least} | more.pop("target", {})
    return Challenge.model_validate({"id": "c", "title": {"en": "C"}, "target": target} | more)


def deeds(*days: str, amount: int = 1) -> list[Deed]:
    return [Deed(datetime.fromisoformat(f"{one}T12:00:00+00:00"), amount) for one in days]


def done(one: Challenge, some: list[Deed], span: Span = ALL, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(found.period, found.at.date().isoformat()) for found in completions(one, some, span, SOFIA, now)]


@pytest.mark.parametrize(
    ("made", "days", "found"),
    [
        (challenge(), ["2026-01-01"], []),
        (challenge(), ["2026-01-01", "2026-05-01", "2026-06-01"], [("ever", "2026-05-01")]),
        (challenge(period="month"), ["2026-01-31", "2026-02-01"], []),
        (challenge(period="month"), ["2026-02-01", "2026-02-28", "2026-03-01", "2026-03-02"], [("2026-02", "2026-02-28"), ("2026-03", "2026-03-02")]),
        (challenge(period="year"), ["2025-12-30", "2026-01-02", "2026-12-31"], []),
        (challenge(period="week"), ["2026-11-15", "2026-11-16"], []),  # Sunday and Monday
        (challenge(period="week"), ["2025-12-29", "2026-01-04"], [("2026-W01", "2026-01-04")]),
        (challenge(at_least=1, period="month", streak=3), ["2026-01-05", "2026-02-05"], []),
        (challenge(at_least=1, period="month", streak=3), ["2025-12-05", "2026-01-05", "2026-02-05"], [("2026-02", "2026-02-05")]),
        (challenge(at_least=1, period="month", streak=2), ["2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"], [("2026-02", "2026-02-05"), ("2026-04", "2026-04-05")]),
        (challenge(at_least=1, period="month", streak=2), ["2026-01-05", "2026-03-05"], []),
        (challenge(at_least=1, period="week", streak=2), ["2025-12-28", "2025-12-29"], [("2026-W01", "2025-12-29")]),
    ],
)  # fmt: skip
def test_each_period_is_completed_once(made, days, found):
    assert done(made, deeds(*days)) == found


def test_the_place_decides_the_month():
    late = [Deed(datetime(2026, 1, 31, 22, 30, tzinfo=UTC)), Deed(datetime(2026, 2, 5, tzinfo=UTC))]
    made = challenge(period="month")
    assert [one.period for one in completions(made, late, ALL, SOFIA, NOW)] == ["2026-02"]
    assert completions(made, late, ALL, "UTC", NOW) == ()


def test_money_is_added_up_exactly_and_products_must_differ():
    spent = deeds("2026-01-01", "2026-01-02", "2026-01-03", amount=33_333_333)
    assert done(challenge("spend", "100"), spent) == []
    assert done(challenge("spend", "99.999999"), spent) == [("ever", "2026-01-03")]
    same = [Deed(NOW - timedelta(days=day), thing=thing) for day, thing in ((3, 301), (2, 301), (1, 302))]
    assert done(challenge("products", 2), same) == [("ever", "2026-11-20")]


def test_only_what_lies_in_the_span_counts():
    span = Span(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert done(challenge(), deeds("2026-01-31", "2026-02-01", "2026-03-01"), span) == []
    assert done(challenge(), deeds("2026-02-01", "2026-02-28"), span) == [("ever", "2026-02-28")]


def test_progress_is_told_in_numbers():
    told = progress(
        challenge(at_least=3, period="month"), deeds("2026-10-01", "2026-11-01", "2026-11-02"), ALL, SOFIA, NOW
    )
    assert told == {"kind": "orders", "period": "2026-11", "have": "2", "need": "3", "missing": "1", "share": 0.6667}
    streak = challenge(at_least=1, period="month", streak=3)
    assert progress(streak, deeds("2026-09-01", "2026-10-01"), ALL, SOFIA, NOW)["streak"] == {"have": 2, "need": 3}
    assert progress(streak, deeds("2026-08-01", "2026-09-01"), ALL, SOFIA, NOW)["streak"] == {"have": 0, "need": 3}
    assert progress(streak, deeds("2026-09-01", "2026-10-01", "2026-11-01"), ALL, SOFIA, NOW)["streak"]["have"] == 3


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [("month", "2026-10-31T22:00", "2026-11-30T22:00"), ("week", "2026-11-15T22:00", "2026-11-22T22:00"), ("year", "2025-12-31T22:00", "2026-12-31T22:00")],
)  # fmt: skip
def test_periods_have_the_bounds_of_the_programmes_clock(period, start, end):
    bounds = period_bounds(challenge(period=period), NOW, SOFIA)
    assert (bounds.start, bounds.end) == tuple(datetime.fromisoformat(f"{one}:00+00:00") for one in (start, end))


DONE = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 5)), max_size=25)
MADE = st.builds(
    lambda need, period, streak: challenge(at_least=need, period=period, streak=None if period == "ever" else streak),
    st.integers(1, 6),
    st.sampled_from(["ever", "year", "month", "week"]),
    st.sampled_from([None, 2, 3]),
)


def _deeds(told: list[tuple[int, int]]) -> list[Deed]:
    return [Deed(NOW - timedelta(days=days), amount) for days, amount in told]


@given(MADE, DONE)
def test_nothing_is_completed_twice_in_a_period(made, told):
    periods = [one.period for one in completions(made, _deeds(told), ALL, SOFIA, NOW)]
    assert len(periods) == len(set(periods))


@given(MADE, DONE, st.tuples(st.integers(0, 900), st.integers(1, 5)))
def test_one_more_order_never_lessens_what_is_completed_or_the_progress(made, told, more):
    before, after = _deeds(told), _deeds([*told, more])
    assert len(completions(made, after, ALL, SOFIA, NOW)) >= len(completions(made, before, ALL, SOFIA, NOW))
    shares = [progress(made, some, ALL, SOFIA, NOW)["share"] for some in (before, after)]
    assert shares[1] >= shares[0]


@given(MADE, DONE, st.randoms())
def test_the_order_in_which_deeds_are_told_does_not_matter(made, told, random):
    shuffled = random.sample(told, len(told))
    assert completions(made, _deeds(shuffled), ALL, SOFIA, NOW) == completions(made, _deeds(told), ALL, SOFIA, NOW)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"target": {"kind": "orders", "at_least": "1.5"}}, "challenges[0].target"),
        ({"target": {"kind": "actions", "at_least": 1, "action": "dance"}}, "challenges[0].target.action"),
        ({"target": {"kind": "orders", "at_least": 1}, "streak": 2}, "challenges[0]"),
        ({"target": {"kind": "products", "at_least": 1}, "together": True}, "challenges[0]"),
        ({"target": {"kind": "orders", "at_least": 1}, "starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "challenges[0]"),
    ],
)  # fmt: skip
def test_faults_name_their_place(wrong, path):
    data = dump_document(default_document()) | {"challenges": [{"id": "c", "title": {"en": "C"}, **wrong}]}
    with pytest.raises(BadInput) as refusal:
        parse_document(data)
    assert refusal.value.path == path

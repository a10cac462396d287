"""A member's state under a document, order by order: the same as telling the whole past anew before each order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.facts import CapLeft, Context, SpendBefore
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.evaluate import Weighed
from plugin.rules.measuring import Fact, Past
from plugin.rules.simulating import Asks, Course
from plugin.rules.tiers import Start, told_holdings

BEGAN = datetime(2025, 3, 1, 12, tzinfo=UTC)
ZONE = "Europe/Sofia"
MICROS = 10**6


def level(name: str, at_least: str | None) -> dict[str, Any]:
    entry = at_least and {"kind": "spend", "at_least": at_least}
    return {"id": name, "title": {"en": name}, "entry": entry}


def document(**more: Any) -> Any:
    return parse_document(dump_document(default_document()) | more)


def course(by: Any) -> Course:
    return Course(by, Asks.of(by), ZONE, {})


def given_points(points: int, *charges: tuple[str, int], spend: int = 0) -> Weighed:
    return Weighed(points, charges=charges, eligible_spend=Fraction(spend))


tiers = st.builds(
    lambda window, validity, grace, downgrade: {
        "levels": [level("bronze", None), level("silver", "100"), level("gold", "300")],
        "window": window,
        "validity": validity,
        "grace_days": grace,
        "downgrade": downgrade,
    },
    st.sampled_from([{"kind": "lifetime"}, {"kind": "calendar_year"}, {"kind": "rolling_days", "days": 60}]),
    st.sampled_from([{"kind": "year_end"}, {"kind": "months", "months": 2}, {"kind": "for_ever"}]),
    st.sampled_from([0, 20]),
    st.sampled_from(["one_step", "to_earned", "never"]),
)
orders = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 200)), min_size=1, max_size=25).map(sorted)


@settings(deadline=None, max_examples=120)
@given(tiers, orders)
def test_tiers_are_those_that_the_whole_past_told_at_once_makes(made: Any, placed: list[tuple[int, int]]):
    by = document(tiers=made)
    told, facts = course(by), []
    first = BEGAN + timedelta(days=placed[0][0])
    for day, spend in placed:
        at = BEGAN + timedelta(days=day)
        context, _ = told.context_of(Context(1), at)
        past = Past.of([one for one in facts if one.at < at], first, ZONE)
        assert context.tier == told_holdings(by.tiers, past, Start(first), at)[-1].tier
        told.note(at, given_points(spend, spend=spend))
        facts.append(Fact(at, spend * MICROS, spend, orders=1))


def test_a_move_is_told_once_with_its_instant():
    told = course(document(tiers={"levels": [level("bronze", None), level("silver", "100")]}))
    told.context_of(Context(1), BEGAN)
    told.note(BEGAN, given_points(150, spend=150))
    _, moves = told.context_of(Context(1), BEGAN + timedelta(days=3))
    assert moves == [(BEGAN, "bronze", "silver")]
    assert told.move_on(BEGAN + timedelta(days=9)) == []


def test_a_cap_has_left_what_the_period_has_not_used():
    cap = {"id": "monthly", "per": "member", "period": "month", "points": 100}
    shared = {"id": "all", "per": "programme", "period": "year", "points": 500}
    told = course(document(caps=[cap, shared]))
    assert told.context_of(Context(1), BEGAN)[0].caps_left == (CapLeft("monthly", 100),)
    told.note(BEGAN, given_points(70, ("monthly", 70), ("all", 70)))
    assert told.context_of(Context(1), BEGAN + timedelta(days=9))[0].caps_left == (CapLeft("monthly", 30),)
    assert told.context_of(Context(1), BEGAN + timedelta(days=40))[0].caps_left == (CapLeft("monthly", 100),)
    assert told.uses["all", "2025"] == 70


def test_a_budget_asks_which_order_it_is_of_those_that_count():
    told = course(document(budgets=[{"id": "new", "purpose": "winning", "period": "year", "points": 9}]))
    for is_counted, number in ((False, 1), (True, 1), (True, 2)):
        assert told.context_of(Context(1), BEGAN)[0].order_number == number
        told.note(BEGAN, given_points(0), counts=is_counted)


def test_a_goal_asks_what_was_spent_before_in_its_period_and_a_campaign_the_clock():
    made = dump_document(default_document())
    goal = {"kind": "spend_goal", "id": "goal", "goal": "100", "points": 50, "period": "month"}
    made["earning"]["rules"].append(goal)
    made["campaigns"] = [{"id": "double", "effect": {"kind": "multiply", "factor": "2"}}]
    told = course(parse_document(made))
    told.note(BEGAN, given_points(70, spend=70))
    context, _ = told.context_of(Context(1), BEGAN + timedelta(days=9))
    assert (context.spend_before, context.timezone) == ((SpendBefore("goal", Decimal(70)),), ZONE)
    assert told.context_of(Context(1), BEGAN + timedelta(days=40))[0].spend_before == (SpendBefore("goal", Decimal(0)),)


def test_what_was_frozen_under_other_terms_does_not_stand():
    told = course(document(caps=[{"id": "a", "per": "member", "period": "life", "points": 10}]))
    context, _ = told.context_of(Context(1, tier="gold", memberships=("club",), caps_left=(CapLeft("a", 3),)), BEGAN)
    assert context == Context(1, memberships=("club",), caps_left=(CapLeft("a", 10),))

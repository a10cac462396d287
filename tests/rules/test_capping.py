"""Caps and budgets as arithmetic: what is left is given, what is not is told, and no limit is ever exceeded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.errors import BadInput
from plugin.facts import CapLeft, Context
from plugin.rules import dump_document, evaluate, parse_document
from plugin.rules.capping import capped_award, limits_of, period_name
from tests.rules.making import document, line, order, products, refund, spend


def with_limits(*caps, budgets=(), rules=(), **more):
    """The default programme, or these rules, under caps and budgets."""
    data = dump_document(document(*rules, **more))
    return parse_document(data | {"caps": list(caps), "budgets": list(budgets)})


def cap(cap_id="daily", points=100, **more):
    """At most so many points of one member in a day."""
    return {"id": cap_id, "per": "member", "period": "day", "points": points, **more}


def budget(budget_id, purpose, points=1000):
    return {"id": budget_id, "purpose": purpose, "period": "month", "points": points}


def left(**by_id):
    return Context(1, caps_left=tuple(CapLeft(name, points) for name, points in by_id.items()))


def given_of(evaluation):
    return evaluation.points, dict(evaluation.charges)


@pytest.mark.parametrize(
    ("price", "daily", "points"), [("45", 100, 45), ("45", 45, 45), ("45", 20, 20), ("45.99", 45, 45), ("45", 0, 0)]
)
def test_an_order_gets_what_is_left(price, daily, points):
    evaluation = evaluate(order(line(1, price)), with_limits(cap()), left(daily=daily))
    assert given_of(evaluation) == (points, {"daily": points} if points else {})


def test_a_partial_award_says_cap_asked_given_and_left():
    told = evaluate(order(line(1, "45")), with_limits(cap()), left(daily=20)).explanation
    assert told["points"] == 20
    assert told["caps"] == [{"id": "daily", "kind": "cap", "period": "day", "asked": 45, "given": 20, "left": 20}]


def test_nothing_left_is_the_reason_for_nothing():
    evaluation = evaluate(order(line(1, "45")), with_limits(cap()), left(daily=0))
    assert evaluation.why_nothing == "cap"
    assert evaluation.explanation["caps"][0]["asked"] == 45


def test_a_limit_that_holds_nothing_back_is_not_told():
    evaluation = evaluate(order(line(1, "45.99")), with_limits(cap()), left(daily=45))
    assert "caps" not in evaluation.explanation
    assert "caps" not in evaluate(order(line(1, "45")), with_limits(), Context(1)).explanation


def test_a_refund_takes_back_what_was_not_given_first():
    made = order(line(1, "45"), line(2, "10"), refunds=(refund((2, 1, "10")),), financial_status="partially_refunded")
    assert evaluate(made, with_limits(cap()), left(daily=20)).points == 20
    made = replace(made, refunds=(refund((1, 1, "45")),))
    assert evaluate(made, with_limits(cap()), left(daily=20)).points == 10


RULES = (spend("1"), products("shoes", {"skus": ["SKU-2"]}, multiplier="0.5"))


def test_a_cap_on_a_rule_leaves_the_others_alone():
    by = with_limits(cap("shoes-cap", over="named", named=["shoes"]), rules=RULES)
    evaluation = evaluate(order(line(1, "10"), line(2, "40")), by, left(**{"shoes-cap": 5}))
    assert given_of(evaluation) == (15, {"shoes-cap": 5})
    assert evaluation.explanation["caps"][0]["asked"] == 20


def test_the_narrow_and_the_wide_cap_hold_together():
    by = with_limits(cap("shoes-cap", over="named", named=["shoes"]), cap("all"), rules=RULES)
    evaluation = evaluate(order(line(1, "10"), line(2, "40")), by, left(**{"shoes-cap": 5, "all": 12}))
    assert given_of(evaluation) == (12, {"shoes-cap": 5, "all": 12})


@pytest.mark.parametrize(("number", "charged"), [(1, "win"), (2, "keep"), (None, "keep")])
def test_every_order_is_charged_to_one_budget(number, charged):
    by = with_limits(budgets=[budget("keep", "keeping"), budget("win", "winning")])
    context = replace(left(keep=1000, win=1000), order_number=number)
    assert given_of(evaluate(order(line(1, "45")), by, context)) == (45, {charged: 45})


@pytest.mark.parametrize(("names", "charged"), [({"sign_up"}, "win"), ({"review"}, "keep")])
def test_so_is_every_action(names, charged):
    by = with_limits(budgets=[budget("keep", "keeping"), budget("win", "winning")])
    one = capped_award(frozenset(names), 45, by, (CapLeft("keep", 20), CapLeft("win", 20)))
    assert (one.points, one.charges) == (20, ((charged, 20),))


def test_a_cap_on_orders_leaves_actions_alone():
    by = with_limits(cap(over="orders"))
    assert capped_award(frozenset({"review"}), 45, by, (CapLeft("daily", 0),)).points == 45


def test_points_that_rounding_by_the_line_makes_count_too():
    by = with_limits(cap(), rounding="ceil", rounding_per="line")
    made = order(line(1, "1.10"), line(2, "1.10"))
    assert evaluate(made, by, Context(1)).points == 4
    assert given_of(evaluate(made, by, left(daily=4))) == (4, {"daily": 4})
    assert given_of(evaluate(made, by, left(daily=3))) == (3, {"daily": 3})


CAMPAIGN = {
    "id": "double-week",
    "title": {"en": "Double week"},
    "starts": "2026-11-16",
    "ends": "2026-11-22",
    "effect": {"kind": "multiply", "factor": "2"},
}


def test_a_cap_on_a_campaign_counts_what_the_campaign_had_a_hand_in():
    data = dump_document(document()) | {"campaigns": [CAMPAIGN]}
    data["caps"] = [cap("double", over="named", named=["double-week"])]
    by = parse_document(data)
    context = replace(left(double=50), timezone="Europe/Sofia")
    assert given_of(evaluate(order(line(1, "45")), by, context)) == (50, {"double": 50})
    after = replace(order(line(1, "45")), placed_at=datetime(2026, 11, 25, tzinfo=UTC))
    assert given_of(evaluate(after, by, context)) == (45, {})


def test_a_switched_off_limit_does_not_hold():
    assert limits_of(with_limits(cap(is_active=False))) == ()


@pytest.mark.parametrize(
    ("at", "day", "week", "month", "year"),
    [
        ("2026-11-27T21:59", "2026-11-27", "2026-W48", "2026-11", "2026"),
        ("2026-11-27T22:00", "2026-11-28", "2026-W48", "2026-11", "2026"),
        ("2026-12-31T22:00", "2027-01-01", "2026-W53", "2027-01", "2027"),
        ("2028-02-28T22:30", "2028-02-29", "2028-W09", "2028-02", "2028"),
        ("2026-10-25T21:59", "2026-10-25", "2026-W43", "2026-10", "2026"),
        ("2026-03-29T20:59", "2026-03-29", "2026-W13", "2026-03", "2026"),
        ("2026-03-29T21:00", "2026-03-30", "2026-W14", "2026-03", "2026"),
    ],
)
def test_periods_follow_the_clocks_of_the_programme(at, day, week, month, year):
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    named = {
        period: period_name(instant, period, "Europe/Sofia") for period in ("day", "week", "month", "year", "life")
    }
    assert named == {"day": day, "week": week, "month": month, "year": year, "life": "life"}


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        ({"caps": [cap(), cap()]}, "caps[1].id"),
        ({"caps": [cap()], "budgets": [budget("daily", "keeping")]}, "budgets[0].id"),
        ({"caps": [cap(over="named", named=["nobody"])]}, "caps[0].named[0]"),
        ({"caps": [cap(over="named")]}, "caps[0]"),
        ({"caps": [cap(named=["spend"])]}, "caps[0]"),
        ({"caps": [cap(points=0)]}, "caps[0].points"),
        ({"budgets": [budget("b", "both")]}, "budgets[0].purpose"),
    ],
)
def test_a_faulty_limit_is_named_by_its_path(limits, path):
    with pytest.raises(BadInput) as caught:
        parse_document(dump_document(document()) | limits)
    assert caught.value.path == path


amounts = st.integers(0, 10_000).map(lambda cents: f"{cents / 100:.2f}")


@settings(deadline=None, max_examples=200)
@given(
    st.lists(amounts, min_size=2, max_size=2),
    amounts,
    st.tuples(*(st.integers(0, 120) for _ in range(3))),
    st.sampled_from(["floor", "half_up", "ceil"]),
    st.sampled_from(["order", "line"]),
)
def test_no_limit_is_exceeded_and_more_spend_never_gives_less(prices, more, room, rounding, per):
    """One limit inside the other: then what one holds back never lets the other hold back more."""
    by = with_limits(
        cap("shoes-cap", over="named", named=["shoes"]),
        cap("all"),
        budgets=[budget("keep", "keeping")],
        rules=RULES,
        rounding=rounding,
        rounding_per=per,
    )
    context = left(**dict(zip(("shoes-cap", "all", "keep"), room, strict=True)))
    made = order(line(1, prices[0]), line(2, prices[1]))
    evaluation = evaluate(made, by, context)
    assert all(points <= one for points, one in zip(_charges(evaluation), room, strict=True))
    assert evaluation.points <= min(room[1:])
    assert evaluation.points <= evaluate(made, by, Context(1)).points
    dearer = replace(made, lines=(*made.lines, line(3, more)))
    assert evaluate(dearer, by, context).points >= evaluation.points


@settings(deadline=None, max_examples=100)
@given(amounts, st.integers(0, 120), st.integers(0, 120), st.sampled_from(["floor", "half_up", "ceil"]))
def test_counting_in_whole_numbers_comes_to_the_same(price, daily, keep, rounding):
    """A cap on one rule that holds nothing back has shares counted singly."""
    limits = {"budgets": [budget("keep", "keeping")], "rounding": rounding}
    whole, singly = (with_limits(cap(), *more, **limits) for more in ((), [cap("rule", over="named", named=["spend"])]))
    context = left(daily=daily, keep=keep)
    one, other = (evaluate(order(line(1, price)), by, context) for by in (whole, singly))
    assert (one.points, one.explanation) == (other.points, other.explanation)
    assert set(one.charges) == {charge for charge in other.charges if charge[0] != "rule"}


def _charges(evaluation):
    charges = dict(evaluation.charges)
    return [charges.get(name, 0) for name in ("shoes-cap", "all", "keep")]

"""Whether a referral is rewarded, looked at or refused: each fact alone, all together, and what the document may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import BadInput
from plugin.rules import parse_document
from plugin.rules.referral_checks import (
    ReferralFacts,
    Verdict,
    changed_at,
    check_referral,
    order_standing,
    referral_state,
)
from plugin.rules.referral_identity import canonical_address, canonical_email
from plugin.rules.schema_referral import Referral
from tests.factories import cancelled, line_returned, paid_order, refunded
from tests.journeys.referral_stage import TERMS, referring

CLEAN = ReferralFacts(is_same_email=False, is_same_address=False, is_shared_address=False)


def terms(**changes: Any) -> Referral:
    return Referral.model_validate(TERMS | changes)


def test_where_nothing_is_odd_and_all_was_checked_it_is_rewarded():
    assert check_referral(terms(), CLEAN) == Verdict("ok")


@pytest.mark.parametrize(
    ("fact", "result", "reason"),
    [
        ({"is_same_person": True}, "blocked", "same_person"),
        ({"is_same_email": True}, "blocked", "same_email"),
        ({"has_referrer_joined": False}, "blocked", "referrer_gone"),
        ({"earlier_orders": 1}, "blocked", "not_first_order"),
        ({"is_same_address": True}, "review", "same_address"),
        ({"is_shared_address": True}, "review", "shared_address"),
        ({"claims_last_hour": 10}, "review", "many_in_an_hour"),
        ({"claims_last_day": 30}, "review", "many_in_a_day"),
    ],
)
def test_each_odd_fact_alone_decides_and_is_named(fact, result, reason):
    assert check_referral(terms(), replace(CLEAN, **fact)) == Verdict(result, (reason,))


@pytest.mark.parametrize(
    ("limits", "fact", "reason"),
    [
        ({"per_day": 2}, {"rewarded_that_day": 2}, "limit_day"),
        ({"per_month": 5}, {"rewarded_that_month": 5}, "limit_month"),
        ({"per_life": 9}, {"rewarded_ever": 9}, "limit_life"),
    ],
)
def test_a_limit_is_reached_by_the_one_after_it(limits, fact, reason):
    assert check_referral(terms(limits=limits), replace(CLEAN, **fact)) == Verdict("blocked", (reason,))
    one_less = {name: count - 1 for name, count in fact.items()}
    assert check_referral(terms(limits=limits), replace(CLEAN, **one_less)).result == "ok"


def test_the_strictest_finding_decides_and_only_its_kind_is_named():
    odd = replace(CLEAN, is_same_address=True, is_same_email=True, claims_last_hour=99)
    assert check_referral(terms(), odd) == Verdict("blocked", ("same_email",))


def test_what_shopify_withheld_is_said_and_never_read_as_different():
    assert check_referral(terms(), ReferralFacts()) == Verdict("ok", (), ("email", "address"))


@pytest.mark.parametrize(("strictness", "result"), [("ignore", "ok"), ("review", "review"), ("block", "blocked")])
def test_the_merchant_says_how_much_an_address_weighs(strictness, result):
    odd = replace(CLEAN, is_same_address=True)
    assert check_referral(terms(review={"same_address": strictness}), odd).result == result


def test_who_ordered_before_counts_where_the_merchant_lets_them():
    again = replace(CLEAN, earlier_orders=3)
    assert check_referral(terms(must_be_first_order=False), again).result == "ok"


@given(
    st.builds(
        ReferralFacts,
        is_same_person=st.booleans(),
        is_same_email=st.none() | st.booleans(),
        is_same_address=st.none() | st.booleans(),
        is_shared_address=st.none() | st.booleans(),
        earlier_orders=st.integers(0, 3),
        claims_last_hour=st.integers(0, 20),
        claims_last_day=st.integers(0, 60),
    ),
    st.sampled_from(["is_same_person", "is_same_email", "is_same_address", "is_shared_address"]),
)
def test_one_more_odd_fact_never_makes_a_verdict_milder(facts, name):
    """Traces only grow, so the last word does not depend on which body came first."""
    ranks = ["ok", "review", "blocked"]
    before, after = (check_referral(terms(), one).result for one in (facts, replace(facts, **{name: True})))
    assert ranks.index(after) >= ranks.index(before)


def test_an_order_counts_while_enough_of_it_stands(shop_less_order):
    order, document, rules = shop_less_order
    assert order_standing(order, document, rules) == "counts"
    assert order_standing(refunded(order, "5.00"), document, rules) == "counts"
    assert order_standing(refunded(order, "20.00"), document, rules) == "refunded"
    assert order_standing(line_returned(order), document, rules) == "refunded"
    assert order_standing(cancelled(order), document, rules) == "cancelled"
    assert order_standing(replace(order, financial_status="pending"), document, rules) == "unpaid"
    assert order_standing(replace(order, is_test=True), document, rules) == "test"
    small = replace(order, lines=(replace(order.lines[0], price=order.lines[0].price / 2),))
    assert order_standing(small, document, rules) == "too_small"


def test_what_takes_points_back_is_dated_by_the_fact_itself(shop_less_order):
    order, document, rules = shop_less_order
    for undone in (cancelled(order), line_returned(order, after=timedelta(days=3))):
        at = changed_at(undone, order_standing(undone, document, rules))
        assert at == (undone.cancelled_at or undone.refunds[-1].created_at)
    assert changed_at(order, "counts") == order.placed_at


@pytest.fixture
def shop_less_order():
    from plugin.db import new_id
    from tests.factories import Shopfront

    document = parse_document(referring(minimum_order="50"))
    assert document.referral is not None
    return paid_order(Shopfront(new_id(), new_id(), "s"), amount="60.00"), document, document.referral


@pytest.mark.parametrize(
    ("standing", "result", "decision", "is_over", "state"),
    [
        (None, None, None, False, "claimed"),
        (None, None, None, True, "lapsed"),
        ("unpaid", None, None, False, "ordered"),
        ("counts", "ok", None, False, "waiting"),
        ("counts", "ok", None, True, "rewarded"),
        ("counts", "review", None, True, "review"),
        ("counts", "review", "approve", False, "waiting"),
        ("counts", "blocked", None, False, "blocked"),
        ("counts", "blocked", "approve", True, "rewarded"),
        ("counts", "ok", "block", False, "blocked"),
        ("refunded", "ok", "approve", True, "taken_back"),
        ("cancelled", "review", None, False, "taken_back"),
    ],
)
def test_a_state_is_a_function_of_order_verdict_decision_and_time(standing, result, decision, is_over, state):
    verdict = Verdict(result) if result else None
    assert referral_state(standing, verdict, decision, is_over=is_over) == state


@pytest.mark.parametrize(
    "text",
    [
        "ada.lovelace@gmail.com",
        "AdaLovelace@GMAIL.com",
        "a.d.a.lovelace+shop@googlemail.com",
        " adalovelace@gmail.com. ",
    ],
)
def test_the_variants_of_an_address_are_one(text):
    assert canonical_email(text) == "adalovelace@gmail.com"


def test_dots_tell_people_apart_where_the_host_says_so():
    assert canonical_email("a.b@example.com") != canonical_email("ab@example.com")


@pytest.mark.parametrize(
    "text", ["", "ada", "@gmail.com", "ada@", "a b@example.com", "ada@example", "x" * 300 + "@example.com", "+x@"]
)
def test_what_is_no_address_is_none(text):
    assert canonical_email(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_or_left(text):
    first = canonical_email(text)
    assert first is None or canonical_email(first) == first


def test_the_spellings_of_a_home_are_one():
    first = canonical_address(["12, Vitosha Blvd."], "1000", "Sofia", "BG")
    assert first == canonical_address(["12 VITOSHA  blvd", ""], "10 00", "София", "bg")
    assert first != canonical_address(["14, Vitosha Blvd."], "1000", "Sofia", "BG")
    assert canonical_address(["İstiklal Cd. 5"], "34433", "", "TR") == canonical_address(
        ["i\u0307stiklal cd 5"], "34433", "x", "tr"
    )
    assert canonical_address([], "1000", "Sofia", "BG") is None
    assert canonical_address(["Main St 1"], "", "", "US") is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"referrer_points": 0}, "referral.referrer_points"),
        ({"friend": {"kind": "percent", "value": "120"}}, "referral.friend.value"),
        ({"limits": {"per_day": 5, "per_month": 4}}, "referral.limits.per_month"),
        ({"limits": {"per_day": 5, "per_life": 4}}, "referral.limits.per_life"),
        ({"review": {"claims_per_hour": 50}}, "referral.review.claims_per_day"),
        ({"maturity_days": 400}, "referral.maturity_days"),
        ({"unknown": 1}, "referral.unknown"),
    ],
)
def test_a_fault_names_its_place(change, path):
    with pytest.raises(BadInput) as fault:
        parse_document(referring(**change))
    assert fault.value.path == path

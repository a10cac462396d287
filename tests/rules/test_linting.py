"""Likely mistakes: each is found at its place, and a sensible programme has none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugin.journeys.phrasing_programmes import caution_sentence
from plugin.messages import LANGUAGES, Words
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.linting import Bounds, lint
from tests.rules.making import document, products, spend


def found(made, **bounds):
    """The places and words of the cautions; each must be sayable in every language, too."""
    cautions = lint(made, Bounds(**bounds))
    for language in LANGUAGES:
        assert all(caution_sentence(Words(language), one) for one in cautions)
    return [(one.path, one.word) for one in cautions]


TIER = {
    "id": "gold",
    "title": {"en": "Gold", "bg": "Злато", "tr": "Alt"},
    "entry": {"kind": "spend", "at_least": "100"},
}
ACTION = {"id": "walk", "kind": "custom", "proof": "signed", "points": 5}
LIMIT = {"per": "day", "times": 1}
MEMBERSHIP = {
    "id": "club",
    "title": {"en": "Club", "bg": "Клуб", "tr": "Klub"},
    "offers": [{"id": "year", "goods": {"skus": ["CLUB"]}, "length": {"unit": "years", "count": 1}}],
}
CAP = {"id": "life", "per": "member", "period": "life", "points": 1_500}


def made_of(**parts):
    """The default programme with more parts, two points for each unit of shoes."""
    shoes = products("shoes", {"tags": ["shoes"]}, multiplier="2")
    return parse_document(dump_document(document(spend(), shoes)) | parts)


def with_rewards(*rewards, **earning):
    data = dump_document(document(**earning))
    data["rewards"] = [
        {"kind": "fixed_amount", "id": f"r{index}", "points": points, "amount": amount, **more}
        for index, (points, amount, more) in enumerate(rewards)
    ]
    return parse_document(data)


def test_the_programme_a_shop_starts_with_has_no_likely_mistake():
    assert found(default_document()) == []


TAGGED = products("first", {"tags": ["Sale", "new"]}, multiplier="2")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (document(spend(is_active=False)), ("earning.rules", "no_rule_is_active")),
        (with_rewards(), ("rewards", "no_reward_is_active")),
        (with_rewards((100, "1", {"is_active": False})), ("rewards", "no_reward_is_active")),
        (
            document(spend(), TAGGED, products("later", {"tags": ["sale"]}, multiplier="3")),
            ("earning.rules[2]", "rule_never_matches"),
        ),
        (
            document(spend(), products("later", {"tags": ["sale"], "skus": ["a"]}, multiplier="3"), products("no", {"tags": ["sale"]}, exclude=True)),
            ("earning.rules[1]", "rule_never_matches"),
        ),
        (document(spend(), products("x", {"tags": ["a"]}, multiplier="0")), ("earning.rules[1]", "rule_gives_nothing")),
        (document(products("x", {"tags": ["a"]}, multiplier="2")), ("earning.rules[0]", "rule_gives_nothing")),
        (document(spend(), products("x", {"tags": ["a"]}, multiplier="15")), ("earning.rules[1].multiplier", "multiplier_high")),
        (with_rewards((100, "100", {})), ("rewards[0]", "reward_worth_more_than_it_costs")),
        (with_rewards((100, "25", {})), ("rewards[0]", "give_back_high")),
        (
            with_rewards((100, "20", {}), rules=[spend(), products("x", {"tags": ["a"]}, multiplier="5")]),
            ("rewards[0]", "reward_worth_more_than_it_costs_at_most"),
        ),
        (with_rewards((100, "5", {}), (1000, "40", {})), ("rewards[1]", "reward_dearer_than_smaller")),
        (with_rewards((100, "5", {"code_valid_days": 1})), ("rewards[0].code_valid_days", "code_short_lived")),
        (
            document(maturity_days=14, expiry={"kind": "after_days", "days": 40}, expiry_warnings={"days": [7]}),
            ("earning.expiry", "little_time_to_spend"),
        ),
        (
            document(expiry={"kind": "rolling", "days": 30}),
            ("earning.expiry_warnings.days[0]", "warning_before_points_mature"),
        ),
    ],
)  # fmt: skip
def test_a_likely_mistake_is_told_at_its_place(made, expected):
    assert found(made) == [expected]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"tiers": {"levels": [TIER]}}, [("tiers.levels[0]", "tier_gives_nothing")]),
        ({"tiers": {"levels": [TIER | {"multiplier": "1.5"}]}}, []),
        ({"tiers": {"levels": [TIER | {"multiplier": "12"}]}}, [("tiers.levels[0].multiplier", "multiplier_high")]),
        ({"tiers": {"levels": [TIER | {"multiplier": "6"}]}}, [("earning", "multipliers_stack")]),
        ({"memberships": [MEMBERSHIP]}, [("memberships[0]", "membership_gives_nothing")]),
        ({"memberships": [MEMBERSHIP | {"multiplier": "2"}]}, []),
        ({"actions": [ACTION]}, [("actions[0].limits", "action_without_limit")]),
        ({"actions": [ACTION | {"limits": [LIMIT]}]}, []),
        ({"actions": [ACTION], "action_groups": [{"id": "all", "limits": [LIMIT]}]}, []),
        ({"actions": [ACTION], "caps": [CAP | {"over": "named", "named": ["walk"]}]}, []),
        ({"caps": [CAP]}, [("rewards[2].points", "reward_above_cap")]),
        ({"caps": [CAP | {"period": "year"}]}, []),
        (
            {"segments": [{"kind": "members", "id": "loyal", "facts": {"orders_min": 5}}]},
            [("segments[0]", "segment_unused")],
        ),
    ],
)
def test_a_likely_mistake_in_what_members_are_promised_is_told(parts, expected):
    assert found(made_of(**parts)) == expected


def test_a_challenge_that_is_over_is_told_when_the_day_is_known():
    one = {
        "id": "three",
        "title": TIER["title"],
        "target": {"kind": "orders", "at_least": "3"},
        "ends_on": "2026-11-26",
    }
    assert found(made_of(challenges=[one]), today="2026-11-26") == []
    assert found(made_of(challenges=[one]), today="2026-11-27") == [("challenges[0].ends_on", "challenge_is_over")]


def test_factors_that_make_a_reward_worth_more_than_it_costs_are_told_together():
    data = dump_document(made_of(tiers={"levels": [TIER | {"multiplier": "4"}]}))
    data["rewards"] = [{"kind": "fixed_amount", "id": "r", "points": 100, "amount": "15"}]
    assert found(parse_document(data)) == [("rewards[0]", "reward_worth_more_than_it_costs_at_most")]


@pytest.mark.parametrize(
    "later",
    [
        products("later", {"tags": ["sale", "old"]}, multiplier="3"),
        products("later", {"skus": ["a"]}, multiplier="3"),
        products("later", {"tags": ["sale"]}, multiplier="3", is_active=False),
    ],
)
def test_a_rule_that_something_is_left_for_is_no_mistake(later):
    assert found(document(spend(), TAGGED, later)) == []


def test_rewards_out_of_reach_are_found_when_the_spend_of_a_member_is_known():
    made = with_rewards((100, "1", {}), (500, "5", {}), expiry={"kind": "after_months", "months": 12})
    assert found(made) == []
    assert found(made, spend_per_year=Decimal(600)) == []
    assert found(made, spend_per_year=Decimal(200)) == [("rewards[1]", "reward_out_of_reach")]
    assert found(made, spend_per_year=Decimal(50)) == [
        ("rewards[0]", "expires_before_first_reward"),
        ("rewards[1]", "reward_out_of_reach"),
    ]


def test_words_missing_in_a_language_of_the_programme_are_told():
    data = dump_document(document(spend(title={"en": "Every purchase", "tr": "Ne alsan"})))
    data["rewards"][0]["title"] = {"bg": "Пет", "en": "Five", "tr": "Beş", "de": "Fünf"}
    assert found(parse_document(data)) == [("earning.rules[0].title.bg", "words_missing")]

"""Every posting in a merchant's words: awards for actions, tiers, challenges, memberships and friends, changes by hand, rewards."""

from __future__ import annotations

import pytest

from plugin.journeys.explaining_postings import Posted, explain_posting, posting_title
from plugin.journeys.phrasing import phrases_for
from plugin.ledger.flows import REASONS
from plugin.messages import LANGUAGES
from tests.journeys.test_explaining import plain
from tests.rules.making import MEMBERSHIP, campaign, with_campaigns

KNOWN = with_campaigns(
    campaign("nights", {"kind": "reward_price", "percent_off": 20}, title={"en": "White nights"}),
    actions=[
        {"id": "news", "kind": "newsletter", "proof": "verified", "points": 50},
        {"id": "quiz", "kind": "survey", "proof": "signed", "points": 9, "title": {"en": "Quiz", "tr": "Test"}},
    ],
    caps=[{"id": "daily", "per": "member", "period": "day", "points": 5}],
    challenges=[
        {
            "id": "three",
            "title": {"en": "Three in a month"},
            "target": {"kind": "orders", "at_least": 3},
            "period": "month",
            "points": 30,
        }
    ],
    memberships=[MEMBERSHIP],
    tiers={"levels": [{"id": "g", "title": {"en": "Gold", "bg": "Злато", "tr": "Servi"}}]},
)
TOLD = [
    (
        "action",
        {"rule_id": "news", "kind": "newsletter", "proof": "verified", "full_points": 50, "points": 50},
        ["Newsletter (news)", "verified", "version 2 of the programme"],
    ),
    (
        "action",
        {
            "rule_id": "quiz",
            "proof": "signed",
            "full_points": 9,
            "points": 5,
            "caps": [{"id": "daily", "kind": "cap", "period": "day", "asked": 9, "given": 5, "left": 5}],
        },
        [
            "Quiz",
            "told by a signed call",
            "9 points in full",
            "limit “Cap (daily)” left 5 of 9 points",
            "version 2 of the programme",
        ],
    ),
    ("tier", {"rule_id": "g", "why": "reached", "points": 10}, ["Gold (g)", "reached", "version 2 of the programme"]),
    (
        "tier",
        {"rule_id": "g", "why": "not_reached", "points": -10, "undoes": "tier:1"},
        ["Gold (g)", "not reached after all", "10 points taken back", "version 2 of the programme"],
    ),
    (
        "challenge",
        {"rule_id": "three", "period": "2026-11", "points": 30},
        ["Three in a month (three)", "period 2026-11", "version 2 of the programme"],
    ),
    (
        "membership",
        {"rule_id": "club", "order_id": 5001, "for": "month0", "points": 10},
        ["Club", "for month 1 of it", "bought with order id 5001", "version 2 of the programme"],
    ),
    (
        "membership",
        {"rule_id": "club", "order_id": 5001, "because": "refund", "points": -10},
        ["Club", "bought with order id 5001", "refunded", "10 points taken back", "version 2 of the programme"],
    ),
    (
        "referral",
        {"rule_id": "referral_friend", "role": "friend", "because": "blocked", "points": -5},
        ["For coming as a friend (referral_friend)", "Blocked", "5 points taken back", "version 2 of the programme"],
    ),
    (
        "redeem_hold",
        {"reward_id": "five_off", "points": 400, "campaigns": ["nights"]},
        ["€5 off your order (five_off)", "White nights (nights)", "version 2 of the programme"],
    ),
]
BY_HAND = {
    "points": 20,
    "why": "goodwill",
    "expires_at": "2027-11-21T22:00:00+00:00",
    "matures_at": "2026-12-01T09:00:00+00:00",
}


def told(reason: str, explanation: dict[str, object], version: int | None = 2, language: str = "en") -> list[str]:
    phrases = phrases_for(language, KNOWN, "EUR", "Europe/Sofia")
    return plain(explain_posting(Posted(reason, explanation, None, version), KNOWN, phrases))


@pytest.mark.parametrize(("reason", "explanation", "said"), TOLD)
def test_a_posting_is_told_by_the_titles_of_its_parts(reason, explanation, said):
    assert told(reason, explanation) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("reason", "explanation", "said"), TOLD)
def test_every_language_says_as_much(reason, explanation, said, language):
    spoken = told(reason, explanation, language=language)
    assert len(spoken) == len(said)
    if language != "en":
        assert said[-1] not in spoken


def test_dates_are_days_of_the_shop_and_a_change_by_hand_says_why():
    said = ["Goodwill", "usable from Dec 1, 2026", "usable until Nov 22, 2027"]
    assert told("adjustment", BY_HAND, version=None) == said


def test_a_word_that_has_no_sentence_is_told_as_it_is():
    assert told("re_attributed", {"because": "late"}, version=None) == ["a fact that came late"]
    assert told("re_attributed", {"because": "moonlight"}, version=None) == ["moonlight"]
    assert told("expiry", {"points": 5}, version=None) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_title(reason, language):
    phrases = phrases_for(language, KNOWN, "EUR", "Europe/Sofia")
    assert posting_title(Posted(reason, {}, 5001, None), phrases)


def test_an_order_is_called_by_its_name_and_by_what_changed_it():
    phrases = phrases_for("en", KNOWN, "EUR", "Europe/Sofia")
    named = {"order_name": "#1001", "because": "refund"}
    assert posting_title(Posted("order", named, 5001, 1), phrases) == "Refund of order #1001"
    assert posting_title(Posted("order", {"because": "?"}, 5001, 1), phrases) == "Order 5001"

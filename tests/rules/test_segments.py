"""Segments as predicates over a member's facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.errors import BadInput
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.measuring import Fact, Past
from plugin.rules.schema_segments import Facts
from plugin.rules.segments import Standing, fits

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
JOINED = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)  # 1 February in Sofia
PAST = Past.of(
    [
        Fact(datetime(2025, 6, 1, tzinfo=UTC), 40 * 10**6, 40, 1),
        Fact(datetime(2026, 11, 10, 23, tzinfo=UTC), 60 * 10**6, 60, 1),
    ],
    JOINED,
    "Europe/Sofia",
)
MEMBER = Standing(PAST, NOW, points=250, tier="silver", joined_at=JOINED)
YEAR = {"kind": "calendar_year"}


@pytest.mark.parametrize(
    ("facts", "is_in"),
    [
        ({"spend_min": "100"}, True),
        ({"spend_min": "100.01"}, False),
        ({"spend_max": "99.99"}, False),
        ({"spend_min": "60", "spend_max": "60", "window": YEAR}, True),
        ({"orders_min": 2}, True),
        ({"orders_min": 2, "window": YEAR}, False),
        ({"orders_max": 1, "window": YEAR}, True),
        ({"points_min": 250, "points_max": 250}, True),
        ({"points_min": 251}, False),
        ({"joined_from": "2026-02-01"}, True),
        ({"joined_until": "2026-01-31"}, False),
        ({"joined_from": "2026-02-01", "joined_until": "2026-02-01"}, True),
        ({"days_since_order_min": 10, "days_since_order_max": 10}, True),
        ({"days_since_order_min": 11}, False),
        ({"orders_min": 1, "points_min": 1000}, False),
    ],
)
def test_all_that_is_given_must_be_true(facts, is_in):
    assert fits(Facts.model_validate(facts), MEMBER) is is_in


@pytest.mark.parametrize(("tiers", "is_in"), [(["silver", "gold"], True), (["gold"], False)])
def test_a_tier_is_one_of_those_named(tiers, is_in):
    assert fits(Facts.model_validate({"tiers": tiers}), MEMBER) is is_in


def test_who_never_ordered_or_joined_fits_no_date():
    nobody = Standing(Past.of([], NOW, "UTC"), NOW)
    for facts in ({"days_since_order_max": 1000}, {"joined_from": "2000-01-01"}):
        assert not fits(Facts.model_validate(facts), nobody)


@pytest.mark.parametrize(
    ("segment", "path"),
    [
        ({"kind": "members", "id": "a", "facts": {}}, "segments[0].facts"),
        ({"kind": "members", "id": "a", "facts": {"tiers": ["gold"]}}, "segments[0].facts.tiers[0]"),
        ({"kind": "members", "id": "a", "facts": {"spend_min": "5", "spend_max": "4"}}, "segments[0].facts.spend_max"),
        ({"kind": "members", "id": "a", "facts": {"joined_from": "2026-02-30"}}, "segments[0].facts.joined_from"),
    ],
)
def test_faults_name_their_place(segment, path):
    with pytest.raises(BadInput) as refusal:
        parse_document(dump_document(default_document()) | {"segments": [segment]})
    assert refusal.value.path == path

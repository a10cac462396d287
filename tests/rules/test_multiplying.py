"""What tiers and memberships make of an order's points."""

from __future__ import annotations

from dataclasses import replace

from plugin.facts import Context
from plugin.rules import dump_document, evaluate, parse_document
from tests.rules.making import MEMBERSHIP, document, line, order, spend, told_exactly

CLUB = parse_document(dump_document(document(spend("1.5"))) | {"memberships": [MEMBERSHIP]})
MADE = order(line(1, "10.10"))
HELD = Context(1, memberships=("club",))


def test_a_membership_that_ran_multiplies_before_the_one_rounding():
    evaluation = evaluate(MADE, CLUB, HELD)
    (rule,) = evaluation.explanation["rules"]
    assert (rule["before"], rule["points"], evaluation.points) == ("15.15", "30.3", 30)
    assert rule["multipliers"] == [{"kind": "membership", "id": "club", "factor": "2"}]
    assert told_exactly(evaluation) == sum(award.points for award in evaluation.awards)


def test_without_one_nothing_is_multiplied_or_told():
    evaluation = evaluate(MADE, CLUB, replace(HELD, memberships=()))
    assert evaluation.points == 15
    assert "multipliers" not in evaluation.explanation["rules"][0]


def test_a_membership_that_the_version_does_not_know_changes_nothing():
    assert evaluate(MADE, document(spend("1.5")), HELD).points == 15

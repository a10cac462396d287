"""What differs between two documents is told once per place, and a part is known by its id."""

from __future__ import annotations

import copy
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.comparing import Change, compare
from tests.rules.making import document, products, spend

SHOES, HATS = products("shoes", {"tags": ["shoes"]}, multiplier="2"), products("hats", {"tags": ["hats"]}, exclude=True)


def test_equal_documents_differ_in_nothing():
    assert compare(document(), document()) == ()
    assert compare(document(spend("1")), document(spend("1.0"))) == (), "the same number written otherwise"


def test_a_changed_value_is_told_with_its_path_and_both_values():
    changes = compare(document(spend("1")), document(spend("2"), maturity_days=14))
    assert changes == (
        Change("earning.rules[spend].points_per_unit", "changed", Decimal(1), Decimal(2)),
        Change("earning.maturity_days", "changed", 0, 14),
    )


def test_new_and_removed_parts_are_told_whole():
    before, after = document(spend(), SHOES), document(spend(), HATS)
    changes = compare(before, after)
    assert [(one.path, one.kind) for one in changes] == [
        ("earning.rules[shoes]", "removed"),
        ("earning.rules[hats]", "added"),
    ]
    assert (changes[0].before, changes[1].after) == (before.earning.rules[1], after.earning.rules[1])


def test_a_part_that_moved_is_the_same_part_and_only_the_overtaker_is_told():
    before, after = document(spend(), SHOES, HATS), document(HATS, spend(), SHOES)
    assert compare(before, after) == (Change("earning.rules[hats]", "moved", 3, 1),)


def test_another_kind_is_another_part():
    (change,) = compare(document(spend(rule_id="a")), document(products("a", {"tags": ["x"]}, multiplier="1")))
    assert (change.path, change.kind) == ("earning.rules[a]", "changed")


def test_an_optional_value_that_comes_or_goes_is_new_or_removed():
    titled = document(spend(title={"en": "Every purchase", "bg": "Всяка покупка"}))
    named = document(spend(title={"en": "All purchases", "tr": "Ne alsan"}))
    assert [(one.path, one.kind) for one in compare(document(), titled)] == [("earning.rules[spend].title", "added")]
    assert [(one.path, one.kind) for one in compare(titled, named)] == [
        ("earning.rules[spend].title.en", "changed"),
        ("earning.rules[spend].title.bg", "removed"),
        ("earning.rules[spend].title.tr", "added"),
    ]


def test_lists_of_plain_values_are_told_as_a_whole():
    (change,) = compare(
        document(products("a", {"tags": ["x"]}, multiplier="1")),
        document(products("a", {"tags": ["x", "y"]}, multiplier="1")),
    )
    assert (change.path, change.before, change.after) == ("earning.rules[a].match.tags", ("x",), ("x", "y"))


RULES = st.permutations([spend(), SHOES, HATS]).flatmap(lambda rules: st.integers(1, 3).map(lambda size: rules[:size]))


@given(RULES, RULES)
def test_whatever_two_rule_lists_are_the_difference_is_empty_just_when_they_are_equal(before, after):
    changes = compare(document(*before), document(*after))
    assert bool(changes) == (before != after)
    assert len({(one.path, one.kind) for one in changes}) == len(changes)


def test_what_is_told_by_comparing_backwards_is_the_same_with_its_sides_changed():
    data = dump_document(default_document())
    other = copy.deepcopy(data)
    other["rewards"].pop(0)
    other["earning"]["rules"].append(SHOES)
    there = compare(parse_document(data), parse_document(other))
    back = compare(parse_document(other), parse_document(data))
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(one.path, swapped[one.kind]) for one in there} == {(one.path, one.kind) for one in back}

"""The templates and what is said of them: whole documents, honest notes, and a test behind each benefit that is called enforced."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from plugin.errors import NotFound
from plugin.messages import LANGUAGES
from plugin.rules import dump_document, json_schema, parse_document
from plugin.rules.linting import lint
from plugin.rules.templates import Notes, get_template, template_names
from plugin.rules.walking import value_at, walk
from tests.templates.baskets import SHOWN

NAMES = template_names()
SAID = {
    "inspired-by-starbucks-rewards": {"campaigns_overlap"},
}
"""Likely mistakes that are meant: doublings of which one acts on an order."""


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_a_sound_document_that_editors_accept_and_that_survives_its_own_dump(name: str):
    found = get_template(name)
    check = Draft202012Validator(json_schema())
    assert not [error.message for error in check.iter_errors(json.loads(found.text))]
    assert not [error.message for error in check.iter_errors(dump_document(found.document))]
    assert parse_document(dump_document(found.document)) == found.document


@pytest.mark.parametrize("name", NAMES)
def test_what_a_template_leaves_out_is_named_by_a_noun_that_fits_the_panels_sentence(name: str):
    """The panel says "No points on …": a title that denies the points once more would deny them twice."""
    rules = get_template(name).document.earning.rules
    titles = [rule.title for rule in rules if rule.kind == "product_type" and rule.exclude and rule.title]
    denying = re.compile(r"\b(no|not|nothing|earns?|без|не|нищо|yok|kazandırmaz)\b", re.IGNORECASE)  # noqa: RUF001 - Turkish
    assert [said for title in titles for said in title.values() if denying.search(said)] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_amount_that_a_template_takes_off_is_written_with_the_shops_currency(name: str):
    """A bare "10 off" is said better by the product, which knows the currency."""
    titles = [reward.title for reward in get_template(name).document.rewards if reward.title]
    bare = re.compile(r"\d+ (off|отстъпка|indirim)\b")
    assert [said for title in titles for said in title.values() if bare.search(said)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_has_no_likely_mistake_but_those_that_are_meant(name: str):
    cautions = [one for one in lint(get_template(name).document) if one.word not in SAID.get(name, set())]
    assert cautions == []


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_template_says_it_says_in_every_language(name: str):
    found = get_template(name)
    for said in (found.document, found.notes):
        for path, words in walk(said):
            if isinstance(words, dict) or type(words).__name__ == "mappingproxy":
                assert set(words) == set(LANGUAGES), path


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_that_enforce_a_benefit_are_there(name: str):
    found = get_template(name)
    for benefit in found.notes.benefits:
        assert bool(benefit.parts) or benefit.standing != "enforced", f"{benefit.id} names no part"
        for path in benefit.parts:
            value_at(found.document, path)


def test_a_benefit_that_names_a_part_which_is_not_there_is_found_out():
    found = get_template("inspired-by-ikea-family")
    with pytest.raises(NotFound, match="no rewards\\[lottery\\]"):
        value_at(found.document, "rewards[lottery]")


@pytest.mark.parametrize("name", NAMES)
def test_the_notes_name_their_sources_and_every_source_is_listed(name: str):
    notes = get_template(name).notes
    listed = [source.id for source in notes.sources]
    assert len(set(listed)) == len(listed) > 0
    used = {source for benefit in notes.benefits for source in benefit.sources}
    assert used <= set(listed)
    assert len({benefit.id for benefit in notes.benefits}) == len(notes.benefits)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_that_follows_a_published_programme_says_so_in_its_name_and_title(name: str):
    notes = get_template(name).notes
    is_inspired = notes.kind == "inspired_by"
    assert name.startswith("inspired-by-" if is_inspired else "trade-")
    assert notes.title["en"].startswith("Inspired by ") == is_inspired
    assert bool(notes.benefits) == is_inspired


def test_a_benefit_is_enforced_or_done_by_staff_or_impossible_and_each_has_its_reason():
    schema = TypeAdapter(Notes).json_schema()
    assert schema["$defs"]["Benefit"]["properties"]["standing"]["enum"] == ["enforced", "staff", "impossible"]
    for name in NAMES:
        for benefit in get_template(name).notes.benefits:
            assert not (benefit.parts and benefit.standing == "impossible"), benefit.id
            assert benefit.note or benefit.standing != "impossible", benefit.id


def test_every_benefit_that_is_called_enforced_has_a_test():
    for file in Path(__file__).parent.glob("test_*.py"):
        import_module(f"{__package__}.{file.stem}")
    enforced = {
        (name, benefit.id)
        for name in NAMES
        for benefit in get_template(name).notes.benefits
        if benefit.standing == "enforced"
    }
    assert sorted(enforced - SHOWN) == []
    assert sorted(SHOWN - enforced) == [], "a test shows what the notes do not call enforced"


def test_there_are_presets_for_at_least_six_trades_and_five_published_programmes():
    kinds = [get_template(name).notes.kind for name in NAMES]
    assert kinds.count("trade") >= 6
    assert kinds.count("inspired_by") >= 5


def test_a_template_that_is_not_there_is_refused_with_the_names_of_those_that_are():
    with pytest.raises(NotFound, match="trade-fashion"):
        get_template("../default")

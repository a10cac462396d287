"""The catalogues say the same things with the same placeholders."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from plugin.ledger.flows import REASONS
from plugin.messages import LANGUAGES
from plugin.messages.catalogues import DOMAINS, FOLDER, catalogue
from plugin.rules import json_schema


def _keys(language: str, domain: str) -> list[str]:
    with (FOLDER / language / f"{domain}.po").open("rb") as file:
        return [m.id[0] if isinstance(m.id, tuple) else m.id for m in read_po(file, abort_invalid=True) if m.id]


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_in_the_same_order(language: str, domain: str):
    assert _keys(language, domain) == _keys("en", domain)


def test_a_key_stands_in_one_catalogue_only():
    keys = [key for domain in DOMAINS for key in _keys("en", domain)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_plain_names_and_the_same_in_every_language(language: str):
    english, other = catalogue("en").forms, catalogue(language).forms
    for key, forms in other.items():
        for form in forms:
            assert _placeholders(form) == _placeholders(english[key][-1]), (language, key)
            assert all(re.fullmatch(r"[a-z_]+", name) for name in _placeholders(form)), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_fuzzy(language: str):
    for domain in DOMAINS:
        with (FOLDER / language / f"{domain}.po").open("rb") as file:
            assert not [m.id for m in read_po(file) if m.fuzzy]
    assert all(form.strip() for forms in catalogue(language).forms.values() for form in forms)


def test_bulgarian_and_turkish_are_written_in_their_own_letters():
    """A sentence copied from English and forgotten would pass every other test."""
    english = catalogue("en").forms
    for language in ("bg", "tr"):
        same = {key for key, forms in catalogue(language).forms.items() if forms == english[key]}
        assert {key for key in same if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", english[key][0]))} == set()


def test_every_field_of_a_programme_document_has_its_words():
    schema = json_schema()
    parts = [schema, *schema["$defs"].values()]
    fields = {f"programme.field.{name}" for part in parts for name in part.get("properties", {})}
    assert fields - catalogue("en").forms.keys() == set()


def test_every_reason_a_shopper_can_meet_has_a_sentence():
    silent = {"mature", "redeem_capture"}  # they move points between buckets and change no total
    assert {f"history.{reason}" for reason in REASONS if reason not in silent} <= catalogue("en").forms.keys()

"""The trimmed schema is Shopify's own, with less in it and nothing else."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate, validate_schema

from plugin.devstore.schema import admin_schema
from plugin.devstore.trim_schema import SCHEMA_FILE, documents, trim

WHOLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "admin_2026-10.json.gz"
_MAY_BE_SHORTER = {"possibleTypes", "interfaces"}


@cache
def read(file: Path) -> dict[str, Any]:
    return json.loads(gzip.decompress(file.read_bytes()))


@pytest.fixture
def whole() -> dict[str, Any]:
    if not WHOLE.exists():
        pytest.skip("Shopify's whole schema is not beside the checkout")
    return read(WHOLE)


def types_of(dump: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in dump["data"]["__schema"]["types"]}


def test_the_trimmed_schema_is_a_sound_schema():
    assert validate_schema(admin_schema().schema) == []


@pytest.mark.parametrize("text", documents(), ids=lambda text: text.split("(")[0].split("{")[0].strip()[-40:])
def test_every_document_of_the_product_is_valid_against_the_trimmed_schema(text: str):
    """If this fails, run plugin/devstore/trim_schema.py again: a document reaches something new."""
    assert validate(admin_schema().schema, parse(text)) == []


def test_the_committed_schema_is_what_the_script_makes_today(whole):
    assert trim(whole, documents()) == read(SCHEMA_FILE)


def test_every_kept_type_and_field_says_what_shopify_says(whole):
    ours, theirs = types_of(read(SCHEMA_FILE)), types_of(whole)
    assert [fault for name, kind in ours.items() for fault in differences(kind, theirs[name], name)] == []


def test_inputs_and_enums_are_whole(whole):
    ours, theirs = types_of(read(SCHEMA_FILE)), types_of(whole)
    for name, kind in ours.items():
        assert names(kind["inputFields"]) == names(theirs[name]["inputFields"])
        assert names(kind["enumValues"]) == names(theirs[name]["enumValues"])


def test_arguments_of_kept_fields_are_whole(whole):
    ours, theirs = types_of(read(SCHEMA_FILE)), types_of(whole)
    for name, kind in ours.items():
        wanted = {field["name"]: names(field["args"]) for field in theirs[name]["fields"] or ()}
        assert {field["name"]: names(field["args"]) for field in kind["fields"] or ()}.items() <= wanted.items()


def test_no_description_is_carried_along():
    assert b'"description":' not in gzip.decompress(SCHEMA_FILE.read_bytes())


def test_scopes_of_kept_fields_are_shopifys(whole):
    theirs = [
        {key: row[key] for key in ("type", "typeName", "fieldName", "offlineScopes") if key in row}
        for row in whole["offline_scopes"]["items"]
    ]
    assert all(row in theirs for row in read(SCHEMA_FILE)["offline_scopes"]["items"])


def test_the_schemas_licence_stands_beside_it():
    assert "ISC License" in (SCHEMA_FILE.parent / "SCHEMA-LICENSE.txt").read_text()


def names(rows: list[dict[str, Any]] | None) -> list[str]:
    return [row["name"] for row in rows or ()]


def differences(ours: Any, theirs: Any, path: str) -> list[str]:
    """Where our part says something else than the whole; lists may leave members out, never change one."""
    if isinstance(ours, dict):
        return [fault for key, value in ours.items() for fault in differences(value, theirs.get(key), f"{path}.{key}")]
    if isinstance(ours, list) and ours and isinstance(ours[0], dict):
        by_name = {row["name"]: row for row in theirs}
        return [fault for row in ours for fault in differences(row, by_name[row["name"]], f"{path}[{row['name']}]")]
    return (
        []
        if ours == theirs or (ours == [] and path.rsplit(".", maxsplit=1)[-1] in _MAY_BE_SHORTER)
        else [f"{path}: {ours!r}"]
    )

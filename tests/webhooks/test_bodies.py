"""Bodies are read more strictly than JSON asks."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugin.errors import BadInput
from webhooks.bodies import DEPTH_MAX, parse_body

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=40
)


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    """A body whose containers stand `depth` deep."""
    return b'{"a":' + (opening * (depth - 1) + closing * (depth - 1)).encode() + b"}"


def depth_of(tree: Any) -> int:
    """How deep containers stand in each other."""
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(TEXTS, TREES))
@example({'"[\\': ['\\"]', {"}": "\\"}]})
def test_whatever_is_written_as_json_is_read_back_the_same(body):
    for ascii_only in (True, False):
        assert parse_body(json.dumps(body, ensure_ascii=ascii_only).encode()) == body


@settings(max_examples=500, deadline=None)
@given(
    st.binary() | st.text('[]{}",:\\ue0dD8cC1.-+ naNIfity\n\ud800').map(lambda text: text.encode("utf-8", "replace"))
)
def test_anything_else_is_bad_input_and_never_another_error(raw):
    with suppress(BadInput):
        assert isinstance(parse_body(raw), dict)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(["[", '{"k":', '["]}",']), min_size=1, max_size=60))
def test_depth_is_counted_exactly_strings_left_out(openings):
    closings = "".join("}" if one[0] == "{" else "]" for one in reversed(openings))
    raw = f'{{"a":{"".join(openings)}"[[{{\\"["{closings}}}'.encode()
    if len(openings) + 1 > DEPTH_MAX:
        with pytest.raises(BadInput, match="nests deeper"):
            parse_body(raw)
    else:
        assert depth_of(parse_body(raw)) == len(openings) + 1


@pytest.mark.parametrize(
    "raw", [nested(DEPTH_MAX), b'{"a":"' + b"[" * 100 + b'"}', b'{"a":[' + b"{}," * 5000 + b"{}]}"]
)
def test_wide_or_quoted_brackets_are_not_depth(raw):
    assert parse_body(raw)


HOSTILE = {
    "one level too deep": nested(DEPTH_MAX + 1),
    "objects too deep": b'{"a":' * (DEPTH_MAX + 1) + b"1" + b"}" * (DEPTH_MAX + 1),
    "a hundred thousand open brackets": b"[" * 100_000,
    "a hundred thousand open objects": b'{"a":' * 100_000,
    "unclosed": b'{"a":[1,2',
    "nothing": b"",
    "only spaces": b"  \n",
    "a bare word": b"hello",
    "a list": b"[1,2,3]",
    "a string": b'"orders"',
    "null": b"null",
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":[-Infinity]}',
    "a float beyond all floats": b'{"a":1e999}',
    "a number that would take a minute as int": b'{"a":1e1000000}',
    "an exponent of twenty digits": b'{"a":1e99999999999999999999}',
    "a zero with an exponent": b'{"a":0e999999}',
    "a tiny number": b'{"a":1e-400}',
    "a whole number of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "a whole number of 21 digits": b'{"a":100000000000000000000}',
    "a decimal of 5000 digits": b'{"a":0.' + b"1" * 5000 + b"}",
    "a key twice": b'{"id":1,"id":2}',
    "a key twice, spelled otherwise": b'{"id":1,"\\u0069d":2}',
    "a key twice, deep inside": b'{"a":[{"b":{"c":1,"c":1}}]}',
    "half a character": b'{"a":"\\ud800"}',
    "half a character as a key": b'{"\\udfff":1}',
    "halves the wrong way round": b'{"a":"\\ude00\\ud83d"}',
    "half a character in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "not UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "a bare control character": b'{"a":"\x00"}',
    "a trailing comma": b'{"a":1,}',
    "a comment": b'{"a":1 /* one */}',
    "single quotes": b"{'a':1}",
    "two bodies": b'{"a":1}{"a":1}',
    "a form": b"id=1&topic=orders",
    "digits of another script": '{"a":١٢}'.encode(),
    "underscored digits": b'{"a":1_000}',
    "hexadecimal": b'{"a":0x10}',
    "a leading zero": b'{"a":007}',
    "a plus sign": b'{"a":+1}',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_what_two_readers_could_understand_in_two_ways_is_refused(raw):
    with pytest.raises(BadInput) as refusal:
        parse_body(raw)
    assert refusal.value.path == "body"
    assert len(str(refusal.value)) < 80


def test_a_character_written_as_two_escapes_is_one_character():
    assert parse_body(b'{"a":"\\ud83d\\ude00","b":"\\\\ud800"}') == {"a": "\N{GRINNING FACE}", "b": "\\ud800"}


def test_numbers_keep_every_digit():
    body = parse_body(b'{"id":820982911946154508,"subtotal":195.67,"rate":1.0e-05}')
    assert body == {"id": 820982911946154508, "subtotal": Decimal("195.67"), "rate": Decimal("0.000010")}
    assert isinstance(body["subtotal"], Decimal)

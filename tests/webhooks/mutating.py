"""A seeded mutator of webhooks: bodies, bytes and headers go wrong in the ways they go wrong in the wild, and in worse ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.webhooks.sending import TOPICS, raw_payload, signature, webhook_headers

_NAN = "\u2603nan"
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63), 10**19, 0.1, -0.0, 1e308, 12.345678901234567, "", " ", "0", "-1",
    "1e9", "NaN", "Infinity", "null", "1_000", "\u0661\u0662", "12,50", "9" * 400, "x" * 70_000, "\0", "a\0b", "\u202e", "\ufeff",
    "<script>", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "gid://shopify/Customer/1", "2026-02-30T25:61:61Z",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", [], {}, [None], [[]], [{}], {"": {}}, {"shop_money": None}, {"id": None},
    {"shop_money": {"amount": "1e5"}}, {"amount": []}, {"id": True}, _NAN,
]  # fmt: skip
HEADERS = [
    "X-Shopify-Topic", "X-Shopify-Shop-Domain", "X-Shopify-API-Version", "X-Shopify-Webhook-Id", "X-Shopify-Triggered-At",
    "X-Shopify-Event-Id", "X-Shopify-Hmac-Sha256", "Content-Type",
]  # fmt: skip
ODD_HEADERS = [
    "",
    " ",
    "x" * 9000,
    "\xff\xfe",
    "\xd1\x8f",
    "%00",
    "a,b",
    "null",
    "-1",
    "1970-01-01T00:00:00Z",
    "*/*",
    "[",
    "a/b",
    "\t",
]

Mutation = Callable[[random.Random, bytes], bytes]


def mutants(seed: int, count: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Make `count` requests, always the same for a seed; most are signed rightly, so that they get past the signature."""
    chance = random.Random(seed)
    names = sorted(TOPICS)
    for _ in range(count):
        name = chance.choice(names)
        raw = raw_payload(name)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            raw = chance.choice(_MUTATIONS)(chance, raw)
        topic = TOPICS[name] if chance.random() < 0.8 else TOPICS[chance.choice(names)]
        headers = webhook_headers(topic, raw, event_id=f"event-{chance.getrandbits(40)}")
        yield raw, _mutated_headers(chance, headers, raw) if chance.random() < 0.25 else headers


def _mutated_headers(chance: random.Random, headers: dict[str, str], raw: bytes) -> dict[str, str]:
    name = chance.choice(HEADERS)
    way = chance.randrange(4)
    if way == 0:
        del headers[name]
    elif way == 1:
        headers[name] = chance.choice(ODD_HEADERS)
    elif way == 2:
        headers[name] = headers[name][: chance.randrange(len(headers[name]))]
    else:
        headers["X-Shopify-Hmac-Sha256"] = signature(raw + b"?")
    return headers


def _odd_value(chance: random.Random, raw: bytes) -> bytes:
    """Replace one value anywhere in the tree."""
    return _in_tree(chance, raw, lambda holder, key: holder.__setitem__(key, chance.choice(ODD)))


def _dropped_value(chance: random.Random, raw: bytes) -> bytes:
    return _in_tree(chance, raw, lambda holder, key: holder.__delitem__(key))


def _doubled_item(chance: random.Random, raw: bytes) -> bytes:
    def double(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.extend([holder[key]] * chance.choice([1, 2, 300]))
        else:
            holder[key] = [holder[key], holder[key]]

    return _in_tree(chance, raw, double)


def _buried_value(chance: random.Random, raw: bytes) -> bytes:
    def bury(holder: Any, key: Any) -> None:
        for _ in range(chance.choice([1, 5, 31, 40, 90])):
            holder[key] = {"a": holder[key]} if chance.random() < 0.5 else [holder[key]]

    return _in_tree(chance, raw, bury)


def _in_tree(chance: random.Random, raw: bytes, change: Callable[[Any, Any], None]) -> bytes:
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    if places := list(_places(tree)):
        change(*chance.choice(places))
    return (
        json.dumps(tree).replace(json.dumps(_NAN), chance.choice(["NaN", "-Infinity", "1e999", "1e1000000"])).encode()
    )


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from _places(tree[key])


def _flipped_byte(chance: random.Random, raw: bytes) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def _cut(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _inserted(chance: random.Random, raw: bytes) -> bytes:
    place = chance.randrange(len(raw) + 1)
    piece = chance.choice(
        [
            b"[" * 5000,
            b"{",
            b"}",
            b'"',
            b"\\",
            b"\\ud800",
            b",,",
            b"NaN",
            b"\0",
            b"\xed\xa0\x80",
            b'"id":1,',
            b"//",
            b"\xef\xbb\xbf",
        ]
    )
    return raw[:place] + piece + raw[place:]


def _other_shape(chance: random.Random, raw: bytes) -> bytes:
    return chance.choice(
        [b"", b"null", b"[]", b"{}", b"[" + raw + b"]", raw + raw, b"payload=" + raw, b'{"order":' + raw + b"}"]
    )


_MUTATIONS: list[Mutation] = [
    _odd_value, _odd_value, _odd_value, _odd_value, _dropped_value, _dropped_value, _doubled_item, _buried_value, _flipped_byte,
    _cut, _inserted, _other_shape,
]  # fmt: skip

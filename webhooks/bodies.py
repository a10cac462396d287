"""Webhook bodies, read more strictly than JSON itself asks: what two readers could understand in two ways is refused.

Python's reader alone would take NaN, 1e999, duplicate keys and lone surrogates, and would raise RecursionError on a long row of "[".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from plugin.errors import BadInput

BYTES_MAX = 2 * 1024 * 1024
DEPTH_MAX = 32

_INT_LENGTH_MAX = 20  # Shopify's ids are 64-bit
_FLOAT_LENGTH_MAX = 40
_MAGNITUDE_MAX = 30  # decimal exponent; int() of a larger one could burn seconds

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_MAY_BE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_SHAPE = bytes(byte for byte in range(256) if byte not in b'"[]{}')


def parse_body(raw: bytes) -> dict[str, Any]:
    """Read a body: one JSON object in UTF-8, numbers as `int` or `Decimal`.

    Raises:
        BadInput: anything else. The message never repeats what came in.
    """
    _check_depth(raw)
    try:
        body = _DECODER.decode(raw.decode())
    except (ValueError, InvalidOperation) as fault:
        raise _malformed(_reason(fault)) from fault
    if not isinstance(body, dict):
        raise _malformed("is not a JSON object")
    if _MAY_BE_SURROGATE.search(raw):
        _check_surrogates(body)
    return body


def _check_depth(raw: bytes) -> None:
    """Refuse deep nesting before the reader recurses into it.

    Only quotes and brackets are kept, strings are dropped, and each round takes away the innermost pairs.
    """
    unescaped = _ESCAPE.sub(b"", raw) if b"\\" in raw else raw
    shape = _STRING.sub(b"", unescaped.translate(_BRACES_AS_BRACKETS, _NO_SHAPE).replace(b'""', b""))
    for _ in range(DEPTH_MAX):
        if not shape:
            return
        shape = shape.replace(b"[]", b"")
    if shape:
        raise _malformed(f"nests deeper than {DEPTH_MAX}, or does not close what it opens")


def _check_surrogates(body: dict[str, Any]) -> None:
    try:
        json.dumps(body, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as fault:
        raise _malformed("holds half a character") from fault


def _reason(fault: Exception) -> str:
    if isinstance(fault, json.JSONDecodeError):
        return "is not JSON"
    if isinstance(fault, UnicodeDecodeError):
        return "is not UTF-8"
    return "holds a number out of range" if isinstance(fault, InvalidOperation) else str(fault)


def _malformed(reason: str) -> BadInput:
    return BadInput(f"the body {reason}", path="body")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("names a key twice")
    return made


def _int(digits: str) -> int:
    if len(digits) > _INT_LENGTH_MAX:
        raise ValueError("holds a number out of range")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > _FLOAT_LENGTH_MAX or abs((number := Decimal(digits)).adjusted()) > _MAGNITUDE_MAX:
        raise ValueError("holds a number out of range")
    return number


def _no_number(_name: str) -> NoReturn:
    raise ValueError("holds NaN or Infinity")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_decimal, parse_int=_int, parse_constant=_no_number)

"""The three ways in which Shopify signs a request.

Every comparison takes constant time and compares bytes: a `str` with other than ASCII letters would raise. Each check tries every
secret given, since Shopify signs with the old one for a while after a rotation.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl

from shopify.session import Session

AGE_SECONDS_MAX = 90
_TIMESTAMP_LENGTH_MAX = 12
_FIELDS_MAX = 100


def is_webhook_signed(raw: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Tell whether the header is the base64 HMAC of exactly these bytes."""
    return _is_any((b64encode(_digest(secret, raw)) for secret in secrets), header)


def is_proxy_signed(query_string: str, secrets: Sequence[str], now: datetime) -> bool:
    """Tell whether the app proxy signed this query within the last 90 seconds.

    Shopify joins each `key=value,value` and sorts these strings (not the keys). What names the sender may not stand there twice.
    """
    if (fields := _fields(query_string)) is None:
        return False
    signature = fields.pop("signature", [])
    if len(signature) != 1 or any(len(fields.get(name, [])) != 1 for name in ("shop", "timestamp")):
        return False
    if len(fields.get("logged_in_customer_id", [""])) != 1 or not _is_recent(fields["timestamp"][0], now):
        return False
    message = "".join(sorted(f"{name}={','.join(values)}" for name, values in fields.items()))
    return _is_any((_hex(secret, message) for secret in secrets), signature[0])


def is_oauth_signed(query_string: str, secrets: Sequence[str], now: datetime) -> bool:
    """Tell whether Shopify signed this install or OAuth query within the last 90 seconds.

    ShopifyAPI knows how the message is built, but would accept a day of age and keeps the secret in a class of its own.
    """
    single = query_fields(query_string)
    if not _is_recent(single.get("timestamp", ""), now):
        return False
    return _is_any((_session_class(secret).calculate_hmac(single).encode() for secret in secrets), single.get("hmac"))


def query_fields(query_string: str) -> dict[str, str]:
    """Read a query exactly as `is_oauth_signed` does; empty where it cannot be read or a field stands there twice."""
    fields = _fields(query_string)
    if fields is None or any(len(values) != 1 for values in fields.values()):
        return {}
    return {name: values[0] for name, values in fields.items() if name != "signature"}


def _fields(query_string: str) -> dict[str, list[str]] | None:
    """Read the query as Shopify does, blanks kept; None where it cannot be read."""
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX)
    except ValueError:
        return None
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _TIMESTAMP_LENGTH_MAX):
        return False
    return abs(now.timestamp() - int(timestamp)) <= AGE_SECONDS_MAX


def _is_any(expected: Iterable[bytes], given: str | None) -> bool:
    got = (given or "").encode("utf-8", "replace")
    return any(hmac.compare_digest(one, got) for one in expected)


def _digest(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, sha256).digest()


def _hex(secret: str, message: str) -> bytes:
    return _digest(secret, message.encode()).hex().encode()


@lru_cache(maxsize=8)
def _session_class(secret: str) -> type[Session]:
    """Give ShopifyAPI its secret in a class of our own: its `Session.setup` would set it for the whole process."""
    return type("_SignedSession", (Session,), {"secret": secret})

"""Shopify's global ids, `gid://shopify/<Type>/<id>`."""

from __future__ import annotations

import re

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,19})", re.ASCII)


def gid(kind: str, number: int) -> str:
    """Make a global id."""
    return f"gid://shopify/{kind}/{number}"


def parse_gid(text: str) -> tuple[str, int] | None:
    """Read (type, number) out of a global id; None if it is none."""
    found = _GID.fullmatch(text)
    return (found[1], int(found[2])) if found else None

"""Rows into a CSV file that no spreadsheet takes for a program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """Write a file with a byte order mark, so that Excel reads its letters; what would be a formula is quoted, numbers stay."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(one) for one in header])
    for row in rows:
        writer.writerow([harmless(one) if isinstance(one, str) else one for one in row])
    return "\ufeff" + out.getvalue()


def harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would run."""
    bare = text.replace("\x00", "").lstrip(" ")
    return f"'{bare}" if bare.startswith(_DANGEROUS) else bare

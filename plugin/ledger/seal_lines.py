"""A posting and its entries as one line of text, the same on both databases: what a seal is taken of.

The fields are parted by control characters, which no reference, actor or explanation holds; so no two postings read alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.db import Instant

BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
END = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
FIELD, RECORD = b"\x1f", b"\x1e"
_AT_ONCE = 2000
_ID_LENGTH = 32
_INSTANT_LENGTH = 26


Line = tuple[bytes, int]
"""A posting with its moves, and their points. A plain tuple of UTF-8, since there are millions."""


def read_lines(session: Session, programme_id: UUID, since: datetime, until: datetime) -> Generator[list[Line]]:
    """Read the postings recorded in [since, until) in the order of their recording, a batch at a time, as they are asked for."""
    question = text(_QUESTIONS[session.get_bind().dialect.name]).bindparams(
        bindparam("programme", programme_id, type_=Uuid()),
        bindparam("since", since, type_=Instant()),
        bindparam("until", until, type_=Instant()),
    )
    yield from _lines(read_batches(session, question))


def read_batches(session: Session, question: TextClause) -> Generator[Sequence[Any]]:
    """Read rows by the thousand, their first column as UTF-8: fetched one by one, millions would cost twice as much."""
    answer = session.connection().execute(question, execution_options={"yield_per": _AT_ONCE})
    try:
        if (
            session.get_bind().dialect.name == "sqlite"
        ):  # the driver's own rows, which hold bytes as the question asks for them
            yield from iter(lambda: answer.cursor.fetchmany(_AT_ONCE), [])
        else:
            for batch in answer.partitions(_AT_ONCE):
                texts, *more = zip(*batch, strict=True)
                yield list(zip([one.encode() for one in texts], *more, strict=True))
    finally:
        answer.close()


def _lines(batches: Iterable[Sequence[tuple[bytes, int | None]]]) -> Iterator[list[Line]]:
    """Put the moves of each posting together. Most have one, and their row is their line."""
    posting: bytes = b""
    rows: list[Any] = []
    for batch in batches:
        lines: list[Line] = []
        for row in batch:
            if row[0][:_ID_LENGTH] != posting:
                _close(lines, rows)
                posting, rows = row[0][:_ID_LENGTH], []
            rows.append(row)
        yield lines
    last: list[Line] = []
    _close(last, rows)
    yield last


def _close(lines: list[Line], rows: Sequence[Any]) -> None:
    """Add the line of a posting's rows, if there are any.

    Moves stand behind their posting by their ids, with which they begin. Sorting here spares the database a second sort.
    """
    if len(rows) > 1:
        heads = [row[0].rpartition(RECORD) for row in rows]
        text = RECORD.join((heads[0][0], *sorted([move for _, _, move in heads])))
        lines.append((text, sum([points for _, points in rows])))
    elif rows:
        text, points = rows[0]
        lines.append(rows[0] if points is not None else (text.rpartition(RECORD)[0], 0))


def recorded_at(line: Line) -> bytes:
    """Say when a posting was recorded, as `written_instant` writes it."""
    return line[0].partition(RECORD)[0][-_INSTANT_LENGTH:]


def hash_of(line: Line) -> bytes:
    """Hash a posting with its moves."""
    return hashlib.sha256(line[0]).digest()


def posting_of(line: Line) -> str:
    """Name the posting of a line."""
    return line[0][:_ID_LENGTH].decode()


def written_instant(instant: datetime) -> str:
    """Write an instant as lines do, so that the two can be compared as text."""
    return f"{instant:%Y-%m-%d %H:%M:%S.%f}"


def whole(dialect: str, name: str) -> str:
    """Select an id as lines write it."""
    return name if dialect == "sqlite" else f"ENCODE(UUID_SEND({name}), 'hex')"


def written(dialect: str, *records: Sequence[str]) -> str:
    """Select values as lines write them: fields parted, records parted."""
    if dialect == "sqlite":
        shape = RECORD.join(FIELD.join([b"%s"] * len(record)) for record in records).decode()
        return f"CAST(PRINTF('{shape}', {', '.join(field for record in records for field in record)}) AS BLOB)"
    parted = (f", '{FIELD.decode()}', ".join(record) for record in records)
    return f"CONCAT({f', {chr(39)}{RECORD.decode()}{chr(39)}, '.join(parted)})"


def _question(dialect: str) -> str:
    is_sqlite = dialect == "sqlite"

    def instant(name: str) -> str:
        return name if is_sqlite else f"TO_CHAR({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"

    posting = [
        whole(dialect, "posting.id"),
        "reference",
        "reason",
        "actor",
        "document_version",
        whole(dialect, "shop_id"),
        "order_id",
    ]
    posting += [whole(dialect, "redemption_id"), "explanation", instant("occurred_at"), instant("recorded_at")]
    entry = [
        whole(dialect, "entry.id"),
        whole(dialect, "account_id"),
        whole(dialect, "lot_id"),
        "source",
        "destination",
        "points",
    ]
    entry += ["is_reversal" if is_sqlite else "CAST(is_reversal AS INTEGER)"]
    return f"""
SELECT {written(dialect, posting, entry)}, points
FROM posting LEFT JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
WHERE posting.programme_id = :programme AND recorded_at >= :since AND recorded_at < :until
ORDER BY posting.recorded_at, posting.id"""


_QUESTIONS = {dialect: _question(dialect) for dialect in ("sqlite", "postgresql")}

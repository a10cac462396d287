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
FIELD, RECORD = "\x1f", "\x1e"
_AT_ONCE = 2000
_ID_LENGTH = 32
_RECORDED = slice(-26, None)


Line = tuple[str, str, list[str], int]
"""A posting: when it was recorded, itself, its moves, their points. A plain tuple of text, since there are millions."""


def read_lines(session: Session, programme_id: UUID, since: datetime, until: datetime) -> Generator[list[Line]]:
    """Read the postings recorded in [since, until) in the order of their recording, a batch at a time, as they are asked for."""
    question = text(_QUESTIONS[session.get_bind().dialect.name]).bindparams(
        bindparam("programme", programme_id, type_=Uuid()),
        bindparam("since", since, type_=Instant()),
        bindparam("until", until, type_=Instant()),
    )
    yield from _lines(read_batches(session, question))


def read_batches(session: Session, question: TextClause) -> Generator[Sequence[Any]]:
    """Read rows by the thousand: fetched one by one, millions would cost twice as much."""
    answer = session.connection().execute(question, execution_options={"yield_per": _AT_ONCE})
    try:
        yield from answer.partitions(_AT_ONCE)
    finally:
        answer.close()


def _lines(batches: Iterable[Sequence[Any]]) -> Iterator[list[Line]]:
    """Put the moves of each posting behind it, by their ids, with which they begin. Sorting here spares the database a second sort."""
    last, points = "", 0
    moves: list[str] = []
    for batch in batches:
        lines = []
        for head, move, moved in batch:
            if head == last:
                moves.append(move)
                points += moved
                continue
            if last:
                lines.append(_line(last, moves, points))
            last, moves, points = (head, [], 0) if moved is None else (head, [move], moved)
        yield lines
    if last:
        yield [_line(last, moves, points)]


def _line(head: str, moves: list[str], points: int) -> Line:
    if len(moves) > 1:
        moves.sort()
    return head[_RECORDED], head, moves, points


def hash_of(line: Line) -> bytes:
    """Hash a posting with its moves."""
    return hashlib.sha256(RECORD.join((line[1], *line[2])).encode()).digest()


def posting_of(line: Line) -> str:
    """Name the posting of a line."""
    return line[1][:_ID_LENGTH]


def written_instant(instant: datetime) -> str:
    """Write an instant as lines do, so that the two can be compared as text."""
    return f"{instant:%Y-%m-%d %H:%M:%S.%f}"


def whole(dialect: str, name: str) -> str:
    """Select an id as lines write it."""
    return name if dialect == "sqlite" else f"ENCODE(UUID_SEND({name}), 'hex')"


def _question(dialect: str) -> str:
    is_sqlite = dialect == "sqlite"

    def instant(name: str) -> str:
        return name if is_sqlite else f"TO_CHAR({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"

    def joined(fields: list[str]) -> str:
        if is_sqlite:
            return f"PRINTF('{FIELD.join('%s' for _ in fields)}', {', '.join(fields)})"
        return f"CONCAT({f', {chr(39)}{FIELD}{chr(39)}, '.join(fields)})"

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
SELECT {joined(posting)}, {joined(entry)}, points
FROM posting LEFT JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
WHERE posting.programme_id = :programme AND recorded_at >= :since AND recorded_at < :until
ORDER BY posting.recorded_at, posting.id"""


_QUESTIONS = {dialect: _question(dialect) for dialect in ("sqlite", "postgresql")}

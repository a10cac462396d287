"""A posting and its entries as one line of text, the same on both databases: what a seal is taken of.

The fields are parted by control characters, which no reference, actor or explanation holds; so no two postings read alike.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.orm import Session

from plugin.db import Instant

BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_AT_ONCE = 2000


class Line(NamedTuple):
    """One posting as a seal sees it: `written` is what is hashed, the rest is for counting and for naming it."""

    posting_id: str
    recorded_at: str
    written: bytes
    entries: int
    points: int


def read_lines(session: Session, programme_id: UUID, since: datetime, until: datetime) -> Generator[Line]:
    """Read the postings recorded in [since, until) in the order of their recording; rows come as they are asked for."""
    question = text(_QUESTIONS[session.get_bind().dialect.name]).bindparams(
        bindparam("programme", programme_id, type_=Uuid()),
        bindparam("since", since, type_=Instant()),
        bindparam("until", until, type_=Instant()),
    )
    rows = session.connection().execute(question, execution_options={"yield_per": _AT_ONCE})
    try:
        for posting_id, recorded_at, head, moves, entries, points in rows:
            written = "\x1e".join([head, *sorted(moves.split("\x1e"))]) if entries else head  # by their ids, which lead
            yield Line(posting_id, recorded_at, written.encode(), entries, int(points or 0))
    finally:
        rows.close()


def written_instant(instant: datetime) -> str:
    """Write an instant as lines do, so that the two can be compared as text."""
    return f"{instant:%Y-%m-%d %H:%M:%S.%f}"


def _question(dialect: str) -> str:
    is_sqlite = dialect == "sqlite"

    def whole(column: str) -> str:
        return column if is_sqlite else f"REPLACE(CAST({column} AS TEXT), '-', '')"

    def instant(column: str) -> str:
        return column if is_sqlite else f"TO_CHAR({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"

    def maybe(value: str) -> str:
        return f"COALESCE(CAST({value} AS TEXT), '')"

    parted = " || CHAR(31) || " if is_sqlite else " || CHR(31) || "
    is_reversal = "is_reversal" if is_sqlite else "CAST(is_reversal AS INTEGER)"
    joined = "GROUP_CONCAT({}, CHAR(30))" if is_sqlite else "STRING_AGG({}, CHR(30))"
    head = parted.join(
        [
            whole("posting.id"),
            "reference",
            "reason",
            "actor",
            maybe("document_version"),
            maybe(whole("shop_id")),
            maybe("order_id"),
            maybe(whole("redemption_id")),
            "CAST(explanation AS TEXT)",
            instant("occurred_at"),
            instant("recorded_at"),
        ]
    )
    move = parted.join(
        [
            whole("entry.id"),
            whole("account_id"),
            maybe(whole("lot_id")),
            "source",
            "destination",
            "points",
            f"CAST({is_reversal} AS TEXT)",
        ]
    )
    return f"""
SELECT {whole("posting.id")}, {instant("recorded_at")}, {head}, {joined.format(move)}, COUNT(entry.id), SUM(points)
FROM posting LEFT JOIN entry ON entry.programme_id = posting.programme_id AND entry.posting_id = posting.id
WHERE posting.programme_id = :programme AND recorded_at >= :since AND recorded_at < :until
GROUP BY posting.programme_id, posting.recorded_at, posting.id ORDER BY posting.recorded_at, posting.id"""


_QUESTIONS = {dialect: _question(dialect) for dialect in ("sqlite", "postgresql")}

"""Seals: closed days, counted, summed and hashed, each seal chained to the one before, so that a changed old row is found.

A seal covers what was recorded from the seal before it until midnight (UTC) of its own day. Days on which nothing was recorded
have no seal of their own. The database refuses postings and entries dated before a programme's last seal.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from plugin.db import database_now
from plugin.ledger.seal_lines import (
    BEGINNING,
    RECORD,
    Line,
    hash_of,
    posting_of,
    read_lines,
    recorded_at,
    written_instant,
)
from plugin.ledger.tables import posting, seal

_MARK_BYTES = 8
_NEVER = b"~"  # after every instant, as text


@dataclass(frozen=True, slots=True)
class Seal:
    """A closed day: how many postings and entries, the sum of their points, the hash of all, and of all before.

    `marks` holds eight bytes of each posting's hash, in their order: enough to name the posting that no longer fits.
    """

    programme_id: UUID
    number: int
    closed_at: datetime
    postings: int
    entries: int
    points: int
    content: str
    chain: str
    marks: bytes


_COLUMNS = tuple(one.name for one in fields(Seal))


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A sealed day that is not what it was: `row` is the first posting that does not fit, or else the seal itself."""

    programme_id: UUID
    row: str
    fault: str


@dataclass(slots=True)
class _Day:
    """What is read of one day, in a few bytes for each posting."""

    closed_at: datetime
    postings: int = 0
    entries: int = 0
    points: int = 0
    marks: bytearray = field(default_factory=bytearray)
    hashed: Any = field(default_factory=hashlib.sha256)

    def take(self, lines: Sequence[Line]) -> None:
        """Add postings; the day's hash is that of its postings' hashes."""
        digests = [hash_of(one) for one in lines]
        self.hashed.update(b"".join(digests))
        self.marks += b"".join([one[:_MARK_BYTES] for one in digests])
        self.postings += len(lines)
        self.entries += sum([text.count(RECORD) for text, _ in lines])
        self.points += sum([points for _, points in lines])


def last_seal(session: Session, programme_id: UUID) -> Seal | None:
    """Return the newest seal of a programme: its chain stands for all that came before."""
    found = session.execute(_seals_of(programme_id).order_by(seal.c.number.desc()).limit(1)).one_or_none()
    return _seal(found) if found else None


def first_unsealed(session: Session, programme_id: UUID) -> datetime | None:
    """Return when the oldest posting that no seal covers was recorded."""
    before = last_seal(session, programme_id)
    since = before.closed_at if before else BEGINNING
    mine = (posting.c.programme_id == programme_id, posting.c.recorded_at >= since)
    found: datetime | None = session.execute(select(func.min(posting.c.recorded_at)).where(*mine)).scalar_one()
    return found


def next_seal(session: Session, programme_id: UUID, until: datetime) -> Seal | None:
    """Read the oldest unsealed day that was over at `until` and make its seal; nothing is written."""
    first = first_unsealed(session, programme_id)
    if first is None or (closed_at := _midnight_after(first)) > until:
        return None
    before = last_seal(session, programme_id)
    day = _Day(closed_at)
    for lines in read_lines(session, programme_id, before.closed_at if before else BEGINNING, closed_at):
        day.take(lines)
    return _sealed(programme_id, day, before)


def write_seal(session: Session, made: Seal) -> None:
    """Close the day. A seal of the same number, made by another process meanwhile, is refused by the key."""
    values = {name: getattr(made, name) for name in _COLUMNS}
    session.execute(insert(seal).values(**values, sealed_at=database_now()))


def list_sealed_programmes(session: Session) -> list[UUID]:
    """List the programmes that have seals."""
    return list(session.execute(select(seal.c.programme_id).distinct().order_by(seal.c.programme_id)).scalars())


class SealCheck:
    """Holds a programme's seals against its postings: `take` them all in the order of their recording, then `finish`."""

    def __init__(self, session: Session, programme_id: UUID) -> None:
        self._session = session
        self._kept = [_seal(row) for row in session.execute(_seals_of(programme_id).order_by(seal.c.number))]
        self._days = [_Day(one.closed_at) for one in self._kept]
        self._waiting = iter(self._days)
        self._day: _Day | None = None
        self._end = b""

    def take(self, lines: Sequence[Line]) -> None:
        """Add postings to their days; what was recorded after the last seal is not looked at."""
        while lines:
            while recorded_at(lines[0]) >= self._end:
                self._day = next(self._waiting, None)
                self._end = written_instant(self._day.closed_at).encode() if self._day else _NEVER
            count = bisect_left(lines, self._end, key=recorded_at)
            if self._day:
                self._day.take(lines[:count])
            lines = lines[count:]

    def finish(self) -> list[BrokenSeal]:
        """For each day that is not what it was, name the first row that shows it."""
        pairs = zip([None, *self._kept], self._kept, self._days, strict=False)
        return [broken for before, kept, day in pairs for broken in self._faults(before, kept, day)]

    def _faults(self, before: Seal | None, kept: Seal, day: _Day) -> Iterator[BrokenSeal]:
        itself = f"seal {kept.number}"
        if kept.number != (before.number if before else 0) + 1:
            yield BrokenSeal(kept.programme_id, itself, "a seal before it is missing")
        elif kept.chain != _chain(kept, before):
            yield BrokenSeal(kept.programme_id, itself, "the seal is not the one that was made")
        if kept.content != day.hashed.hexdigest():
            yield _first_change(self._session, kept, before)
        elif (kept.postings, kept.entries, kept.points) != (day.postings, day.entries, day.points):
            yield BrokenSeal(kept.programme_id, itself, "the seal counts what is not there")


def _first_change(session: Session, kept: Seal, before: Seal | None) -> BrokenSeal:
    """Read a broken day again and hold its postings' marks against those the seal kept."""
    since = before.closed_at if before else BEGINNING
    known = [kept.marks[at : at + _MARK_BYTES] for at in range(0, len(kept.marks), _MARK_BYTES)]
    place = 0
    with closing(read_lines(session, kept.programme_id, since, kept.closed_at)) as batches:
        for place, line in enumerate(chain.from_iterable(batches), start=1):
            mark = hash_of(line)[:_MARK_BYTES]
            if place > len(known) or mark != known[place - 1]:
                fault = (
                    "a posting before it is missing"
                    if mark in known[place:]
                    else "it was changed or added after sealing"
                )
                return BrokenSeal(kept.programme_id, posting_of(line), f"{fault} ({_named(kept)})")
    return BrokenSeal(kept.programme_id, f"seal {kept.number}", f"its posting {place + 1} is missing ({_named(kept)})")


def _named(kept: Seal) -> str:
    return f"seal {kept.number}, closed {kept.closed_at:%Y-%m-%d}"


def _sealed(programme_id: UUID, day: _Day, before: Seal | None) -> Seal:
    made = Seal(
        programme_id=programme_id,
        number=before.number + 1 if before else 1,
        closed_at=day.closed_at,
        postings=day.postings,
        entries=day.entries,
        points=day.points,
        content=day.hashed.hexdigest(),
        chain="",
        marks=bytes(day.marks),
    )
    return replace(made, chain=_chain(made, before))


def _chain(one: Seal, before: Seal | None) -> str:
    counted = (one.number, written_instant(one.closed_at), one.postings, one.entries, one.points)
    hashed = (one.content, hashlib.sha256(one.marks).hexdigest(), before.chain if before else "")
    return hashlib.sha256("|".join(map(str, (one.programme_id.hex, *counted, *hashed))).encode()).hexdigest()


def _seals_of(programme_id: UUID) -> Select[Any]:
    return select(seal).where(seal.c.programme_id == programme_id)


def _seal(row: Row[Any]) -> Seal:
    return Seal(**{name: getattr(row, name) for name in _COLUMNS})


def _midnight_after(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

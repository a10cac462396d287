"""What caps and budgets have used, counted in memory under lock and written once. Orders and other awards are charged alike.

One policy for all: a limit is used by what its awards give now. What is taken back frees the period it was charged to, so that a
shopper who returns one thing may earn on another; what others were given meanwhile stays theirs.

These rows are locked after orders and accounts; redemptions come after them (`locking`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.programme.limit_uses import (
    Charge,
    Source,
    UseKey,
    find_charges,
    find_uses,
    lock_uses,
    save_charges,
    save_uses,
)
from plugin.rules.capping import Limit, period_name

Rows = Mapping[str, UseKey]
"""The row that counts towards each limit, by the limit's id."""


def rows_of(account: tuple[UUID, UUID], limits: Sequence[Limit], at: datetime, timezone: str) -> Rows:
    """Name the rows that count what an award to this account (programme, account) of this instant uses."""
    programme_id, account_id = account
    return {
        one.limit_id: (
            programme_id,
            account_id if one.is_per_member else programme_id,
            one.limit_id,
            period_name(at, one.period, timezone),
        )
        for one in limits
    }


class Counts:
    """What limits have used and what each source is charged with; whoever rehearses takes no lock and saves nothing."""

    def __init__(self, session: Session, wanted: Mapping[Source, Rows], *, is_rehearsal: bool = False) -> None:
        self._session = session
        self._charges = find_charges(session, wanted)
        rows = {row for mine in wanted.values() for row in mine.values()}
        rows |= {row for source in self._charges for row in self.charged(source)}
        self._uses = find_uses(session, rows) if is_rehearsal else lock_uses(session, rows)
        self._before = dict(self._uses)
        self._changed: set[Source] = set()

    def charged(self, source: Source) -> dict[UseKey, int]:
        """What a source is charged with, by row."""
        charges = self._charges.get(source, ())
        return {(source[0], one.subject_id, one.limit_id, one.period): one.points for one in charges}

    def rooms(self, source: Source, rows: Rows, limits: Iterable[Limit]) -> dict[str, int]:
        """Say how much each limit has for a source: what nobody else uses, and at least what the source uses already."""
        mine = self.charged(source)
        used = {limit_id: (self._uses[row], mine.get(row, 0)) for limit_id, row in rows.items()}
        return {
            one.limit_id: max(one.points - used[one.limit_id][0] + used[one.limit_id][1], used[one.limit_id][1], 0)
            for one in limits
        }

    def charge(self, source: Source, rows: Rows, points: Iterable[tuple[str, int]]) -> None:
        """Let this be what a source is charged with, instead of what it was."""
        before = self.charged(source)
        fresh = {rows[limit_id]: charged for limit_id, charged in points if charged > 0}
        if fresh == before:
            return
        for row in before.keys() | fresh.keys():
            self._uses[row] += fresh.get(row, 0) - before.get(row, 0)
        self._charges[source] = [Charge(row[2], row[1], row[3], charged) for row, charged in fresh.items()]
        self._changed.add(source)

    def save(self) -> None:
        """Write what changed."""
        save_uses(self._session, {row: used for row, used in self._uses.items() if used != self._before[row]})
        save_charges(self._session, {source: self._charges[source] for source in self._changed})

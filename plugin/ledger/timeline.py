"""The dated facts of an account, in the order in which they happened, whenever we came to know of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LotKey = Hashable


@dataclass(frozen=True, slots=True)
class Grant:
    """Points given at an instant, under terms fixed then. `rolling` is how long any activity keeps them alive, if it does.

    `rolling_months`: it does so through the end of the n-th month after its own. `earned_at` is given where the points are older than
    the gift: those another app owed until today.
    """

    at: datetime
    key: LotKey
    points: int
    matures_at: datetime
    expires_at: datetime | None = None
    rolling: timedelta | None = None
    is_activity: bool = False
    earned_at: datetime | None = None
    rolling_zone: str | None = None
    rolling_months: int | None = None


@dataclass(frozen=True, slots=True)
class ClawBack:
    """Points that what `key` names no longer earns; where `is_forgiven`, what is spent of them is written off, not owed."""

    at: datetime
    key: LotKey
    points: int
    is_forgiven: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """Points taken by hand, from whatever is available; the rest is owed."""

    at: datetime
    key: LotKey
    points: int


@dataclass(frozen=True, slots=True)
class Forgiven:
    """Debt written off by hand, as far as there is any."""

    at: datetime
    key: LotKey
    points: int


@dataclass(frozen=True, slots=True)
class Held:
    """Points set aside for a redemption."""

    at: datetime
    key: LotKey
    points: int
    is_activity: bool = True


@dataclass(frozen=True, slots=True)
class Captured:
    """The redemption's points are spent."""

    at: datetime
    key: LotKey


@dataclass(frozen=True, slots=True)
class Released:
    """The redemption's held points come back to where they were."""

    at: datetime
    key: LotKey


@dataclass(frozen=True, slots=True)
class Returned:
    """The redemption's spent points come back to where they were."""

    at: datetime
    key: LotKey


@dataclass(frozen=True, slots=True)
class Charged:
    """An order used the redemption's code although its points had come back: they are spent again, or owed, from that instant on."""

    at: datetime
    key: LotKey
    points: int


@dataclass(frozen=True, slots=True)
class Extended:
    """A lot (or, with key None, every lot there is at that instant) got another last instant, never an earlier one; None is for ever.

    `is_grace`: expiry was switched on; lots that would have lasted for ever, and only they, end then.
    """

    at: datetime
    key: LotKey | None
    expires_at: datetime | None
    is_restoring: bool = False
    is_grace: bool = False

    def end_of(self, present: datetime | None) -> datetime | None:
        """Say when a lot ends after this that ended at `present` before."""
        if self.is_grace:
            return self.expires_at if present is None else present
        return None if present is None or self.expires_at is None else max(present, self.expires_at)


@dataclass(frozen=True, slots=True)
class Kept:
    """From `at` until just before `until` points that have not ended do not end before `expires_at`. None is for ever."""

    at: datetime
    until: datetime | None
    expires_at: datetime | None
    key: LotKey | None = None

    def holds(self, at: datetime) -> bool:
        """Whether points given at an instant are kept."""
        return self.at <= at and (self.until is None or at < self.until)

    def end_of(self, present: datetime | None) -> datetime | None:
        """Say when a lot ends after this that ended at `present` before."""
        return None if present is None or self.expires_at is None else max(present, self.expires_at)


Dated = Grant | ClawBack | Taken | Forgiven | Held | Captured | Released | Returned | Charged | Extended | Kept
_SEQUENCE = {
    kind: place
    for place, kind in enumerate(
        (Extended, Kept, Grant, ClawBack, Taken, Forgiven, Held, Captured, Released, Returned, Charged)
    )
}


def told_in_order(facts: Iterable[Dated]) -> list[Dated]:
    """Put facts in the order in which they are told: by date, then by kind, then by key.

    A grace says something of all lots; what was said of one of them at the same instant outweighs it.
    """
    return sorted(facts, key=lambda fact: (fact.at, _SEQUENCE[type(fact)], fact.key is not None, str(fact.key)))

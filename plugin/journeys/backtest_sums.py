"""What a back-test adds up: by month, by reason, by how members fare. Small however many orders there were, and fit to be put together."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from plugin.rules.exact import Exact

TOP = 5
"""So many winners and losers are named."""

Mover = tuple[int, str, int, int]
"""A member's difference, who it is, points under the other document, points under the draft."""


@dataclass(slots=True)
class MonthSum:
    """One month, by the programme's clocks: what was placed in it and gave, and which points matured and ran out in it.

    Spend is exact, in millionths of a major unit, so that it does not matter in which sequence it is added up.
    """

    orders: int = 0
    earning: int = 0
    points: int = 0
    spend_micros: Exact = 0
    matured: int = 0
    expired: int = 0

    def add(self, other: MonthSum) -> None:
        """Add another part of the same month."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True)
class DocumentSums:
    """What one document gives. Months are counted from the year 0; `unknown` orders asked for products of which nothing is known.

    `moves` counts members by month, tier before and tier after; `asked` counts what is asked of limits that all members share, by limit
    and period.
    """

    months: dict[int, MonthSum] = field(default_factory=dict)
    nothing: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    moves: Counter[tuple[int, str | None, str | None]] = field(default_factory=Counter)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def month(self, number: int) -> MonthSum:
        """Find or begin a month."""
        if (found := self.months.get(number)) is None:
            found = self.months[number] = MonthSum()
        return found

    def add(self, other: DocumentSums) -> None:
        """Add what it gives to others."""
        for number, one in other.months.items():
            self.month(number).add(one)
        self.nothing.update(other.nothing)
        self.unknown += other.unknown
        self.moves.update(other.moves)
        self.asked.update(other.asked)


@dataclass(slots=True)
class MemberSums:
    """How members fare under the draft beside the other document. `by_size` counts them by the digits of what they gain or lose."""

    more: int = 0
    less: int = 0
    same: int = 0
    by_size: Counter[int] = field(default_factory=Counter)
    winners: list[Mover] = field(default_factory=list)
    losers: list[Mover] = field(default_factory=list)

    def note(self, who: str, against: int, draft: int) -> None:
        """Count a member who has so many points under each."""
        difference = draft - against
        if not difference:
            self.same += 1
            return
        size = len(str(abs(difference)))
        self.by_size[size if difference > 0 else -size] += 1
        mover = (difference, who, against, draft)
        if difference > 0:
            self.more += 1
            self._keep(self.winners, mover, -1)
        else:
            self.less += 1
            self._keep(self.losers, mover, 1)

    def add(self, other: MemberSums) -> None:
        """Add other members."""
        self.more, self.less, self.same = self.more + other.more, self.less + other.less, self.same + other.same
        self.by_size.update(other.by_size)
        self.winners = heapq.nsmallest(TOP, self.winners + other.winners, key=lambda one: (-one[0], one[1]))
        self.losers = heapq.nsmallest(TOP, self.losers + other.losers, key=lambda one: (one[0], one[1]))

    @staticmethod
    def _keep(movers: list[Mover], mover: Mover, sign: int) -> None:
        """Keep the few that differ most; of equals those whose name comes first, in whatever sequence they came."""
        movers.append(mover)
        movers.sort(key=lambda one: (sign * one[0], one[1]))
        del movers[TOP:]


@dataclass(slots=True)
class Sums:
    """A back-test, or a part of one: orders replayed, members, what the draft gives, and what the other document gives."""

    orders: int = 0
    members: int = 0
    draft: DocumentSums = field(default_factory=DocumentSums)
    against: DocumentSums | None = None
    fare: MemberSums = field(default_factory=MemberSums)


def put_together(parts: Iterable[Sums]) -> Sums:
    """Add up the parts of a back-test; their sequence does not matter."""
    whole = Sums()
    for part in parts:
        whole.orders += part.orders
        whole.members += part.members
        whole.draft.add(part.draft)
        if part.against is not None:
            whole.against = whole.against or DocumentSums()
            whole.against.add(part.against)
        whole.fare.add(part.fare)
    return whole

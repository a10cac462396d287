"""A member's state under a document, worked out order by order as they were placed: what each order's context would have held.

For who asks what a document would have given: crediting freezes the same from what is stored. Only orders are told here, so actions,
friends and points given by hand lift nobody. What all members share, budgets and caps over everybody, is not one member's to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from plugin.days import day_of
from plugin.facts import CapLeft, Context, Holding, SpendBefore
from plugin.rules.asking import Asks as OrderAsks
from plugin.rules.asking import asks_of, period_of
from plugin.rules.capping import Limit, has_limits, limits_of, period_name
from plugin.rules.evaluate import Weighed
from plugin.rules.exact import MICROS, in_micros
from plugin.rules.measuring import Fact, Past
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.tiers import Start, told_holdings

Uses = dict[tuple[str, str], int]
"""Points charged, by limit and by the name of its period."""
Move = tuple[datetime, str | None, str | None]
"""When a member changed tiers, from which and to which."""
_ASKS_NOTHING = OrderAsks(
    order_number=False, goals=(), customer_tags=False, subscription=False, payments=False, clock=False
)


@dataclass(frozen=True, slots=True)
class Asks:
    """What a document wants to know of a member's past; most want nothing, and cost nothing then."""

    tiers: bool
    limits: tuple[Limit, ...]
    order: OrderAsks

    @classmethod
    def of(cls, document: ProgrammeDocument) -> Asks:
        """Look the document through once."""
        limits = limits_of(document) if has_limits(document) else ()
        return cls(document.tiers is not None, limits, asks_of(document))

    def __bool__(self) -> bool:
        return self.tiers or bool(self.limits) or self.order != _ASKS_NOTHING


@dataclass(slots=True)
class Course:
    """One member under one document. Ask `context_of` an order, evaluate it, `note` what it gave; orders come as they were placed.

    `uses` are those of the account, which members may share.
    """

    document: ProgrammeDocument
    asks: Asks
    timezone: str
    uses: Uses
    _counted: list[tuple[date, int]] = field(default_factory=list)
    _news: list[Fact] = field(default_factory=list)
    _past: Past | None = None
    _held: Holding | None = None
    _at: datetime | None = None

    def context_of(self, frozen: Context, placed_at: datetime) -> tuple[Context, list[Move]]:
        """Return the context the order would have had, and how the member moved between tiers before it."""
        moves = self.move_on(placed_at) if self.asks.tiers else []
        held = self._held.tier if self._held else None
        context = replace(
            frozen,
            tier=held,
            order_number=len(self._counted) + 1 if self.asks.order.history else None,
            spend_before=self._spend_before(placed_at),
            caps_left=tuple(self._left(placed_at)),
            timezone=self.timezone if self.asks.order.clock else None,
        )
        return context, moves

    def note(self, placed_at: datetime, given: Weighed, *, counts: bool = True) -> None:
        """Take in what an order gave; `counts` is whether it is numbered."""
        spend_micros = int(in_micros(given.eligible_spend)) if given.eligible_spend else 0
        if counts and self.asks.order.history:
            self._counted.append((day_of(placed_at, self.timezone), spend_micros))
        if self.asks.tiers and spend_micros:
            self._news.append(Fact(placed_at, spend_micros, given.points, orders=1))
        if given.charges:
            periods = {one.limit_id: one.period for one in self.asks.limits}
            for limit_id, points in given.charges:
                key = limit_id, period_name(placed_at, periods[limit_id], self.timezone)
                self.uses[key] = self.uses.get(key, 0) + points

    def move_on(self, through: datetime) -> list[Move]:
        """Let time pass until just before an instant, and tell how the member moved between tiers."""
        tiers = self.document.tiers
        if tiers is None:
            return []
        first = self._at or through
        told = told_holdings(tiers, self._past_until(through, first), Start(first, self._held), through)
        before = [self._held] if self._held else []
        self._held, self._at = told[-1], through
        return list(_moves([*before, *told]))

    def is_before(self, at: datetime) -> bool:
        """Whether the member has been told of up to an earlier instant."""
        return self._at is None or self._at < at

    def _past_until(self, through: datetime, first: datetime) -> Past:
        """What the member did before an instant; who did nothing yet is taken to join at the first one."""
        if self._past is None:
            if not self._news:
                return Past.of((), first, self.timezone)
            self._past = Past.of((), self._news[0].at, self.timezone)
        while self._news and self._news[0].at < through:
            self._past.add(self._news.pop(0))
        return self._past

    def _spend_before(self, placed_at: datetime) -> tuple[SpendBefore, ...]:
        if not self.asks.order.goals:
            return ()
        day, told = day_of(placed_at, self.timezone), []
        for rule_id, period in self.asks.order.goals:
            same = (micros for at, micros in self._counted if period_of(at, period) == period_of(day, period))
            told.append(SpendBefore(rule_id, Decimal(sum(same)) / MICROS))
        return tuple(told)

    def _left(self, placed_at: datetime) -> Iterator[CapLeft]:
        for limit in self.asks.limits:
            if limit.is_per_member:
                used = self.uses.get((limit.limit_id, period_name(placed_at, limit.period, self.timezone)), 0)
                yield CapLeft(limit.limit_id, max(limit.points - used, 0))


def _moves(held: list[Holding]) -> Iterator[Move]:
    for one, following in pairwise(held):
        if one.tier != following.tier:
            yield following.since, one.tier, following.tier
